"""create_app(): the channel webhooks and the health pages in one Flask application."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

MAX_BODY = 1024 * 1024
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def create_app(blueprints: Iterable[Blueprint]) -> Flask:
    """Return the application with the given blueprints; errors are answered without detail."""
    app = Flask("duban", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _plain)
    app.after_request(_headers)
    return app


def _plain(error: HTTPException) -> ResponseReturnValue:
    return Response(status=error.code or 500)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
