"""The public look-up in a real browser without scripts, on a phone and on a desk."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.clock import SetClock
from bot.db import Base, Database, new_uid
from bot.seal import Seal
from bot.web import create_app
from handlers.complaints import deciding, pages
from handlers.complaints.shapes import Receipt
from handlers.complaints.work import lock_case
from tests.conftest import SAMPLE
from tests.unit.complaints.bench import INTAKE, open_bench

SIZES = [(390, 844), (1280, 800)]
# Of any finger: WCAG 2.5.5.
TOUCH = 44


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Site:
    """A running page and a case that was taken up."""

    url: str
    receipt: Receipt


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("lookup")
    db = Database(f"sqlite:///{folder / 'duban.db'}")
    Base.metadata.create_all(db.engine)
    clock = SetClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    bench = open_bench(db, Seal([b"k" * 32], b"i" * 32), clock, sample)
    receipt = bench.file()
    with bench.work() as work:
        case = lock_case(work.session, receipt.case)
        assert case is not None
        told = deciding.accept(work, case, INTAKE, new_uid())
        bench.dispatch.put(work.session, work.directory, told, work.now)
    app = create_app([pages.blueprint(db, bench.seal, clock, bench.complaints)])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}/f/q", receipt)
    server.shutdown()
    thread.join()
    server.server_close()
    db.dispose()


@pytest.fixture(params=SIZES, ids=["phone", "desk"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def check(page: Page, complaints: list[str]) -> None:
    """Nothing is wider than the screen, everything to press is large enough, the policy was not broken."""
    size = page.viewport_size or {"width": 0}
    for element in page.query_selector_all("main *"):
        box = element.bounding_box()
        assert box is None or box["x"] + box["width"] <= size["width"]
    for element in page.query_selector_all("input, button, a"):
        box = element.bounding_box()
        assert box is not None
        assert box["height"] >= TOUCH
    assert not [said for said in complaints if "Content Security Policy" in said]
    # The style is there: without it the ground of the head would be transparent.
    assert page.query_selector("header") is not None


def test_a_parent_finds_the_own_case(page: Page, site: Site) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(site.url)
    check(page, complaints)
    page.fill("#number", site.receipt.number)
    page.fill("#code", "0000000000000")
    page.click("button")
    assert page.locator("[role=alert]").is_visible()
    check(page, complaints)

    page.fill("#number", site.receipt.number)
    page.fill("#code", site.receipt.code.lower())
    page.keyboard.press("Enter")
    assert page.locator(".state").inner_text() == "已受理"
    assert "受理告知" in page.locator(".notice").inner_text()
    check(page, complaints)
    # Neither number nor code was ever part of an address, and nothing was loaded from elsewhere.
    assert set(requests) == {site.url}
    page.click("a.again")
    assert page.locator("#number").input_value() == ""
