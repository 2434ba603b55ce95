"""Callback URLs as Flask routes, for whatever serves the application by WSGI."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from bot.callback import Call, Receiver, Reply
from bot.channel import STORE_SECONDS
from bot.errors import RequestError


def routes(
    name: str, prefix: str, limit: int, *, check: Callable[[str], Receiver], receive: Callable[[str], Receiver]
) -> Blueprint:
    """Return the routes GET and POST prefix/<door>; check and receive give, by the door's name, who takes either.

    limit: bytes of a body.
    """
    blueprint = Blueprint(name, __name__, url_prefix=prefix)
    blueprint.add_url_rule("/<door>", "check", lambda door: _response(check(door)(_call(limit))), methods=["GET"])
    blueprint.add_url_rule("/<door>", "receive", lambda door: _response(receive(door)(_call(limit))), methods=["POST"])
    return blueprint


def _call(limit: int) -> Call:
    def read_body() -> bytes:
        request.max_content_length = limit
        if (request.content_length or 0) > limit:
            raise RequestError("too_large", 413)
        return request.get_data(cache=False)

    return Call(request.args, read_body)


def _response(reply: Reply) -> Response:
    """Return the answer, when what it waits for is stored."""
    if reply.stored is not None:
        try:
            reply.stored.result(STORE_SECONDS)
        except Exception:  # said by who stores
            return Response(status=503)
    return Response(reply.body, reply.status, content_type=reply.content_type)
