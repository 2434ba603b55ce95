"""Fetching the pictures, videos and files of received messages.

A robot's lie encrypted at a signed address for 5 minutes (WeCom docs 100719), an app's under a media_id for 3 days
(docs 90254); both read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.http import parse_options_header

from bot.channels.wecom.client import Client
from bot.channels.wecom.crypto import decrypt_media, read_key
from bot.channels.wecom.doors import AppDoor, RobotDoor
from bot.channels.wecom.transport import Reply
from bot.errors import Failure, RequestError, SendError
from bot.messages import Attachment

_LIMIT = 20 * 1024 * 1024
_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Media:
    """A fetched file. filename and content_type are what the platform says: a hint, not to be trusted."""

    data: bytes
    filename: str = ""
    content_type: str = ""


class Fetcher:
    """Fetches attachments for doors (by label: "app/office", "robot/duban").

    hosts: where a robot's files may lie ("*.qq.com" is every host below qq.com, other entries are exact).
    https_only False admits http and other ports, for the stand-in. limit: bytes of one file.
    """

    def __init__(
        self,
        client: Client,
        doors: Mapping[str, AppDoor | RobotDoor],
        hosts: Sequence[str],
        *,
        limit: int = _LIMIT,
        https_only: bool = True,
    ) -> None:
        self._client = client
        self._doors = doors
        self._hosts = tuple(host.lower() for host in hosts)
        self._limit = limit
        self._https_only = https_only

    def __call__(self, door: str, attachment: Attachment) -> bytes:
        """Return the bytes of attachment (see fetch)."""
        return self.fetch(door, attachment).data

    def fetch(self, door: str, attachment: Attachment) -> Media:
        """Return attachment of a message that came by door. Raises SendError: BUSY may succeed later, others never."""
        match self._doors.get(door):
            case RobotDoor() as robot:
                return self._from_robot(robot, attachment.url)
            case AppDoor() as app if attachment.media_id:
                reply = self._client.download(app, attachment.media_id, self._limit)
                return Media(reply.data, _filename(reply), _content_type(reply))
        raise SendError(Failure.REJECTED, hint="an attachment that this door cannot have")

    def _from_robot(self, door: RobotDoor, url: str) -> Media:
        if not self.is_allowed(url):
            raise SendError(Failure.REJECTED, hint="the address is not one of the platform's media hosts")
        reply = self._client.fetch(url, self._limit + 32)
        try:
            data = decrypt_media(reply.data, read_key(door.aes_key))
        except RequestError as error:
            reason = error.reason
        else:
            return Media(data, _filename(reply), _content_type(reply))
        raise SendError(Failure.REJECTED, hint=f"the file cannot be decrypted: {reason}")

    def is_allowed(self, url: str) -> bool:
        """Whether url may be fetched: an address of the allowed hosts, without user part, on the standard port."""
        if any(char <= " " or char in "\\\x7f" for char in url):
            return False
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if "@" in parts.netloc or not host.isascii():
            return False
        usual = parts.scheme == "https" and port in (None, 443)
        if not (usual or (not self._https_only and parts.scheme in ("http", "https"))):
            return False
        return any(host == entry or (entry[:2] == "*." and host.endswith(entry[1:])) for entry in self._hosts)


def _filename(reply: Reply) -> str:
    """Return the last part of the name in Content-Disposition (practice: a robot's file has its name only there)."""
    _, options = parse_options_header(reply.headers.get("Content-Disposition", ""))
    name = options.get("filename", "").replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable()).strip(". ")[-_NAME_LENGTH:]


def _content_type(reply: Reply) -> str:
    return parse_options_header(reply.headers.get("Content-Type", ""))[0]
