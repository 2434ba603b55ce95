"""`duban demo` as a newcomer meets it: one command, one URL, three scenes, on a desk and on a phone."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
WAIT = 30_000


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL that the demo prints, from a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    found = re.search(r"http://\S+/sandbox/", process.stdout.readline())
    assert found is not None
    yield found.group()
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


@pytest.fixture(params=[(1280, 860), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page that fails the test if it logs an error or asks another host."""
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height})
    opened.set_default_timeout(WAIT)
    troubles: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda sent: None if "//127.0.0.1:" in sent.url else troubles.append(sent.url))
    yield opened
    opened.close()
    assert troubles == []


def open_chat(page: Page, url: str, key: str) -> None:
    """Open a conversation from the list."""
    page.goto(url)
    page.locator(f'[data-chat="{key}"]').click()


def test_free_words_are_echoed(page: Page, demo_url: str) -> None:
    open_chat(page, demo_url, "app/office|p-s13-2")
    page.locator("#input").fill("T25 到八成五了")
    page.locator("#send").click()

    expect(page.locator(".message").last).to_contain_text("已记:T25 教师全员培训 85%", timeout=WAIT)


def test_the_ledger_is_told_in_private_and_long_words_stay_inside(page: Page, demo_url: str) -> None:
    open_chat(page, demo_url, "app/office|p-s13-1")
    page.locator("#input").fill("台账 我校")
    page.locator("#send").click()

    expect(page.locator(".message").last).to_contain_text("T08", timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_parent_who_scans_is_welcomed_for_the_school_and_heard(page: Page, demo_url: str) -> None:
    page.goto(demo_url)
    page.get_by_role("button", name="到家长").click()
    number = 0 if page.viewport_size == {"width": 1280, "height": 860} else 1  # one parent each: a welcome comes once
    page.locator('[data-chat^="kf/parents|"]').nth(number).click()
    page.locator("#poster").select_option("S14")
    page.locator("#enter").click()
    expect(page.locator(".message").last).to_contain_text("石桥镇中心小学", timeout=WAIT)
    page.locator("#input").fill("我要投诉")
    page.locator("#send").click()

    expect(page.locator(".message.mine")).to_have_count(1)
    expect(page.locator(".message")).to_have_count(3, timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_three_scenes_play(demo_url: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto(demo_url)
    for scene, said in (("report", "已更正:T08"), ("quote", "60%"), ("triple", "已记")):
        page.locator(f'button[data-scene="{scene}"]').click()
        expect(page.locator("li.scene.done", has=page.locator(f'[data-scene="{scene}"]'))).to_be_visible(timeout=WAIT)
        expect(page.locator(".message").last).to_contain_text(said)
    page.close()
