"""Random dialogues from every role through real routes and doors: nobody is shown a planted secret but its owner.

DUBAN_GUARD_DIALOGUES=10000 runs the long version, which takes longer than half an hour.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot import inbox, outbox
from bot.bootstrap.operator import import_file
from bot.channel import Parcel
from bot.clock import SetClock
from bot.db import Base, Database
from bot.dispatch import lane_of
from bot.guard import Judge, Secret, protect, shown
from bot.inbox import InboxRow
from bot.intake import row_of
from bot.messages import Incoming, Kind, Outgoing, Quote, Sender, Text, ToChat, ToPerson
from bot.outbox import OutboxRow
from bot.people import Directory
from bot.router import Context, Router, Routes
from bot.seal import Seal
from bot.steps import deliver, handle
from handlers import CLEARANCE, FEATURES
from handlers.complaints.everyday import everyday
from tests.conftest import DATA, SAMPLE
from tests.dialogues.stage import bound, make_config
from tests.fakes import RecordingChannel, make_house

DIALOGUES = int(os.environ.get("DUBAN_GUARD_DIALOGUES", "200"))
AT_ONCE = 100
DISTRICT = json.loads(SAMPLE.read_text(encoding="utf-8"))
PEOPLE = [person["id"] for person in DISTRICT["people"]]
CHATS = [chat["id"] for chat in DISTRICT["chats"]]
OFFICER = "P-B01-2"  # may read original words, but no identity


@dataclass(frozen=True, slots=True)
class Complainant:
    """One who has filed, from an address of a door; whole: secrets that are shown as soon as they stand anywhere."""

    case: str
    door: str
    address: str
    identity: tuple[str, ...]
    code: str
    story: str

    @property
    def planted(self) -> tuple[tuple[Secret, str], ...]:
        """Every secret, as the oracle looks for it."""
        runs = [self.story[at : at + 14] for at in range(len(self.story) - 13)]
        return (
            *((Secret.IDENTITY, plain(word)) for word in self.identity),
            (Secret.CODE, plain(self.code)),
            *((Secret.TEXT, run) for run in runs),
        )


def plain(text: str) -> str:
    """The oracle's own reading of a text: its letters and digits."""
    return "".join(re.findall(r"\w", unicodedata.normalize("NFKC", text).lower()))


STORIES = (
    "孩子上周在食堂吃完午饭以后肚子疼了整夜老师知道了也没有打电话告诉家里人我们做父母的很着急",
    "校车司机每天早上都超员还边开车边看手机好几回差点撞到路边的护栏跟车老师装作没看见",
    "班里有几个高年级的学生天天堵着我家女儿要钱不给就推她往墙上撞胳膊青了一大片她不敢上学",
    "数学老师周末在自己家客厅里开小班每节收两百块不去的孩子上课就不点名作业也不给批改",
    "我是住校生家长上学期批下来的困难补助一直没有到账问了三回教务处都说再等等没有准话",
)
COMPLAINANTS = [
    Complainant(
        "c1", "kf/parents", "wmJyIDEgAAaa1", ("欧阳小满", "19900001111", "司空见遥"), "7KMP2QX9RTW4C", STORIES[0]
    ),
    Complainant("c2", "kf/parents", "wmJyIDEgAAbb2", ("慕容晚晴", "19900002222"), "3HNRT8WX2KPQM", STORIES[1]),
    Complainant("c3", "kf/parents", "wmJyIDEgAAcc3", ("990101201503070011", "陆无双"), "9QWRT4KMXN2HP", STORIES[2]),
    Complainant("c4", "app/office", "p-s13-2", ("19900004444", "闻人知秋"), "5XKPM7QRN3WTH", STORIES[3]),
    Complainant("c5", "robot/duban", "p-s14-1", ("19900005555", "宇文拓野"), "2NHWK6MTRX8QP", STORIES[4]),
]
SAID = [
    "我要投诉",
    "同意",
    "匿名",
    "确认",
    "取消",
    "查询",
    "催办",
    "撤回",
    "补充",
    "满意",
    "帮助",
    "1",
    "2",
    "T08 70%",
    "食堂完成80%",
]
SAID += [
    "台账",
    "逾期",
    "无变化",
    "更正:应该是75%",
    "作废",
    "柳湾小学食堂有问题",
    "有人受伤了",
    "绑定本群",
    "还没报",
    "@小督 ",
    "收到",
]


def officers_read(session: Session, directory: Directory, case: str, secret: Secret, person_id: str) -> bool:
    """The clearance of the planted cases, beside that of real ones."""
    if case in {each.case for each in COMPLAINANTS}:
        return person_id == OFFICER and secret is Secret.TEXT
    return CLEARANCE(session, directory, case, secret, person_id)


@dataclass
class Scene:
    """The district, all doors, and what was given to them; says thousands of things in few transactions."""

    db: Database
    clock: SetClock
    dice: Random
    extra: tuple[Routes, ...] = ()
    readers: dict[str, tuple[str, str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)
    checked: int = 0

    def __post_init__(self) -> None:
        config = make_config()
        self.seal = Seal(config.vault.keys, config.vault.index_key)
        import_file(self.db, config, bound(DISTRICT), self.clock.now(), write=True)
        names = ("app/office", "robot/duban", "push", "kf/parents")
        self.doors = [RecordingChannel(name, has_aid=True) for name in names]
        house = make_house(self.db, self.seal, self.clock, FEATURES, self.doors)
        self.house = replace(house, router=Router((*self.extra, *FEATURES)), clearance=officers_read)
        self.numbers = itertools.count(1)
        with self.db.transaction() as session:
            common = everyday(session, self.house.directories.get(session), self.house.complaints)
            for each in COMPLAINANTS:
                lane = lane_of(self.seal, each.door, each.address)
                for secret, words in ((Secret.IDENTITY, each.identity), (Secret.CODE, [each.code])):
                    protect(session, self.seal, each.case, lane, secret, words, common=common)
                protect(session, self.seal, each.case, lane, Secret.TEXT, [each.story], common=common)

    def talk(self, dialogues: int) -> None:
        """Have so many dialogues at once: one to three messages of one person in one place each."""
        rows = [row for _ in range(dialogues) for row in self._dialogue()]
        if rows:
            with self.db.transaction() as session:
                session.execute(insert(InboxRow), rows)
        self.clock.set(self.clock.now() + timedelta(seconds=30))
        self._work()

    def _dialogue(self) -> Iterator[dict[str, object]]:
        dice = self.dice
        writer = dice.choice(COMPLAINANTS) if dice.random() < 0.4 else None
        door = writer.door if writer else dice.choice(["app/office", "app/office", "robot/duban", "kf/parents"])
        sender = writer.address if writer else dice.choice(PEOPLE).lower() if door != "kf/parents" else "wmStranger"
        chat = f"wr-{dice.choice(CHATS).lower()}" if door == "robot/duban" and dice.random() < 0.7 else ""
        for _ in range(dice.choice((1, 1, 2, 3))):
            number = next(self.numbers)
            url = f"https://x/cgi-bin/aibot/response?response_code={number}" if door == "robot/duban" else ""
            self.readers[url] = (chat, sender)
            quote = Quote(Kind.TEXT, self.say()) if dice.random() < 0.3 else None
            text = self.say()
            self.said.setdefault(sender, []).append(plain(text) + plain(quote.text if quote else ""))
            message = Incoming(
                door, f"m{number}", Kind.TEXT, sender, self.clock.now(), chat, text, quote, response_url=url
            )
            yield row_of(self.seal, message, self.clock.now())

    def say(self) -> str:
        """Something that somebody may say: ordinary words, secrets of anybody, what was heard before."""
        dice = self.dice
        pieces = []
        for _ in range(dice.choice((1, 1, 2, 3))):
            whose = dice.choice(COMPLAINANTS)
            start = dice.randrange(len(whose.story) - 14)
            secrets = [*whose.identity, whose.code, whose.story, whose.story[start : start + dice.randrange(14, 30)]]
            kind = dice.random()
            pieces.append(
                dice.choice(SAID)
                if kind < 0.5
                else disguise(dice, dice.choice(secrets))
                if kind < 0.8
                else dice.choice(REPORTS)
                if kind < 0.9 or not self.heard
                else dice.choice(self.heard[-500:])
            )
        return dice.choice(("", "，", "\n")).join(pieces)[:600]

    def _work(self) -> None:
        while handle.handle(self.house, lambda _uid: None):
            pass
        while self._is_due():
            deliver.mark(self.house, [deliver.send(self.house, each) for each in deliver.take(self.house, 50)])

    def _is_due(self) -> bool:
        with self.db.reading() as session:
            due = outbox.next_due_at(session)
        return due is not None and due <= self.clock.now()

    def leaks(self) -> list[tuple[str, str, str]]:
        """Return (door, address, secret) of every payload given to a door that shows a secret to somebody else."""
        found = []
        for door in self.doors:
            for parcel in door.parcels:
                self.checked += 1
                texts = [plain(text) for text in (*shown(parcel.envelope.body), *parcel.envelope.mentions)]
                self.heard += shown(parcel.envelope.body)[:1]
                for each in COMPLAINANTS:
                    for secret, word in each.planted:
                        if any(word in text for text in texts) and not self._may(each, secret, word, door.name, parcel):
                            found.append((door.name, parcel.envelope.address, word))
            door.parcels.clear()
        return found

    def _may(self, each: Complainant, secret: Secret, word: str, door: str, parcel: Parcel) -> bool:
        address = parcel.envelope.address
        chat, reader = self.readers[address] if door == "robot/duban" else ("", address)
        if door == "push" or chat:
            return False
        is_officer = door != "kf/parents" and reader == OFFICER.lower()
        if any(word in text for text in self.said.get(reader, ())):
            return True  # who has said it learns nothing from it: it is read back, and may stand in an own case
        return (door, reader) == (each.door, each.address) or (is_officer and secret is Secret.TEXT)

    def count(self, *, refused: bool) -> int:
        """Return how many rows the guard has stopped, or how many were sent."""
        which = OutboxRow.reason.startswith("guard: ") if refused else OutboxRow.state == "sent"
        with self.db.reading() as session:
            return session.scalar(select(func.count()).select_from(OutboxRow).where(which)) or 0


def disguise(dice: Random, word: str) -> str:
    """Return word as it is, or in full-width forms, or with spaces."""
    return dice.choice((word, word, " ".join(word), "".join(chr(ord(c) + 0xFEE0) if c.isascii() else c for c in word)))


REPORTS = [
    json.loads(line)["text"] for line in (DATA / "progress-examples.jsonl").read_text(encoding="utf-8").splitlines()
]
leaky = Routes("leaky")


@leaky.on(lambda reading: reading.message.text if len(reading.message.text) % 4 == 0 else None)
def spread(ctx: Context, said: str) -> list[Outgoing]:
    """Tell everybody everything, as no route must."""
    dice = Random(ctx.uid)
    whose = dice.choice(COMPLAINANTS)
    secret = dice.choice([*whose.identity, whose.code, whose.story, whose.story[3:20]])
    words = disguise(dice, secret)
    return [
        Outgoing(f"reply/{ctx.uid}", Sender(), Text(f"好的,{words},{said}"[:600])),
        Outgoing(f"push/{ctx.uid}", ToChat(dice.choice(CHATS)), Text(f"通报:{words}")),
        Outgoing(f"tell/{ctx.uid}", ToPerson(dice.choice(PEOPLE)), Text(f"请联系{words}"), is_urgent=True),
    ]


@pytest.fixture
def make_scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    made: list[Scene] = []

    def make(*extra: Routes) -> Scene:
        db = Database(f"sqlite:///{tmp_path / f'duban{len(made)}.db'}")
        Base.metadata.create_all(db.engine)
        made.append(Scene(db, SetClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)), Random(20261123), extra))
        return made[-1]

    yield make
    for scene in made:
        scene.db.dispose()


def test_no_dialogue_shows_anybody_the_secret_of_another(
    make_scene: Callable[..., Scene], measured: Callable[[str, object], None]
) -> None:
    scene = make_scene()

    leaks = run(scene, DIALOGUES)

    measured("payloads of the dialogues", scene.checked)
    measured("refused by the guard", scene.count(refused=True))
    assert leaks == []
    assert scene.checked > DIALOGUES
    with scene.db.reading() as session:
        assert [row.reason for row in inbox.list_failed(session)] == []
        assert list(session.scalars(select(InboxRow.reason).where(InboxRow.attempts > 0))) == []


def test_the_guard_stops_a_route_that_spreads_secrets(
    make_scene: Callable[..., Scene], measured: Callable[[str, object], None]
) -> None:
    scene = make_scene(leaky)

    leaks = run(scene, max(100, DIALOGUES // 5))

    measured("refused by the guard, with a leaky route", scene.count(refused=True))
    assert leaks == []
    assert scene.count(refused=True) > 20
    assert scene.count(refused=False) > 20


def test_without_the_guard_the_same_would_be_seen(
    make_scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Judge, "find_fault", lambda *_: None)
    scene = make_scene(leaky)

    assert len(run(scene, 100)) > 20
    assert scene.count(refused=True) == 0


def run(scene: Scene, dialogues: int) -> list[tuple[str, str, str]]:
    """Have the dialogues in batches; returns every leak."""
    leaks = []
    for _ in range(0, dialogues, AT_ONCE):
        scene.talk(AT_ONCE)
        leaks += scene.leaks()
    scene.talk(0)  # a robot's late answers
    return leaks + scene.leaks()
