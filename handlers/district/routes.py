"""绑定本群: a section head or clerk says in a group which one it is, then gives its push address in private."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import UserError
from bot.messages import Kind, Outgoing, Text, ToChat
from bot.people import Chat
from bot.router import Context, Reading, Routes
from handlers.district import binding, rules, texts

routes = Routes("district")

_BIND = re.compile(
    r"(?:@\S+\s*)?(?:请|麻烦|帮我|帮忙|我要|重新)*(?:绑定(?:一下)?(?:本群|这个群|此群|群)|(?:本群|这个群|此群)绑定)"
    r"(?:为|成|是|叫|到)?[\s:\uff1a,\uff0c]*(?P<name>[^\n]{0,60})"
)
_LONGEST = 200
_AROUND = " “”\"'。.!\uff01"


@dataclass(frozen=True, slots=True)
class Bind:
    """Somebody asks to bind this group under a name, which may be empty."""

    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """A pasted push key. chat_id is the group it was asked for, None if it was not; it must never be shown."""

    key: str
    chat_id: str | None

    def __repr__(self) -> str:
        return f"Address(chat_id={self.chat_id!r})"


def read_bind(reading: Reading) -> Bind | None:
    """Recognise 绑定本群 <名称> of a known person."""
    if reading.sender is None or reading.message.kind is not Kind.TEXT:
        return None
    said = reading.message.text.strip()
    found = _BIND.fullmatch(said) if len(said) <= _LONGEST else None
    return Bind(found["name"].strip(_AROUND)) if found else None


def read_address(reading: Reading) -> Address | None:
    """Recognise a push address in private: any address, a bare key only from somebody who was asked for one."""
    message = reading.message
    if reading.sender is None or message.chat or message.kind not in (Kind.TEXT, Kind.LINK):
        return None
    key = rules.pasted_key(message.detail.get("url", "") or message.text)
    if key is None:
        return None
    chat_id = binding.find_request(reading.session, reading.sender.id, reading.now)
    return Address(key, chat_id) if chat_id or rules.holds_address(message.text) else None


def read_leak(reading: Reading) -> bool | None:
    """Recognise a push address that was sent into a group."""
    shown = reading.sender is not None and reading.message.chat and rules.holds_address(reading.message.text)
    return True if shown else None


@routes.on(read_leak)
def warn(ctx: Context, _leaked: bool) -> list[Outgoing]:
    """Ask for another address when one was shown to a group."""
    return [ctx.reply(texts.ADDRESS_IN_GROUP)]


@routes.on(read_bind)
def bind(ctx: Context, said: Bind) -> list[Outgoing]:
    """Note which group this is and ask in private for its push address."""
    if not rules.may_bind_some(ctx.sender):
        raise UserError(texts.MAY_NOT)
    if not ctx.in_group:
        raise UserError(texts.ONLY_IN_GROUP)
    chat = _the_chat(ctx, said.name)
    if not rules.may_bind(ctx.sender, chat, ctx.directory):
        raise UserError(texts.may_not_bind(chat.name))
    done = binding.bind_chat(ctx.session, chat.id, ctx.message.chat)
    binding.ask_address(ctx.session, ctx.sender.id, chat.id, ctx.now)
    freed = ctx.directory.chats[done.freed].name if done.freed else None
    return [
        ctx.reply(texts.bound(chat.name, freed, has_address=done.has_address)),
        ctx.tell(ctx.sender.id, texts.give_address(chat.name, has_address=done.has_address), "bind.ask"),
    ]


def _the_chat(ctx: Context, name: str) -> Chat:
    """Return the one group that is meant. Raises UserError with a question otherwise."""
    if not name:
        known = ctx.directory.find_robot_chat(ctx.message.chat)
        if known is None:
            raise UserError(texts.WHICH_GROUP)
        return known
    found = rules.find_chats(ctx.directory, name)
    match found.chats:
        case ():
            raise UserError(texts.UNKNOWN_GROUP)
        case (chat,) if found.is_sure:
            return chat
        case (chat,):
            raise UserError(texts.did_you_mean(chat.name))
        case chats:
            raise UserError(texts.which([chat.name for chat in chats]))


@routes.on(read_address)
def take_address(ctx: Context, pasted: Address) -> list[Outgoing]:
    """Seal a group's push address and test it with one message into the group."""
    chat = ctx.directory.chats.get(pasted.chat_id or "")
    if chat is None:
        raise UserError(texts.NO_REQUEST)
    if not rules.may_bind(ctx.sender, chat, ctx.directory):
        raise UserError(texts.MAY_NOT)
    binding.store_address(ctx.session, ctx.seal, chat.id, pasted.key)
    test = Outgoing(key=f"bind/{ctx.uid}", to=ToChat(chat.id), body=Text(texts.TEST), purpose="bind.test")
    return [test, ctx.reply(texts.stored(chat.name))]
