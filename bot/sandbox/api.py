"""The platform's HTTP API on its real paths: the part a bot calls to get a token, and the frame of every call.

Every call goes the same way: latency, injected faults, the handler under the platform's lock, the call's record.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bot.files import load_json
from bot.sandbox import api_media, api_message, api_robot, kinds
from bot.sandbox.calls import OK, app_of
from bot.sandbox.entities import Answered, ApiError, Call, Json
from bot.sandbox.faults import Fault, Trouble
from bot.sandbox.kf import api_account, api_send, api_sync

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

Handler = Callable[["Platform", Call], Json | Response]


def api_blueprint(platform: Platform) -> Blueprint:
    """Return the API of platform as a blueprint without prefix."""
    blueprint = Blueprint("wecom_platform", __name__)
    routes: dict[str, tuple[str, Handler]] = {
        "/cgi-bin/gettoken": ("GET", gettoken),
        "/cgi-bin/getcallbackip": ("GET", getcallbackip),
        "/cgi-bin/user/get": ("GET", user_get),
        "/cgi-bin/batch/openuserid_to_userid": ("POST", openuserid_to_userid),
        "/cgi-bin/message/send": ("POST", api_message.send),
        "/cgi-bin/message/update_template_card": ("POST", api_message.update_template_card),
        "/cgi-bin/webhook/send": ("POST", api_robot.webhook_send),
        "/cgi-bin/webhook/upload_media": ("POST", api_media.webhook_upload),
        "/cgi-bin/aibot/response": ("POST", api_robot.late_answer),
        "/cgi-bin/media/upload": ("POST", api_media.upload),
        "/cgi-bin/media/get": ("GET", api_media.get),
        "/aibot-media/<media_id>": ("GET", api_media.robot_download),
        "/cgi-bin/kf/sync_msg": ("POST", api_sync.sync_msg),
        "/cgi-bin/kf/send_msg": ("POST", api_send.send_msg),
        "/cgi-bin/kf/send_msg_on_event": ("POST", api_send.send_msg_on_event),
        "/cgi-bin/kf/account/list": ("POST", api_account.account_list),
        "/cgi-bin/kf/add_contact_way": ("POST", api_account.add_contact_way),
        "/cgi-bin/kf/customer/batchget": ("POST", api_account.customer_batchget),
        "/cgi-bin/kf/service_state/get": ("POST", api_account.service_state_get),
        "/cgi-bin/kf/service_state/trans": ("POST", api_account.service_state_trans),
    }
    for path, (method, handler) in routes.items():
        endpoint = path.strip("/").replace("/", "_").replace("-", "_").strip("<>")
        blueprint.add_url_rule(path, endpoint, _view(platform, handler), methods=[method])
    return blueprint


def gettoken(platform: Platform, call: Call) -> Json:
    """Give an app its token."""
    if call.args.get("corpid") != platform.corp_id:
        raise ApiError(40013, "invalid corpid")
    for app in platform.apps.values():
        if call.args.get("corpsecret") == app.secret:
            return OK | {"access_token": platform.tokens.issue(app.name, call.at), "expires_in": 7200}
    raise ApiError(40001, "invalid credential")


def getcallbackip(platform: Platform, call: Call) -> Json:
    """List the addresses that callbacks come from."""
    app_of(platform, call)
    return OK | {"ip_list": ["127.0.0.1"]}


def user_get(platform: Platform, call: Call) -> Json:
    """Return a member. Apps get no telephone number and no picture (doc 90196)."""
    app_of(platform, call)
    member = platform.member(call.args.get("userid", ""))
    if member is None:
        raise ApiError(60111, "userid not found")
    return OK | {
        "userid": member.userid,
        "name": member.name,
        "position": member.title,
        "department": [1],
        "main_department": 1,
        "status": 1,
    }


def openuserid_to_userid(platform: Platform, call: Call) -> Json:
    """Translate opaque ids; ids that are plain already count as invalid (doc 101521)."""
    app_of(platform, call)
    asked = call.body.get("open_userid_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= 1000:
        raise ApiError(40035, "invalid open_userid_list")
    known = {platform.open_userid(member.userid): member.userid for member in platform.members.values()}
    return OK | {
        "userid_list": [{"open_userid": one, "userid": known[one]} for one in asked if one in known],
        "invalid_open_userid_list": [one for one in asked if one not in known],
    }


def _view(platform: Platform, handler: Handler) -> Callable[..., ResponseReturnValue]:
    def view(**path_values: str) -> ResponseReturnValue:
        if platform.latency:
            time.sleep(platform.latency)
        call = _read_call(platform, path_values)
        fault = platform.faults.take(call)
        if fault is not None and fault.trouble not in (Trouble.LOST, Trouble.SLOW):
            return _fail(platform, call, fault)
        answer, errcode = _handle(platform, handler, call)
        if fault is not None:
            platform.faults.wait(fault.seconds)
        lost = fault is not None and fault.trouble is Trouble.LOST
        _record(platform, call, None if lost else errcode)
        return _hang_up() if lost else answer

    return view


def _read_call(platform: Platform, path_values: dict[str, str]) -> Call:
    body = _read_body() if request.method == "POST" and not request.files else {}
    args = {**request.args.to_dict(), **path_values}
    return Call(
        path=request.path,
        at=platform.clock.now(),
        args=args,
        body=body,
        files={name: (part.filename or "", part.mimetype, part.stream.read()) for name, part in request.files.items()},
        key=args.get("key") or args.get("response_code") or "",
        users=tuple(one for one in str(body.get("touser") or "").lower().split("|") if one),
    )


def _read_body() -> Json:
    try:
        body = load_json(request.get_data())
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"__broken__": True}


def _handle(platform: Platform, handler: Handler, call: Call) -> tuple[Response, int]:
    try:
        if "__broken__" in call.body:
            raise ApiError(47001, "data format error")
        kinds.check(call.body)
        with platform.lock:
            answer = handler(platform, call)
    except ApiError as error:
        return _error(error.errcode, error.errmsg), error.errcode
    if isinstance(answer, Response):
        return answer, 0
    return jsonify(answer), 0


def _error(errcode: int, errmsg: str) -> Response:
    return jsonify(errcode=errcode, errmsg=f"{errmsg}, hint: [stand-in], from ip: 127.0.0.1")


def _fail(platform: Platform, call: Call, fault: Fault) -> ResponseReturnValue:
    if fault.trouble is Trouble.ERRCODE:
        _record(platform, call, fault.errcode)
        return _error(fault.errcode, fault.errmsg)
    _record(platform, call, None)
    if fault.trouble is Trouble.HTTP_500:
        return "internal error", 500
    platform.faults.wait(fault.seconds)
    return _hang_up()


def _record(platform: Platform, call: Call, errcode: int | None) -> None:
    with platform.lock:
        platform.calls.append(Answered(call, errcode))


def _hang_up() -> ResponseReturnValue:
    """Close the connection without an answer, or, under a server that hides its socket, after half of one."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    return Response(iter([b"{"]), headers={"Content-Length": "64"})
