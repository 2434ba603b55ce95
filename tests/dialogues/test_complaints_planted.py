"""A thousand complaints with planted secrets: the database file, its log, a backup, tables, logs, metrics and pages."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bot.backup import back_up
from bot.clock import SetClock
from bot.db import Base, Database
from bot.web import create_app
from handlers.complaints import numbers, pages
from tests.dialogues.parent import Parent, cases, code_in, numbers_in, settle
from tests.dialogues.stage import Stage

# DUBAN_PLANTED=1000 plants as many on PostgreSQL, where the same takes three times as long.
COMPLAINTS = {"sqlite": 1000, "postgresql": int(os.environ.get("DUBAN_PLANTED", "200"))}
INTAKE, MEMBER = "P-B01-2", "P-S13-2"
# Every planted secret holds one of these, and nothing else of the program does: numbers are longer than what ids made
# of random hex digits hold by chance.
MARKS = ("龘龘龘", "19900000", "990101199001", "暗记暗", "wmPlanted", "靐靐靐")
_MATTERS = ("食堂的饭里吃出虫子", "老师让孩子站了一上午", "强制买教辅每人168元", "校门口总堵着没人管")
_AT_ONCE = 20


@dataclass(frozen=True)
class Planted:
    """What one complainant says, all of it made up."""

    number: int

    @property
    def opening(self) -> str:
        """Return the complaint in one message, in one of several shapes."""
        who = f"我叫龘龘龘{self.number}明,电话1990000{self.number:04d},身份证990101199001{self.number:04d}12"
        what = _MATTERS[self.number % len(_MATTERS)]
        return (
            f"上周五,一小{what},暗记暗{self.number}号墙上写着。{who},孩子靐靐靐{self.number}上三年级,住暗记暗小区{self.number}栋。"
            "希望学校当面道歉"
        )


def file_all(stage: Stage, parents: Sequence[tuple[Parent, Planted]]) -> dict[str, str]:
    """Let several parents complain at once, in three messages each; returns the receipts by sender."""
    for parent, planted in parents:
        for said in (planted.opening, "同意", "确认"):
            stage.store(parent.message(said))
    seen = len(stage.kf.texts)
    stage.work()
    receipts = {to: text for to, text in stage.kf.texts[seen:] if code_in(text)}
    assert len(receipts) == len(parents)
    return receipts


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """All log lines of the program with everything in their records, kept as text."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.args} {record.exc_text or record.exc_info or ''}")

    keeper, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keeper)
    root.setLevel(level)


def live(stage: Stage, web: Any, count: int) -> tuple[set[str], list[str]]:
    """File all complaints by several doors, let the office work on some, ask, look up; returns codes and pages."""
    codes: set[str] = set()
    shown: list[str] = []
    for start in range(0, count, _AT_ONCE):
        stage.clock.set(stage.clock.now() + timedelta(hours=2))
        parents = {n: Parent(stage, f"wmPlanted{n:06d}") for n in range(start, start + _AT_ONCE)}
        receipts = file_all(stage, [(parent, Planted(number)) for number, parent in parents.items()])
        codes |= {code_in(receipt) for receipt in receipts.values()}
        number, parent = start, parents[start]
        code, case = code_in(receipts[parent.id]), next(iter(numbers_in(receipts[parent.id])))
        short = case[-7:-1].lstrip("0")
        stage.say(INTAKE, f"办理 {short}")
        stage.say(INTAKE, f"补充 {short} 请问暗记暗{number}号在几楼" if start % 3 else f"受理 {short}")
        parent.tell("查询", f"再说一句,靐靐靐{number}今天又哭了", "催办")
        shown.append(web.post("/f/q", data={"number": case, "code": numbers.new_code()}).get_data(as_text=True))
        assert web.post("/f/q", data={"number": case, "code": code}).status_code == 200
        stage.say(MEMBER, f"我要举报校长克扣绩效,暗记暗{number}在账本里,我叫龘龘龘{number}", group="C-B08")
        parent.say(("撤回", f"暗记暗{number}", "谢谢")[start % 3])
    return codes, shown


def forms_of(mark: str) -> Iterator[bytes]:
    """Return a mark as it might lie in a file: in several encodings, escaped, in hex, in base64 at each offset."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        yield mark.encode(encoding)
    yield json.dumps(mark)[1:-1].encode()
    yield mark.encode().hex().encode()
    for offset in range(3):
        found = base64.b64encode(b"\0" * offset + mark.encode())
        start = -(-offset * 8 // 6)
        yield found[start + 1 : -4]


def tables(db: Database) -> bytes:
    """Return every value of every row, bytes as they are."""
    found: list[bytes] = []
    with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                found += [each if isinstance(each, bytes) else str(each).encode() for each in row]
    return b"\n".join(found)


def files(db: Database, folder: Path) -> bytes:
    """Return the database file, what lies beside it, and a backup; nothing on PostgreSQL."""
    if not db.is_sqlite or not db.url.database:
        return b""
    path = Path(db.url.database)
    beside = [each for each in path.parent.iterdir() if each.name.startswith(path.name)]
    assert any(each.name.endswith("-wal") for each in beside)
    copy = folder / "copy.db"
    back_up(db, copy)
    return b"".join(each.read_bytes() for each in [*beside, copy])


def test_a_thousand_complaints_leave_no_secret_in_clear(
    stage: Stage, clock: SetClock, quiet: list[str], tmp_path: Path
) -> None:
    settle(stage)
    web = create_app([pages.blueprint(stage.db, stage.seal, clock, stage.house.complaints)]).test_client()

    count = COMPLAINTS["sqlite" if stage.db.is_sqlite else "postgresql"]
    codes, shown = live(stage, web, count)

    assert len(codes) == count == len(cases(stage))
    assert not stage.failed()
    measured = generate_latest(stage.house.metrics.registry)
    places = {
        "tables": tables(stage.db),
        "files": files(stage.db, tmp_path),
        "log": "\n".join(quiet).encode(),
        "metrics": measured,
        "refusals": "\n".join(shown).encode(),
    }
    assert len(places["log"]) > 100_000
    for place, held in places.items():
        for mark in MARKS:
            for form in forms_of(mark):
                assert len(form) < 6 or form not in held, f"{mark} as {form!r} in {place}"
        assert not codes & set(re.findall(r"[0-9A-Z]{13}", held.decode("latin-1"))), place
