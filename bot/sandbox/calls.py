"""What the handlers of the API share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.entities import ApiError, App, Call, Json

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

OK: Json = {"errcode": 0, "errmsg": "ok"}


def app_of(platform: Platform, call: Call) -> App:
    """Return the app whose token the call carries. Raises ApiError 41001, 40014 or 42001."""
    return platform.apps[platform.tokens.owner(call.args.get("access_token", ""), call.at)]


def sending_app(platform: Platform, call: Call) -> App:
    """Return the app of the token if the body names it too. Raises ApiError 40056 otherwise."""
    app = app_of(platform, call)
    if str(call.body.get("agentid", "")) != str(app.agent_id):
        raise ApiError(40056, "invalid agentid")
    return app
