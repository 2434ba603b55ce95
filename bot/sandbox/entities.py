"""The records of the stand-in: who is in the company, which groups exist, and what was said in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

# JSON and XML enter the stand-in as they are; what a field holds is checked where it is read.
Json = dict[str, Any]


class ApiError(Exception):
    """A call is refused: answered with HTTP 200 and this errcode, as the platform does."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        super().__init__(f"{errcode} {errmsg}")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the company. title is shown beside the name on the page."""

    userid: str
    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """A self-built app (自建应用). An empty callback_url means that its callback was never configured."""

    name: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    callback_url: str = ""
    display_name: str = "小督"

    @property
    def door(self) -> str:
        """The name under which its conversations are kept."""
        return f"app/{self.name}"


@dataclass(frozen=True, slots=True)
class Robot:
    """A smart robot (智能机器人) in webhook mode. seals_userids: its creator is no super admin."""

    name: str
    bot_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    callback_url: str = ""
    display_name: str = "小督"
    seals_userids: bool = False

    @property
    def door(self) -> str:
        """The name under which its conversations are kept."""
        return f"robot/{self.name}"


@dataclass(frozen=True, slots=True)
class KfAccount:
    """An account of 微信客服, called with the token of one app. servicers are the members on duty as receptionists."""

    name: str
    app: str
    open_kfid: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    callback_url: str = ""
    display_name: str = "家长之声"
    servicers: tuple[str, ...] = ()

    @property
    def door(self) -> str:
        """The name under which its conversations are kept."""
        return f"kf/{self.name}"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody on personal WeChat (个人微信) who is no member of the company."""

    external_userid: str
    nickname: str


@dataclass(frozen=True, slots=True)
class Chat:
    """A group. It holds the robot and one push webhook; members are user ids."""

    id: str
    robot_chatid: str
    name: str
    members: tuple[str, ...]
    webhook_key: str = field(default="", repr=False)
    push_name: str = "督导通知"

    @property
    def door(self) -> str:
        """The sender name of what comes by the push webhook."""
        return f"push/{self.id}"


class State(StrEnum):
    """How far a message got."""

    SENDING = "sending"  # a person's message, the bot has not acknowledged it yet
    SENT = "sent"
    FAILED = "failed"  # every delivery to the bot failed
    STREAMING = "streaming"  # the bot is still writing
    UPDATED = "updated"  # a card that was replaced
    RECALLED = "recalled"  # taken back by its sender; nothing of it is left to see


@dataclass(slots=True)
class Entry:
    """One message of a conversation.

    chat is a group's id, or "app/office|zhao", "robot/duban|zhao" and "kf/parents|wm1" for a private conversation.
    sender is a user id, a customer's id or a door. card is a template card, or the menu of a msgmenu. revision grows
    with every change anywhere, so "what changed since n" is one comparison. heard says whether a person's message is
    delivered to the bot at all (in groups: only if it is @-ed).
    """

    id: str
    revision: int
    chat: str
    sender: str
    at: datetime
    type: str
    content: str = ""
    card: Json | None = None
    replaced: str = ""  # the caption that took the place of a card's buttons
    quote: str = ""  # the id of the quoted entry
    mentions: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    state: State = State.SENT
    heard: bool = False
    task_id: str = ""  # of the card as it was sent first
    order: int = 0  # the revision with which it was said; later changes do not move it


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file or a picture that somebody sent."""

    id: str
    kind: str
    data: bytes = field(repr=False)
    name: str
    mimetype: str
    created_at: datetime
    robot: str = ""  # delivered by this robot: downloaded encrypted with its key, for five minutes


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as it came in. key is the webhook key or the response code.

    users are the receivers named, in lower case as members are; a customer's id is in body as it was written.
    """

    path: str
    at: datetime
    args: dict[str, str] = field(repr=False)
    body: Json = field(repr=False)
    files: dict[str, tuple[str, str, bytes]] = field(default_factory=dict, repr=False)
    key: str = ""
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call came to: an errcode, or None if the caller got no usable answer."""

    call: Call
    errcode: int | None


def private_key(door: str, userid: str) -> str:
    """Return the key of the private conversation between a member and an app or robot."""
    return f"{door}|{userid.lower()}"


def kf_key(account: KfAccount, external_userid: str) -> str:
    """Return the key of the conversation between a customer and an account; a customer's id has its case."""
    return f"{account.door}|{external_userid}"
