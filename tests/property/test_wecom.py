"""Properties of the WeCom code: nothing gets lost in sealing or cutting, nothing that is not authentic gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from bot.channels.wecom import xml
from bot.channels.wecom.crypto import Crypto, decrypt_media, read_key
from bot.channels.wecom.errcodes import failure_for
from bot.channels.wecom.mark import mark, unmark
from bot.channels.wecom.redact import clean, clean_hint
from bot.errors import RequestError
from bot.messages import dump_incoming, load_incoming
from bot.split import split
from tests.unit.wecom.callbacks import KEY, House

HOUSE = House()
FEW = settings(max_examples=100, deadline=None)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ROBOT_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "msgid": JSON,
        "msgtype": st.sampled_from(["text", "mixed", "voice", "image", "event", "stream", "x"]) | JSON,
        "from": st.fixed_dictionaries({"userid": JSON}) | JSON,
        "chatid": JSON,
        "text": st.fixed_dictionaries({"content": st.text()}) | JSON,
        "mixed": st.fixed_dictionaries({"msg_item": JSON}) | JSON,
        "quote": JSON,
        "event": st.fixed_dictionaries({"eventtype": st.sampled_from(["template_card_event", "feedback_event", "e"])})
        | JSON,
        "create_time": JSON,
        "response_url": JSON,
    },
)
NAMES = st.sampled_from(
    [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "Content",
        "MsgId",
        "AgentID",
        "Event",
        "EventKey",
        "TaskId",
    ]
)
UIDS = st.uuids().map(lambda uid: uid.hex)
# What XML can hold, and (for words) no mention of the robot.
XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff@"))


@FEW
@given(st.binary(max_size=200).map(lambda data: data.hex().encode()) | st.text().map(str.encode), st.text(max_size=20))
def test_what_is_sealed_is_opened_again(message: bytes, receive_id: str) -> None:
    crypto = Crypto("token", KEY, receive_id)
    encrypted = crypto.seal(message)

    assert crypto.open(encrypted, signature=crypto.sign("1", "n", encrypted), timestamp="1", nonce="n") == message


@FEW
@given(st.binary(min_size=1, max_size=300), st.data())
def test_one_changed_byte_is_noticed(message: bytes, data: st.DataObject) -> None:
    crypto = Crypto("token", KEY, "ww0")
    encrypted = crypto.seal(message)
    place = data.draw(st.integers(0, len(encrypted) - 1))
    forged = encrypted[:place] + ("A" if encrypted[place] != "A" else "B") + encrypted[place + 1 :]

    with pytest.raises(RequestError, match="signature"):
        crypto.open(forged, signature=crypto.sign("1", "n", encrypted), timestamp="1", nonce="n")


@FEW
@given(st.text())
def test_signed_garbage_is_refused(encrypted: str) -> None:
    crypto = Crypto("token", KEY, "")
    try:
        signature = crypto.sign("1", "n", encrypted)
    except RequestError:
        return

    with pytest.raises(RequestError):
        crypto.open(encrypted, signature=signature, timestamp="1", nonce="n")


@FEW
@given(st.binary(max_size=500))
def test_media_come_back(data: bytes) -> None:
    key = read_key(KEY)
    sealed = WeChatCipher(key).encrypt(PKCS7Encoder.encode(data))

    assert decrypt_media(sealed, key) == data


@FEW
@given(
    st.sampled_from(["/wecom/app/office", "/wecom/robot/duban"]),
    st.sampled_from(["GET", "POST"]),
    st.dictionaries(st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr", "x"]), st.text(max_size=50)),
    st.binary(max_size=300)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.text(max_size=50).map(lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode()),
)
def test_what_strangers_send_is_never_accepted_and_never_our_fault(
    path: str, method: str, query: dict[str, str], body: bytes
) -> None:
    before = len(HOUSE.intake.messages)
    answer = HOUSE.http.open(path, method=method, query_string=query, data=body)

    assert (answer.status_code // 100, answer.data) == (4, b"")
    assert len(HOUSE.intake.messages) == before


@FEW
@given(ROBOT_FIELDS)
def test_whatever_is_authentic_is_stored_or_refused_but_never_our_fault(fields: dict[str, Any]) -> None:
    before = len(HOUSE.intake.messages)
    answer = HOUSE.to_robot(fields)

    assert answer.status_code in (200, 400)
    for message in HOUSE.intake.messages[before:]:
        assert load_incoming(dump_incoming(message)) == message
        assert message.message_id
        assert "\x00" not in dump_incoming(message).decode().replace("\\u0000", "\x00")


@FEW
@given(st.lists(st.tuples(NAMES, XML_TEXT), max_size=8))
def test_an_apps_fields_never_are_our_fault(fields: list[tuple[str, str]]) -> None:
    inner = "".join(f"<{name}><![CDATA[{text.replace(']]>', '')}]]></{name}>" for name, text in fields)
    answer = HOUSE.to_app(f"<xml>{inner}</xml>".encode())

    assert answer.status_code in (200, 400, 403)


@FEW
@given(WORDS)
def test_words_arrive_as_they_were_written(words: str) -> None:
    house = House()
    content = words.replace("]]>", "]]]]><![CDATA[>")
    house.to_app(f"<xml><MsgType>text</MsgType><MsgId>1</MsgId><Content><![CDATA[{content}]]></Content></xml>".encode())
    house.to_robot({"msgtype": "text", "text": {"content": words}})

    assert [message.text for message in house.intake.messages] == [unmark(words)] * 2


@FEW
@given(st.text(), st.integers(4, 60))
def test_a_cut_text_loses_nothing_and_fits(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert "".join(parts) == text
    assert all(len(part.encode("utf-8", "surrogatepass")) <= limit for part in parts)
    assert all(parts) or parts == [""]


@FEW
@given(st.lists(st.text("一二三ab", min_size=1, max_size=6), min_size=1, max_size=12), st.integers(30, 80))
def test_lines_that_fit_are_never_cut(lines: list[str], limit: int) -> None:
    parts = split("\n".join(lines), limit)

    assert [line for part in parts for line in part.split("\n") if line] == lines


@FEW
@given(st.text() | st.text("\u200b\u200c\u200d a", max_size=40), UIDS, UIDS)
def test_a_mark_tells_parcels_apart_and_comes_off(words: str, first: str, second: str) -> None:
    assert (mark(first) == mark(second)) == (first == second)
    assert unmark(words + mark(first)) == unmark(words)


@FEW
@given(st.text(), st.text("abcdef0123456789", min_size=8, max_size=20))
def test_a_secret_never_survives_cleaning(text: str, secret: str) -> None:
    dirty = f"{text} https://h/x?access_token={secret}&key={secret}&y=1 {secret}"

    assert secret not in clean(dirty, [secret])
    assert clean_hint(dirty, [secret]).isascii()
    assert f"={secret}" not in clean(dirty)


@FEW
@given(st.integers(), st.booleans(), st.integers(1, 5))
def test_every_errcode_has_a_reaction(code: int, idempotent: bool, attempt: int) -> None:
    reaction = failure_for(code, idempotent=idempotent, attempt=attempt)

    assert reaction.means
    assert reaction.retry_after is None or reaction.retry_after > 0


@FEW
@given(st.binary(max_size=200))
def test_any_bytes_as_xml_are_read_or_refused(data: bytes) -> None:
    try:
        xml.parse(data)
    except RequestError:
        return
    assert data.lstrip().startswith((b"<", b"\xef\xbb\xbf"))
