"""App callbacks the vectors do not have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channels.wecom.app.wire import parse
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.mark import mark
from bot.errors import RequestError
from bot.messages import Attachment, Kind


def callback(inner: str, *, sender: str = "ZhangWei", time: str = "1767226738") -> bytes:
    """Return a decrypted callback with the given elements."""
    head = f"<ToUserName>ww0</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{time}</CreateTime>"
    return f"<xml>{head}{inner}<AgentID>1000002</AgentID></xml>".encode()


def test_the_sender_is_lower_case_and_the_time_is_utc(door: AppDoor) -> None:
    message = parse(door, callback("<MsgType>text</MsgType><Content>好</Content><MsgId>7</MsgId>"))

    assert (message.door, message.sender, message.text) == ("app/office", "zhangwei", "好")
    assert message.sent_at == datetime(2026, 1, 1, 0, 18, 58, tzinfo=UTC)
    assert message.conversation == "app/office||zhangwei"


@pytest.mark.parametrize(
    ("inner", "attachment"),
    [
        (
            "<MsgType>voice</MsgType><MediaId>m1</MediaId><Format>amr</Format>",
            Attachment(Kind.VOICE, media_id="m1", format="amr"),
        ),
        (
            "<MsgType>video</MsgType><MediaId>m2</MediaId><ThumbMediaId>t</ThumbMediaId>",
            Attachment(Kind.VIDEO, media_id="m2"),
        ),
        ("<MsgType>image</MsgType><PicUrl>u</PicUrl><MediaId>m3</MediaId>", Attachment(Kind.IMAGE, media_id="m3")),
    ],
)
def test_media_carry_their_media_id(door: AppDoor, inner: str, attachment: Attachment) -> None:
    message = parse(door, callback(inner + "<MsgId>1</MsgId>"))

    assert (message.kind, message.attachments) == (attachment.kind, (attachment,))


def test_a_place_and_a_link_keep_their_details(door: AppDoor) -> None:
    place = parse(
        door,
        callback(
            "<MsgType>location</MsgType><Location_X>30.5</Location_X><Location_Y>114.3</Location_Y><Label>一小</Label>"
            "<MsgId>1</MsgId>"
        ),
    )
    link = parse(
        door, callback("<MsgType>link</MsgType><Title>标题</Title><Url>https://a.example</Url><MsgId>2</MsgId>")
    )

    assert (place.kind, place.text, place.detail["latitude"]) == (Kind.LOCATION, "一小", "30.5")
    assert (link.kind, link.text, link.detail["url"]) == (Kind.LINK, "标题", "https://a.example")


def test_a_kind_of_the_future_is_unknown_but_taken(door: AppDoor) -> None:
    message = parse(door, callback("<MsgType>hologram</MsgType><MsgId>9</MsgId>"))

    assert (message.kind, message.detail["msg_type"], message.message_id) == (Kind.UNKNOWN, "hologram", "9")


def test_two_clicks_in_one_second_are_two_messages(door: AppDoor) -> None:
    inner = "<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>ok</EventKey><TaskId>{}</TaskId>"
    first, second = (parse(door, callback(inner.format(task))) for task in ("t1", "t2"))

    assert first.message_id != second.message_id
    assert first.message_id.startswith("zhangwei:1767226738:")


def test_two_changes_of_the_directory_in_one_second_are_two_messages(door: AppDoor) -> None:
    inner = (
        "<MsgType>event</MsgType><Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>{}</UserID>"
    )
    first, second, again = (parse(door, callback(inner.format(user), sender="sys")) for user in ("a", "b", "a"))

    assert first.message_id != second.message_id
    assert first == again
    assert (first.event, first.detail["change_type"], first.detail["user_id"]) == ("change_contact", "update_user", "a")


def test_nested_elements_of_an_event_are_kept_as_json(door: AppDoor) -> None:
    inner = (
        "<MsgType>event</MsgType><Event>scancode_waitmsg</Event><EventKey>k</EventKey>"
        "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>甲</ScanResult></ScanCodeInfo>"
    )

    message = parse(door, callback(inner))

    assert message.detail["scan_code_info"] == '{"ScanType": "qrcode", "ScanResult": "甲"}'


def test_an_event_without_a_time_is_told_apart_by_its_content(door: AppDoor) -> None:
    inner = "<MsgType>event</MsgType><Event>{}</Event>"
    first, second = (parse(door, callback(inner.format(name), time="")) for name in ("view", "click"))

    assert first.message_id != second.message_id


def test_a_very_long_key_still_fits_an_index(door: AppDoor) -> None:
    inner = f"<MsgType>event</MsgType><Event>click</Event><EventKey>{'长' * 500}</EventKey>"

    assert len(parse(door, callback(inner)).message_id) <= 180


def test_words_copied_from_us_lose_the_invisible_mark(door: AppDoor) -> None:
    inner = f"<MsgType>text</MsgType><Content>X01{mark('uid')}</Content><MsgId>1</MsgId>"

    assert parse(door, callback(inner)).text == "X01"


@pytest.mark.parametrize(
    "plain",
    [
        b"<xml><ToUserName>ww0</ToUserName></xml>",
        b"<xml><ToUserName>ww1</ToUserName><MsgType>text</MsgType></xml>",
        b"<xml><ToUserName>ww0</ToUserName><MsgType>text</MsgType><AgentID>7</AgentID></xml>",
    ],
)
def test_a_callback_for_somebody_else_is_refused(door: AppDoor, plain: bytes) -> None:
    with pytest.raises(RequestError):
        parse(door, plain)
