"""XML as WeCom uses it: safe reading before anything is authenticated, and the envelope of a reply.

expat is used directly instead of xmltodict (which wechatpy calls): the envelope comes from strangers, and xmltodict
limits neither depth nor the number of elements, accepts a DOCTYPE without entities, and trims what people wrote.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from bot.errors import RequestError

_DEPTH = 16
_ELEMENTS = 5_000  # a real callback has some twenty


class _Builder:
    """Collects a document into nested dicts: text of leaves, a list where a name repeats, no attributes."""

    def __init__(self) -> None:
        self.root: tuple[str, Any] | None = None
        self._stack: list[tuple[dict[str, Any], list[str]]] = []
        self._count = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._stack) >= _DEPTH or self._count > _ELEMENTS:
            raise RequestError("xml_size")
        self._stack.append(({}, []))

    def text(self, data: str) -> None:
        self._stack[-1][1].append(data)

    def end(self, name: str) -> None:
        children, texts = self._stack.pop()
        value: Any = children or "".join(texts)
        if not self._stack:
            self.root = (name, value)
            return
        siblings = self._stack[-1][0]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]


def _refuse_doctype(*_arguments: object) -> None:
    raise RequestError("xml_doctype")


def parse(data: bytes) -> dict[str, Any]:
    """Return the children of the root element <xml>: text, dict, or a list of these where a name repeats.

    Raises RequestError for anything else: bad UTF-8, a DOCTYPE (so no entity is ever declared), too deep, too many.
    """
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        raise RequestError("utf8") from exc
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as exc:
        raise RequestError("xml") from exc
    if builder.root is None or builder.root[0] != "xml" or not isinstance(builder.root[1], dict):
        raise RequestError("xml")
    return builder.root[1]


def find_encrypted(body: bytes) -> str:
    """Return the text of <Encrypt> in an envelope; its other elements are unsigned and ignored. Raises RequestError."""
    encrypted = parse(body).get("Encrypt")
    if not isinstance(encrypted, str) or not encrypted:
        raise RequestError("envelope")
    return encrypted


def render_envelope(encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
    """Return the XML envelope of a passive answer (WeCom docs 90968)."""
    return (
        f"<xml><Encrypt>{_cdata(encrypted)}</Encrypt><MsgSignature>{_cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{int(timestamp)}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
