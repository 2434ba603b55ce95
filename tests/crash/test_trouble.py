"""A platform in trouble: limits, errors, lost answers, expired tokens. Every message ends in the right state."""

from __future__ import annotations

from collections import Counter

from bot.messages import Outgoing, Text, ToChat, ToPerson
from bot.sandbox import Platform
from bot.sandbox.entities import Call
from bot.sandbox.faults import Trouble
from tests.crash.conftest import GROUPS
from tests.crash.living import Town, wait_until

PUSH = "/cgi-bin/webhook/send"
SEND = "/cgi-bin/message/send"
TOKEN = "/cgi-bin/gettoken"
EACH = 8


def spread(platform: Platform, path: str, targets: list[str]) -> dict[str, list[str]]:
    """Let each kind of trouble hit the first call to EACH targets of its own (webhook keys or user ids)."""
    kinds = {
        "limit": {"trouble": Trouble.ERRCODE, "errcode": 45009, "errmsg": "api freq out of limit"},
        "busy": {"trouble": Trouble.ERRCODE, "errcode": -1},
        "http 500": {"trouble": Trouble.HTTP_500},
        "no answer": {"trouble": Trouble.HANG, "seconds": 1.0},
        "lost answer": {"trouble": Trouble.LOST},
    }
    hit: dict[str, list[str]] = {}
    for number, (name, how) in enumerate(kinds.items()):
        hit[name] = targets[number * EACH : (number + 1) * EACH]
        for target in hit[name]:
            platform.faults.add(path=path, times=1, when=lambda call, one=target: one in _targets(call), **how)
    return hit


def _targets(call: Call) -> tuple[str, ...]:
    return (call.key, *call.users)


def test_a_bulletin_to_a_hundred_groups_outlives_every_trouble(town: Town) -> None:
    chats = list(town.platform.chats.values())
    assert len(chats) == GROUPS
    hit = spread(town.platform, PUSH, [chat.webhook_key for chat in chats])
    by_key = {chat.webhook_key: chat.id for chat in chats}
    town.put(Outgoing(f"b/{chat.id}", ToChat(chat.id), Text("【通知】请查收"), purpose="bulletin") for chat in chats)
    town.bot.start()
    town.pass_time()

    states = {key.removeprefix("b/"): state for key, state in town.states().items() if key.startswith("b/")}
    doubtful = {by_key[key] for name in ("http 500", "no answer", "lost answer") for key in hit[name]}
    unheard = {by_key[key] for name in ("http 500", "no answer") for key in hit[name]}
    assert {chat for chat, state in states.items() if state == "maybe"} == doubtful
    assert {state for chat, state in states.items() if chat not in doubtful} == {"sent"}
    assert {chat.id: 0 if chat.id in unheard else 1 for chat in chats} == {
        chat.id: len(town.pushes(chat.id)) for chat in chats
    }


def test_messages_to_persons_outlive_every_trouble_and_come_once(town: Town) -> None:
    people = [person["id"] for person in town.house.district["people"]][: 7 * EACH]
    users = [person.lower() for person in people]
    spread(town.platform, SEND, users)
    town.put(Outgoing(f"p/{person}", ToPerson(person), Text("请更新进展"), purpose="bulletin") for person in people)
    town.bot.start()
    wait_until(lambda: town.platform.count_calls(TOKEN), "no token was fetched")
    town.platform.tokens.expire_all()
    town.pass_time()  # each frequency limit makes the whole app wait a minute

    assert {"sent": len(people)} == dict(Counter(town.states().values()))
    assert dict.fromkeys(users, 1) == {user: len(town.answers(user)) for user in users}
    assert town.platform.count_calls(TOKEN) == 2
