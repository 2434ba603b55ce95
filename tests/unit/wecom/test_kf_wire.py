"""Items of sync_msg: every documented kind, and that nothing raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.kf.wire import parse
from bot.messages import Attachment, Incoming, Kind, dump_incoming, load_incoming

DOOR = "kf/parents"
HEAD = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wmABcd_-9", "send_time": 1767226100, "origin": 3}


def said(kind: str, part: Any, **more: Any) -> Incoming | None:
    return parse(DOOR, {**HEAD, "msgtype": kind, kind: part, **more})


def happened(event: dict[str, Any], **more: Any) -> Incoming | None:
    inside = {"open_kfid": "wk1", "external_userid": "wmABcd_-9", **event}
    return parse(
        DOOR, {"msgid": "e1", "send_time": 1767226100, "origin": 4, "msgtype": "event", "event": inside, **more}
    )


def test_a_text_keeps_its_words_and_its_sender_as_spelled() -> None:
    message = said("text", {"content": " 食堂饭菜是凉的 "})

    assert message is not None
    assert (message.door, message.message_id, message.kind) == (DOOR, "m1", Kind.TEXT)
    assert (message.text, message.sender, message.detail) == (" 食堂饭菜是凉的 ", "wmABcd_-9", {})
    assert message.conversation == "kf/parents||wmABcd_-9"
    assert message.sent_at is not None
    assert int(message.sent_at.timestamp()) == 1767226100


def test_a_click_on_a_menu_is_a_text_with_its_id() -> None:
    message = said("text", {"content": "食堂", "menu_id": "food"})

    assert message is not None
    assert (message.kind, message.text, message.detail) == (Kind.TEXT, "食堂", {"menu_id": "food"})


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE])
def test_what_is_attached_is_fetched_later(kind: Kind) -> None:
    message = said(str(kind), {"media_id": "MEDIA"})

    assert message is not None
    assert (message.kind, message.attachments) == (kind, (Attachment(kind, media_id="MEDIA"),))
    without = said(str(kind), {})
    assert without is not None
    assert without.attachments == ()


def test_a_place_and_a_link() -> None:
    place = said("location", {"latitude": 23.1, "longitude": 113, "name": "一小", "address": "学府路"})
    link = said("link", {"title": "通知", "desc": "说明", "url": "https://a.cn", "pic_url": "https://b.cn"})

    assert place is not None
    assert (place.kind, place.text) == (Kind.LOCATION, "一小")
    assert place.detail == {"latitude": "23.1", "longitude": "113", "name": "一小", "address": "学府路"}
    assert link is not None
    assert (link.kind, link.text, link.detail["url"]) == (Kind.LINK, "通知", "https://a.cn")


@pytest.mark.parametrize("kind", ["business_card", "miniprogram", "merged_msg", "channels", "meeting", "note", "new"])
def test_other_kinds_are_unknown_but_not_lost(kind: str) -> None:
    message = said(kind, {"userid": "x"})

    assert message is not None
    assert (message.kind, message.detail) == (Kind.UNKNOWN, {"msg_type": kind})


def test_who_opens_the_chat_brings_scene_and_code() -> None:
    message = happened({"event_type": "enter_session", "scene": "school_03", "scene_param": "S03", "welcome_code": "W"})

    assert message is not None
    assert (message.kind, message.event, message.sender) == (Kind.ENTER, "enter_session", "wmABcd_-9")
    assert message.detail == {"scene": "school_03", "scene_param": "S03", "welcome_code": "W"}


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ({"event_type": "msg_send_fail", "fail_msgid": "u1", "fail_type": 4}, {"fail_msgid": "u1", "fail_type": "4"}),
        ({"event_type": "user_recall_msg", "recall_msgid": "m7"}, {"recall_msgid": "m7"}),
        (
            {"event_type": "session_status_change", "change_type": 3, "msg_code": "C"},
            {"change_type": "3", "msg_code": "C"},
        ),
        ({"event_type": "brand_new"}, {}),
    ],
)
def test_other_events_keep_their_fields(event: dict[str, Any], detail: dict[str, str]) -> None:
    message = happened(event)

    assert message is not None
    assert (message.kind, message.event, message.sender) == (Kind.EVENT, event["event_type"], "wmABcd_-9")
    assert message.detail == detail


def test_an_event_without_origin_counts_and_a_receptionists_words_do_not() -> None:
    recalled = parse(DOOR, {"msgtype": "event", "event": {"event_type": "user_recall_msg", "external_userid": "wmA"}})

    assert recalled is not None
    assert recalled.message_id.startswith("sha256-")
    assert said("text", {"content": "x"}, origin=5, servicer_userid="zhao") is None
    assert said("text", {"content": "x"}, origin=None) is None
    assert happened({"event_type": "enter_session"}, origin=5) is None


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
KINDS = st.sampled_from(["text", "image", "voice", "video", "file", "location", "link", "event", "x", "", None, 3])


@given(VALUES)
def test_garbage_never_raises(item: Any) -> None:
    parse(DOOR, item)


@given(KINDS, st.sampled_from([3, 4, 5, "3", None]), VALUES, VALUES, VALUES)
def test_garbage_in_the_shape_of_an_item_never_raises_and_can_be_stored(
    kind: Any, origin: Any, part: Any, sent: Any, name: Any
) -> None:
    item = {"msgid": name, "external_userid": name, "send_time": sent, "origin": origin, "msgtype": kind}
    message = parse(DOOR, {**item, str(kind): part})

    assert message is None or load_incoming(dump_incoming(message)) == message
    assert message is None or message.message_id
