"""The public look-up on both databases: right code or nothing, growing delays, delivery, headers, no traces."""

from __future__ import annotations

import logging
import re
import statistics
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from bot.clock import SetClock
from bot.db import Database, new_uid
from bot.outbox import OutboxRow, OutboxState
from bot.seal import Seal
from bot.web import create_app
from handlers.complaints import deciding, notices, numbers, pages
from handlers.complaints.models import AttemptRow, CaseRow, NoticeRow
from handlers.complaints.work import lock_case
from tests.unit.complaints.bench import INTAKE, SAID, Bench, open_bench


@pytest.fixture
def bench(db: Database, seal: Seal, clock: SetClock, sample: dict[str, Any]) -> Bench:
    return open_bench(db, seal, clock, sample)


@pytest.fixture
def web(bench: Bench) -> FlaskClient:
    return client_of(bench)


def client_of(bench: Bench) -> FlaskClient:
    """Return a browser at a web process of its own."""
    return create_app([pages.blueprint(bench.db, bench.seal, bench.clock, bench.complaints)]).test_client()


def look(web: FlaskClient, number: str, code: str) -> TestResponse:
    return web.post("/f/q", data={"number": number, "code": code})


def accept(bench: Bench, case: str) -> None:
    with bench.work() as work:
        row = lock_case(work.session, case)
        assert row is not None
        told = deciding.accept(work, row, INTAKE, new_uid())
        bench.dispatch.put(work.session, work.directory, told, work.now)


def without_number(page: str, number: str) -> str:
    return page.replace(number, "")


def test_the_form_needs_no_script_and_nothing_from_elsewhere(web: FlaskClient) -> None:
    answer = web.get("/f/q")
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert 'method="post"' in page
    assert 'lang="zh-CN"' in page
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_the_style_is_the_one_whose_digest_the_policy_names(web: FlaskClient) -> None:
    answer = web.get("/f/q")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.get_data(as_text=True), re.DOTALL)
    assert style == pages.STYLE


@pytest.mark.parametrize("spell", [lambda n: n, lambda n: "2026-1", lambda n: " １ ", lambda n: n.replace("〔", "[")])
def test_number_and_code_open_the_case_as_people_type_them(bench: Bench, web: FlaskClient, spell: Any) -> None:
    receipt = bench.file()
    typed = f"{receipt.code[:4].lower()} {receipt.code[4:]}"
    page = look(web, spell(receipt.number), typed).get_data(as_text=True)

    for part in (receipt.number, "已登记", "2026年11月23日", "2026年11月26日", "食堂与卫生", "补充"):
        assert part in page
    # Nothing of what was said, of the unit, of whoever handles it; nor the code.
    for secret in (SAID.text, SAID.wish, "柳湾", "黎秀鹏", receipt.code):
        assert secret not in page


def test_wrong_code_and_unknown_number_get_the_same_answer(bench: Bench, web: FlaskClient) -> None:
    receipt = bench.file()
    wrong = look(web, receipt.number, numbers.new_code())
    unknown = look(web, "区教诉〔2026〕000777号", numbers.new_code())

    assert wrong.status_code == unknown.status_code == 403
    first = without_number(wrong.get_data(as_text=True), receipt.number)
    assert first == without_number(unknown.get_data(as_text=True), "区教诉〔2026〕000777号")
    assert dict(wrong.headers) == dict(unknown.headers)


def test_wrong_and_unknown_take_about_the_same_time(bench: Bench, web: FlaskClient) -> None:
    """Not to the microsecond: a difference that a network could show would be many times as large as the spread."""
    for _ in range(30):
        bench.file(f"wm{new_uid()}")

    def taken(number: int) -> float:
        began = time.perf_counter()
        look(web, f"2026-{number}", numbers.new_code())
        return time.perf_counter() - began

    taken(500)
    pairs = [(taken(number), taken(number + 1000)) for number in range(1, 31)]
    known, unknown = (statistics.median(side) for side in zip(*pairs, strict=True))
    assert max(known, unknown) / min(known, unknown) < 1.5


def test_five_tries_then_a_growing_delay_for_that_number_alone(bench: Bench, web: FlaskClient) -> None:
    receipt, other = bench.file(), bench.file()
    statuses = [look(web, receipt.number, numbers.new_code()).status_code for _ in range(5)]
    assert statuses == [403, 403, 403, 403, 429]
    # Nor is a wrong one counted by another process.
    assert look(client_of(bench), receipt.number, numbers.new_code()).status_code == 429
    assert look(web, other.number, other.code).status_code == 200

    waits = []
    for _ in range(8):
        with bench.db.reading() as session:
            until = session.scalars(select(AttemptRow.blocked_until).where(AttemptRow.failures >= 5)).one()
        waits.append(until - bench.clock.now())
        bench.clock.set(until)
        look(web, receipt.number, numbers.new_code())
    assert waits == [timedelta(minutes=each) for each in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert bench.count(AttemptRow) == 1


def test_nobody_locks_a_number_for_whoever_has_the_code(bench: Bench, web: FlaskClient) -> None:
    receipt = bench.file()
    for _ in range(12):  # whoever counts numbers up and posts nonsense once an hour
        assert look(web, receipt.number, numbers.new_code()).status_code in (403, 429)
        bench.later(hours=1)
    assert look(web, receipt.number, numbers.new_code()).status_code == 429
    wrong = look(client_of(bench), receipt.number, numbers.new_code())
    assert wrong.status_code == 429
    assert look(client_of(bench), receipt.number, receipt.code).status_code == 200
    assert bench.count(AttemptRow) == 0
    # It begins anew, so that the next guess tells nothing of the visit either.
    assert look(web, receipt.number, numbers.new_code()).status_code == 403


def test_blocked_numbers_answer_alike_whether_they_exist(bench: Bench, web: FlaskClient) -> None:
    receipt, unknown = bench.file(), "区教诉〔2026〕000777号"
    for number in (receipt.number, unknown):
        for _ in range(5):
            look(web, number, numbers.new_code())
    known, none = (look(web, number, numbers.new_code()) for number in (receipt.number, unknown))
    assert known.status_code == none.status_code == 429
    first = without_number(known.get_data(as_text=True), receipt.number)
    assert first == without_number(none.get_data(as_text=True), unknown)


def test_unknown_numbers_are_counted_and_slowed_alike(bench: Bench, web: FlaskClient) -> None:
    statuses = [look(web, "2026-999", numbers.new_code()).status_code for _ in range(6)]
    assert statuses == [403, 403, 403, 403, 429, 429]


def test_a_slip_of_the_finger_is_no_try(bench: Bench, web: FlaskClient) -> None:
    receipt = bench.file()
    slip = ("0" if receipt.code[0] != "0" else "1") + receipt.code[1:]
    for _ in range(9):
        assert look(web, receipt.number, slip).status_code == 403
    assert bench.count(AttemptRow) == 0
    assert look(web, receipt.number, receipt.code).status_code == 200


def test_tries_in_many_processes_at_once_are_all_counted(bench: Bench) -> None:
    receipt = bench.file()
    browsers = [client_of(bench) for _ in range(6)]
    threads = [
        threading.Thread(target=look, args=(browser, receipt.number, numbers.new_code())) for browser in browsers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with bench.db.reading() as session:
        row = session.scalars(select(AttemptRow)).one()
        # The sixth found the number blocked by the fifth.
        assert (row.failures, row.blocked_until) == (5, bench.clock.now() + timedelta(minutes=1))


def test_a_visit_delivers_what_waits_and_calls_the_message_back(bench: Bench, web: FlaskClient) -> None:
    receipt = bench.file()
    accept(bench, receipt.case)
    with bench.db.reading() as session:
        uid = session.scalars(select(NoticeRow.uid)).one()
    bench.end_message(f"case/{uid}", OutboxState.PARKED)
    bench.later(days=3)
    page = look(web, receipt.number, receipt.code).get_data(as_text=True)

    assert "受理告知" in page
    assert "书面答复" in page
    with bench.db.reading() as session:
        row = session.scalars(select(NoticeRow)).one()
        assert (row.via, row.delivered_at) == ("look-up", bench.clock.now())
        out = session.scalars(select(OutboxRow).where(OutboxRow.key == f"case/{uid}")).one()
        assert (out.state, out.body) == (OutboxState.EXPIRED, None)
    first = bench.clock.now()
    bench.later(days=1)
    look(web, receipt.number, receipt.code)
    with bench.db.transaction() as session:
        notices.note_end(session, f"case/{uid}", True, bench.clock.now())
    with bench.db.reading() as session:
        assert session.scalars(select(NoticeRow.delivered_at)).one() == first


def test_what_is_just_being_sent_is_left_alone(bench: Bench, web: FlaskClient) -> None:
    receipt = bench.file()
    accept(bench, receipt.case)
    with bench.db.reading() as session:
        key = session.scalars(select(OutboxRow.key).where(OutboxRow.key.startswith("case/"))).one()
    bench.end_message(key, OutboxState.SENDING)
    look(web, receipt.number, receipt.code)
    with bench.db.reading() as session:
        assert session.scalars(select(OutboxRow.state).where(OutboxRow.key == key)).one() == OutboxState.SENDING


def test_an_erased_person_leaves_state_and_dates(bench: Bench, web: FlaskClient) -> None:
    receipt = bench.file()
    accept(bench, receipt.case)
    with bench.work() as work:
        work.vault.erase(work.session, work.session.get_one(CaseRow, receipt.case).person, work.now)
    page = look(web, receipt.number, receipt.code).get_data(as_text=True)
    assert "已受理" in page
    assert "受理告知" not in page


def test_neither_number_nor_code_is_logged(bench: Bench, web: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    receipt = bench.file()
    with caplog.at_level(logging.DEBUG):
        look(web, receipt.number, receipt.code)
        look(web, receipt.number, numbers.new_code())
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert receipt.code not in said
    assert receipt.number not in said
    assert "lookup.wrong" in said


@pytest.mark.parametrize(
    "data", [{}, {"number": "x" * 100_000}, {"number": "'; drop", "code": "\x00"}, {"code": "é" * 99}]
)
def test_odd_forms_are_answered_like_wrong_ones(web: FlaskClient, data: dict[str, str]) -> None:
    answer = web.post("/f/q", data=data)
    assert answer.status_code == 403
    assert "x" * 81 not in answer.get_data(as_text=True)


def test_what_was_typed_is_shown_harmlessly(web: FlaskClient) -> None:
    page = look(web, '"><script>alert(1)</script>', "x").get_data(as_text=True)
    assert "<script" not in page
