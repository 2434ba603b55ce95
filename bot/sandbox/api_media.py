"""The API for files: upload, download, and the encrypted pictures and files that people send to a robot."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response

from bot.sandbox.calls import OK, app_of
from bot.sandbox.entities import ApiError, Call, Json
from bot.sandbox.wire import conceal

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

MIB = 1024 * 1024
LIMITS = {"image": 10 * MIB, "voice": 2 * MIB, "video": 10 * MIB, "file": 20 * MIB}
TOO_BIG = {"image": 40009, "video": 40011}


def upload(platform: Platform, call: Call) -> Json:
    """Take a temporary file (doc 90253)."""
    app_of(platform, call)
    return _keep(platform, call, frozenset(LIMITS))


def webhook_upload(platform: Platform, call: Call) -> Json:
    """Take a file for the group of a webhook key."""
    if call.key not in {chat.webhook_key for chat in platform.chats.values()} - {""}:
        raise ApiError(93000, "invalid webhook url")
    return _keep(platform, call, frozenset({"file", "voice"}))


def get(platform: Platform, call: Call) -> Response:
    """Give a file back; a wrong or expired id is answered with JSON, as the platform does."""
    app_of(platform, call)
    media = platform.media(call.args.get("media_id", ""))
    if media is None or media.robot:
        raise ApiError(40007, "invalid media_id")
    return _download(media.data, media.mimetype, media.name)


def robot_download(platform: Platform, call: Call) -> Response:
    """Give a robot's picture or file: encrypted with its callback key, for five minutes, without any token."""
    media = platform.media(call.args.get("media_id", ""))
    if media is None or not media.robot:
        return Response("not found", status=404)
    return _download(conceal(platform.robots[media.robot], media.data), "application/octet-stream", media.name)


def _keep(platform: Platform, call: Call, kinds: frozenset[str]) -> Json:
    kind = call.args.get("type", "")
    if kind not in kinds:
        raise ApiError(40005, "invalid type")
    if "media" not in call.files:
        raise ApiError(41005, "missing media")
    name, mimetype, data = call.files["media"]
    if len(data) <= 5:
        raise ApiError(40006, "file is too small")
    if len(data) > LIMITS[kind]:
        raise ApiError(TOO_BIG.get(kind, 40006), "file is too big")
    media = platform.keep_media(kind, data, name=name, mimetype=mimetype or "application/octet-stream")
    return OK | {"type": kind, "media_id": media.id, "created_at": str(int(media.created_at.timestamp()))}


def _download(data: bytes, mimetype: str, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, mimetype=mimetype, headers={"Content-Disposition": disposition})
