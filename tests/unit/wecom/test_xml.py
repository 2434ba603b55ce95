"""Reading XML that strangers send, and rendering an envelope."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bot.channels.wecom import xml
from bot.errors import RequestError


def test_split_cdata_is_joined_and_spaces_are_kept() -> None:
    data = b"<xml><A><![CDATA[ a]]]]><![CDATA[>b\n]]></A><B/></xml>"

    assert xml.parse(data) == {"A": " a]]>b\n", "B": ""}


def test_a_repeated_element_becomes_a_list() -> None:
    assert xml.parse(b"<xml><A>1</A><A>2</A><A>3</A></xml>") == {"A": ["1", "2", "3"]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<xml>",
        b"<other><A/></other>",
        b"<xml>text</xml>",
        b"<!DOCTYPE xml><xml><A>1</A></xml>",
        b'<!DOCTYPE xml [<!ENTITY e "x">]><xml><A>&e;</A></xml>',
        b"<xml><A>&undefined;</A></xml>",
        b"<xml>" + b"<a>" * 40 + b"</a>" * 40 + b"</xml>",
        b"<xml>" + b"<a/>" * 6000 + b"</xml>",
        b"<xml><A>\xff</A></xml>",
        '<?xml version="1.0" encoding="utf-16"?><xml><A>1</A></xml>'.encode("utf-16"),
    ],
)
def test_what_is_no_plain_wecom_xml_is_refused(data: bytes) -> None:
    with pytest.raises(RequestError):
        xml.parse(data)


def test_words_about_a_doctype_are_no_doctype() -> None:
    assert xml.parse(b"<xml><A><![CDATA[<!DOCTYPE html>]]></A></xml>") == {"A": "<!DOCTYPE html>"}


def test_an_envelope_with_two_ciphertexts_is_refused() -> None:
    with pytest.raises(RequestError, match="envelope"):
        xml.find_encrypted(b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>")


def test_a_nonce_cannot_break_out_of_an_envelope() -> None:
    root = ElementTree.fromstring(xml.render_envelope("e", "s", "1", "n]]></Nonce><Evil/>"))  # noqa: S314 - our own

    assert [child.tag for child in root] == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
    assert root.findtext("Nonce") == "n]]></Nonce><Evil/>"
