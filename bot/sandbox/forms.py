"""What the endpoints of the demo page share: reading a JSON body, and refusing politely."""

from __future__ import annotations

import re

from flask import Response, abort, jsonify, request

from bot.files import load_json
from bot.sandbox.entities import Json

LONGEST_TEXT = 4000
# What XML cannot carry: controls but for tabs and breaks, halves of a pair, two that are no characters.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_body() -> Json:
    """Return the JSON object of a write; answers 415 for a form, which another site could send, and 400 for no JSON."""
    if not request.is_json:
        abort(415)
    try:
        body = load_json(request.get_data())
    except ValueError:
        abort(400)
    return body if isinstance(body, dict) else {}


def refuse(reason: str, status: int = 400) -> tuple[Response, int]:
    """Return the refusal that the page shows."""
    return jsonify(error=reason), status


def is_sendable(text: str) -> bool:
    """Whether a client could send the text at all."""
    return not _UNSENDABLE.search(text)
