"""Planted secrets: after a whole life of cases none stands in clear in any table, file, log, metric or error page."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bot.channel import Receipt as Sent
from bot.clock import SetClock
from bot.db import Base, Database
from bot.errors import Failure, SendError, UserError
from bot.seal import Seal
from bot.sections import Weekly
from bot.ticks import Tick
from bot.web import create_app
from handlers.complaints import lookup, numbers, pages, pushes, reading, service
from handlers.complaints.cards import Press
from handlers.complaints.shapes import Receipt
from handlers.complaints.work import lock_case
from tests.unit.complaints.bench import DIRECTOR, INTAKE, OfficeStage, open_stage

NAME, PHONE, PLACE = "欧阳秘密", "19900007777", "河边那个没挂牌的托管班"
TEXT = f"我叫{NAME},孩子在这里被要求每月交八百元,不交就坐最后一排。"
WISH, HAPPENED, ADDED = "请退还我们交的八百元并调换座位", "今年九月开学第二周", "补充一下,收钱的收据我这里都留着"
QUESTION = "请问收据上盖的是哪个单位的章"
SENDER = "wmSecretParent0000000000000000001"
WORDS = [NAME, PHONE, PLACE, TEXT, WISH, HAPPENED, ADDED, QUESTION, SENDER, "每月交八百元"]


@pytest.fixture
def stage(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> OfficeStage:
    return open_stage(db, seal, clock, sample)


def live(stage: OfficeStage) -> list[Receipt]:
    """File, open, ask, answer, refuse; accept another one that does not arrive; withdraw a third; look all up."""
    said: dict[str, Any] = {"text": TEXT, "place": PLACE, "wish": WISH, "happened": HAPPENED, "topic": "有偿补课"}
    said |= {"name": NAME, "phone": PHONE, "is_named": True, "unit": ""}
    receipts = [stage.file(SENDER, **said) for _ in range(3)]
    stage.say(INTAKE, "办理 1")
    stage.say(INTAKE, f"补充 1 {QUESTION}")
    stage.do(lambda ctx: service.add(ctx, receipts[0].case, ADDED), sender=SENDER)
    stage.say(INTAKE, "办理 1")
    stage.say(INTAKE, "不予受理 1 不属本局职责")
    stage.click(DIRECTOR, stage.cards_of(DIRECTOR)[-1], Press.SIGN)
    answered, stage.kf.answer = stage.kf.answer, _dead
    stage.say(INTAKE, "受理 2")
    stage.kf.answer = answered
    stage.do(lambda ctx: service.withdraw(ctx, receipts[2].case), sender=SENDER)
    stage.say(INTAKE, "撤回确认 3")
    with pytest.raises(UserError), stage.answering(SENDER) as ctx:
        service.add(ctx, receipts[2].case, ADDED)
    stage.later(days=1)
    with stage.work() as work:
        tick = Tick("watch", work.now, work.session, work.seal, work.directory, Weekly(), stage.complaints)
        stage.dispatch.put(work.session, work.directory, pushes.watch(tick), work.now)
    stage.settle()
    return receipts


def _dead(_parcel: object) -> Sent:
    raise SendError(Failure.DEAD_TARGET, code=95001)


def visit(stage: OfficeStage, receipts: list[Receipt]) -> None:
    web = create_app([pages.blueprint(stage.db, stage.seal, stage.clock, stage.complaints)]).test_client()
    for receipt in receipts:
        assert web.post("/f/q", data={"number": receipt.number, "code": receipt.code}).status_code == 200
        assert web.post("/f/q", data={"number": receipt.number, "code": numbers.new_code()}).status_code == 403


def forms_of(secret: str) -> list[str]:
    """Return a secret as it might have been written: plain, as JSON, in base64."""
    raw = secret.encode()
    return [secret, json.dumps(secret)[1:-1], base64.b64encode(raw).decode().rstrip("=")[:-1]]


def everything(db: Database) -> str:
    """Return every value of every row as text, bytes as far as they are readable."""
    found = []
    with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                values = (each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in row)
                found.append(f"{table.name}: {' | '.join(values)}")
    return "\n".join(found)


def test_no_secret_anywhere(stage: OfficeStage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        receipts = live(stage)
        visit(stage, receipts)
    secrets = [*WORDS, *(receipt.code for receipt in receipts)]
    # The whole life was lived: otherwise the search below would find nothing because there was nothing.
    said = "\n".join([*stage.told(INTAKE), *stage.parent_got()])
    for part in ("每月交八百元", ADDED, QUESTION, "不予受理告知", "已按您的意愿撤回"):
        assert part in said
    assert "未送达" in said

    stored = everything(stage.db)
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    measured = generate_latest(stage.house.metrics.registry).decode()
    assert "complaint.step" in logged
    for secret in secrets:
        for form in forms_of(secret):
            assert form not in stored, secret
            assert form not in logged, secret
            assert form not in measured, secret
    if stage.db.is_sqlite:
        raw = b"".join(path.read_bytes() for path in _files(stage.db))
        assert not [secret for secret in secrets if secret.encode() in raw or secret.encode("utf-16-le") in raw]


def _files(db: Database) -> list[Path]:
    path = Path(db.url.database or "")
    return [each for each in path.parent.iterdir() if each.name.startswith(path.name)]


def test_an_error_page_and_its_log_say_nothing(
    stage: OfficeStage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = stage.file(SENDER, text=TEXT)
    code, number = receipt.code, receipt.number

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(lookup, "list_numbered", broken)
    app = create_app([pages.blueprint(stage.db, stage.seal, stage.clock, stage.complaints)])
    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().post("/f/q", data={"number": number, "code": code})
    assert answer.status_code == 500
    said = answer.get_data(as_text=True) + "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records
    )
    assert "disk" in said or answer.get_data() == b""
    for secret in (code, number, TEXT):
        assert secret not in said


def test_values_do_not_show_their_words_when_printed(stage: OfficeStage) -> None:
    receipt = stage.file(SENDER, text=TEXT, wish=WISH, name=NAME, phone=PHONE, place=PLACE)
    with stage.work() as work:
        case = lock_case(work.session, receipt.case)
        assert case is not None
        printed = repr((receipt, reading.open_case(work, case, INTAKE)))
    assert not [secret for secret in (*WORDS, receipt.code) if secret in printed]
