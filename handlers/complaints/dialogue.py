"""Where a conversation about complaints stands: one sealed dialogue row, renewed with every turn; how it is answered.

Nothing here or in the outbox names the complainant: answers go to an address of a door, not to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import conversation, media
from bot.conversation import LIFE, Dialogue, DialogueRow, key_of
from bot.dispatch import ANSWER_LIFE, POLL_GRACE
from bot.messages import Body, Outgoing, Sender, Text, ToOutsider
from bot.router import Context
from bot.seal import Seal
from bot.shared import lock
from bot.steps.identify import looks_encrypted
from handlers.complaints import slots
from handlers.complaints.slots import Draft, Entry

# A draft is open: what is written belongs to it. Otherwise: something was registered within a day.
INTAKE, AFTER = "complaints.intake", "complaints.after"
TOPICS = (INTAKE, AFTER)
# Words after an alarm belong to it for so long.
ALARM_LIFE = timedelta(hours=24)
_MINUTE = timedelta(minutes=1)
_MOST_FILED = 5


@dataclass(frozen=True, slots=True)
class Filed:
    """A case that was registered in this conversation within a day; messages: the platform's ids of its words.

    alarm_until: until when what is written belongs to it without asking, as ISO time; "" for an ordinary case.
    """

    case: str
    number: str
    messages: tuple[str, ...] = ()
    alarm_until: str = ""

    def is_alarm(self, now: datetime) -> bool:
        """Whether somebody may be in danger and more is to be expected."""
        return bool(self.alarm_until) and datetime.fromisoformat(self.alarm_until) > now


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is remembered. asking: what was asked about the cases offered ("withdraw", "which_add" …).

    recent: when the messages of the last minute came. scene: the unit whose code was scanned. is_late: an earlier
    draft died of its age and nobody was told yet.
    """

    draft: Draft | None = None
    filed: tuple[Filed, ...] = ()
    asking: str = ""
    offered: tuple[tuple[str, str], ...] = ()
    pending: tuple[Entry, ...] = field(default=(), repr=False)
    scene: str = ""
    is_warned: bool = False
    recent: tuple[str, ...] = ()
    calmed_at: str = ""
    is_late: bool = False

    def alarm(self, now: datetime) -> Filed | None:
        """Return the case of an alarm that more is to be expected of."""
        return next((each for each in reversed(self.filed) if each.is_alarm(now)), None)


@dataclass(slots=True)
class Turn:
    """One message being answered: ctx as it came, home the private door by which cases are filed and asked for.

    told collects what others get. held: messages whose media were in no case at its beginning, given: those that got
    one. is_open: the dialogue row is this subject's. is_echo: the answer holds nothing but what the sender has said.
    is_urgent: the answer tells what to do in danger.
    """

    ctx: Context
    home: Context
    state: State
    told: list[Outgoing] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    is_open: bool = False
    is_echo: bool = False
    is_urgent: bool = False

    @property
    def draft(self) -> Draft:
        """The open draft, or an empty one."""
        return self.state.draft or Draft(scene=self.state.scene)

    def change(self, **changes: Any) -> None:
        """Replace parts of the state."""
        self.state = replace(self.state, **changes)


def at_home(ctx: Context) -> Context:
    """Return ctx as if the message had come by the door at which its sender can be written to in private.

    A robot's private chat is none: it is answered, but never written to.
    """
    message = ctx.message
    if not message.door.startswith("robot/"):
        return ctx
    sender = ctx.person.userid if ctx.person else message.sender
    if not ctx.person_door or (ctx.person is None and looks_encrypted(message.door, sender)):
        return replace(ctx, message=replace(message, chat=""))
    return replace(ctx, message=replace(message, door=ctx.person_door, chat="", sender=sender))


def lock_talk(session: Session, seal: Seal, talk: str) -> None:
    """Be the only one who works on what somebody says about complaints, until the transaction ends."""
    lock(session, f"complaints/{seal.blind(talk)}")


def begin(ctx: Context) -> Turn:
    """Return the turn of a message, with the state as it is in this transaction: a group may just have added to it."""
    home = at_home(ctx)
    key = home.message.conversation
    lock_talk(ctx.session, ctx.seal, key)
    found = conversation.find(ctx.session, ctx.seal, key, ctx.now)
    is_open = found is not None and found.topic in TOPICS
    state = load(found.data) if found is not None and is_open else State(is_late=_has_died(ctx, key))
    return Turn(ctx, home, _noted(state, ctx.now), held=files_of(state), is_open=is_open)


def end(turn: Turn, body: Body | str | None) -> list[Outgoing]:
    """Store the state and return the answer and what others get."""
    ctx, state = turn.ctx, turn.state
    key = turn.home.message.conversation
    held = files_of(state)
    # Words that were taken back or called off take their pictures along, and so does what nobody has kept.
    media.drop(ctx.session, {*turn.held, ctx.uid} - held - turn.given)
    if state.draft is None and not state.filed and not state.asking and ctx.person is not None:
        if turn.is_open:
            conversation.close_dialogue(ctx.session, ctx.seal, key)
    else:
        topic = INTAKE if state.draft is not None or state.pending else AFTER
        data = {**dump(state), conversation.MEDIA: sorted(held)}
        conversation.open_dialogue(ctx.session, ctx.seal, key, Dialogue(topic, data), ctx.now, LIFE)
    is_echo = turn.is_echo and not ctx.in_group
    given = [replace(answer(ctx, body), is_echo=is_echo, is_urgent=turn.is_urgent)] if body else []
    return [*given, *turn.told]


def answer(ctx: Context, body: Body | str) -> Outgoing:
    """Answer where the message came from; the row names nobody."""
    message, said = ctx.message, Text(body) if isinstance(body, str) else body
    key = f"reply/{ctx.uid}"
    if message.door.startswith("kf/"):
        return Outgoing(key, Sender(), said)
    if not message.door.startswith("robot/"):
        return Outgoing(key, ToOutsider(message.door, message.sender), said)
    to = ToOutsider(message.door, message.response_url or f"answer:{message.message_id}", bool(message.chat))
    if not message.response_url:
        ends = ctx.now + ANSWER_LIFE
        return Outgoing(key, to, said, not_before=ends, expires_at=ends)
    # First the platform's own poll may fetch it; the response_url is for one late answer.
    return Outgoing(key, to, said, not_before=ctx.now + POLL_GRACE)


def tell_home(turn: Turn, body: Body) -> Outgoing:
    """Write to the sender in private because of what was said in a group."""
    home = turn.home.message
    return Outgoing(f"private/{turn.ctx.uid}", ToOutsider(home.door, home.sender), body, "notice")


def is_over(turn: Turn) -> bool:
    """Whether more came within a minute than a conversation can be answered for."""
    return len(turn.state.recent) > turn.ctx.complaints.messages_per_minute


def may_calm(turn: Turn) -> bool:
    """Whether the calm answer was not given within the last minute; notes that it is given now."""
    calmed = turn.state.calmed_at
    if calmed and turn.ctx.now - datetime.fromisoformat(calmed) < _MINUTE:
        return False
    turn.change(calmed_at=turn.ctx.now.isoformat())
    return True


def remember(turn: Turn, filed: Filed) -> None:
    """Note a registered case; the draft it came from is done."""
    turn.change(draft=None, asking="", offered=(), pending=(), filed=(*turn.state.filed, filed)[-_MOST_FILED:])


def ask(turn: Turn, asking: str, offered: Sequence[tuple[str, str]], pending: Sequence[Entry] = ()) -> None:
    """Note a question about cases, given as (case, number)."""
    turn.change(asking=asking, offered=tuple(offered), pending=tuple(pending))


def settle(turn: Turn) -> None:
    """Note that the question about cases is answered."""
    turn.change(asking="", offered=(), pending=())


def files_of(state: State) -> set[str]:
    """Return the messages whose media belong to words that are in no case yet."""
    return {entry.uid for entry in (*(state.draft or Draft()).entries, *state.pending) if entry.has_file}


def dump(state: State) -> dict[str, Any]:
    """Return the state as JSON values."""
    return asdict(state)


def load(data: Mapping[str, Any]) -> State:
    """Return the state that dump wrote."""
    return State(
        draft=slots.load(data["draft"]) if data["draft"] else None,
        filed=tuple(Filed(**{**each, "messages": tuple(each["messages"])}) for each in data["filed"]),
        asking=data["asking"],
        offered=tuple((case, number) for case, number in data["offered"]),
        pending=tuple(slots.load_entry(each) for each in data["pending"]),
        scene=data["scene"],
        is_warned=data["is_warned"],
        recent=tuple(data["recent"]),
        calmed_at=data["calmed_at"],
        is_late=data["is_late"],
    )


def _noted(state: State, now: datetime) -> State:
    since = (now - _MINUTE).isoformat()
    return replace(state, recent=(*(at for at in state.recent if at > since), now.isoformat())[-201:])


def _has_died(ctx: Context, key: str) -> bool:
    """Whether an unfinished draft is still there, too old to go on with. Later its row is swept and nobody knows."""
    row = ctx.session.get(DialogueRow, key_of(ctx.seal, key))
    return row is not None and row.topic == INTAKE and row.expires_at <= ctx.now
