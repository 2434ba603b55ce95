"""/readyz is open to the world: it looks seldom, one look at a time, and nobody waits for the database's writer."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot import health
from bot.clock import SetClock
from bot.db import Database
from bot.health import Facts, Verdict
from bot.metrics import Metrics


@pytest.fixture
def http(db: Database, clock: SetClock) -> FlaskClient:
    app = Flask("test")
    app.register_blueprint(health.blueprint(db, clock, Metrics(), clock.now))
    return app.test_client()


def count_transactions(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets an entry for each write transaction."""
    opened: list[int] = []
    original = db.transaction

    def counted():
        opened.append(1)
        return original()

    monkeypatch.setattr(db, "transaction", counted)
    return opened


def test_many_questions_are_one_look_for_some_seconds(
    db: Database, http: FlaskClient, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = count_transactions(db, monkeypatch)
    answers = [http.get("/readyz") for _ in range(50)]
    within = len(opened)
    clock.set(clock.now() + timedelta(seconds=6))
    answers += [http.get("/readyz") for _ in range(50)]

    assert {answer.status_code for answer in answers} == {200}
    assert (within, len(opened)) == (1, 2)


def test_a_database_that_takes_no_writes_is_seen_after_some_seconds(
    db: Database, http: FlaskClient, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = http.get("/readyz").status_code
    db.dispose()

    def away() -> None:
        raise health.SQLAlchemyError

    monkeypatch.setattr(db, "transaction", away)
    clock.set(clock.now() + timedelta(seconds=6))
    after = http.get("/readyz")

    assert (before, after.status_code) == (200, 503)
    assert after.get_json()["database_writable"] is False


def test_nobody_waits_while_the_writer_is_busy(db: Database, http: FlaskClient, clock: SetClock) -> None:
    """One caller waits for the lock; thirty others get the last verdict, and none once it is too old."""
    if not db.is_sqlite:
        pytest.skip("PostgreSQL has no lock of one writer")
    first = http.get("/readyz").status_code
    clock.set(clock.now() + timedelta(seconds=6))
    with db.transaction():
        waiting = threading.Thread(target=lambda: http.application.test_client().get("/readyz"))
        waiting.start()
        time.sleep(0.2)
        began = time.monotonic()
        others = {http.get("/readyz").status_code for _ in range(30)}
        clock.set(clock.now() + timedelta(seconds=30))
        late = {http.get("/readyz").status_code for _ in range(30)}
        took = time.monotonic() - began
        is_waiting = waiting.is_alive()
    waiting.join(10)

    assert (first, others, late) == (200, {200}, {503})
    assert is_waiting
    assert took < 2.0
    assert http.get("/readyz").status_code == 200


def test_the_first_callers_of_all_get_no_guess(clock: SetClock) -> None:
    seen: list[Facts] = []

    def look() -> Facts:
        seen.append(verdict.get())  # somebody else asks meanwhile
        return {"ready": True}

    verdict = Verdict(clock, look)

    assert verdict.get() == {"ready": True}
    assert [each["ready"] for each in seen] == [False]


def test_a_look_that_fails_is_not_kept_and_leaves_the_way_free(clock: SetClock) -> None:
    looks = iter([ZeroDivisionError(), {"ready": True}])

    def look() -> Facts:
        found = next(looks)
        if isinstance(found, Exception):
            raise found
        return found

    verdict = Verdict(clock, look)
    with pytest.raises(ZeroDivisionError):
        verdict.get()

    assert verdict.get() == {"ready": True}


def test_a_clock_that_goes_back_makes_no_verdict_last(clock: SetClock) -> None:
    looks = iter([{"ready": True}, {"ready": False}])
    verdict = Verdict(clock, lambda: next(looks))
    first = verdict.get()
    clock.set(clock.now() - timedelta(hours=1))

    assert (first, verdict.get()) == ({"ready": True}, {"ready": False})
