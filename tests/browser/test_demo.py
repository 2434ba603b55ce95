"""`duban demo` as a newcomer meets it: one command, one URL, six scenes, on a desk and on a phone."""

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
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port), "--data", str(folder), "--pace", "0.5"]
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


def test_the_scenes_about_complaints_play_on_a_phone_again_and_again(demo_url: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(demo_url)
    numbers = [play_complaint(page), play_danger(page), play_complaint(page)]
    play_aside(page)

    assert len(set(numbers)) == 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def play(page: Page, scene: str) -> None:
    """Play a scene to its end, which must be a good one."""
    page.locator("#open-guide").click()
    page.locator(f'button[data-scene="{scene}"]').click()
    expect(page.locator("#caption")).to_be_visible()
    expect(page.locator("#caption")).to_be_hidden(timeout=2 * WAIT)
    assert state_of(page, scene)["state"] == "done", state_of(page, scene)


def state_of(page: Page, scene: str) -> dict[str, str]:
    """What the page is told of a scene."""
    changes = page.evaluate("fetch('api/changes?since=99999999').then((answer) => answer.json())")
    found: dict[str, str] = next(one for one in changes["scenes"] if one["id"] == scene)
    return found


def shown(page: Page, name: str) -> str:
    """All words of the open conversation, which must be of this name."""
    expect(page.locator("#chat-name")).to_have_text(name)
    return page.locator("#messages").inner_text()


def look_at(page: Page, key: str, name: str) -> str:
    """Open another conversation from the list and return its words."""
    page.locator("#back").click()
    page.locator(f'[data-chat="{key}"]').click()
    return shown(page, name)


def play_complaint(page: Page) -> str:
    """The parent ends with a receipt and a notice of acceptance; the office was told without words of the parent."""
    play(page, "complaint")
    parent = shown(page, "糖糖妈妈")
    story = page.locator(".message.mine .bubble").first.inner_text()
    number = state_of(page, "complaint")["note"]
    assert f"已登记,编号:{number}" in parent
    assert "查询码:" in parent
    assert f"【受理告知】{number}" in parent
    office = look_at(page, "app/office|p-b01-2", "黎秀鹏")
    told = office[office.index(f"新到{number}") :].partition("办理 ")[0]
    assert story not in told
    assert story in office
    assert f"已受理{number}" in office
    return number


def play_danger(page: Page) -> str:
    """Emergency numbers first; who is on duty sees the number and the kind, the school sees nothing."""
    play(page, "danger")
    number, danger = state_of(page, "danger")["note"], "拿着刀"
    duty = shown(page, "孔凤岩")
    alert = duty[duty.index(f"【紧急】{number}") :].partition("办理 ")[0]
    assert "人身伤害" in alert
    assert danger not in alert
    head = look_at(page, "app/office|p-b01-1", "郭春琴")
    assert f"【紧急】{number}" in head
    assert danger not in head
    for key, name in (("C-B08", "安全管理股包校群"), ("app/office|p-s13-1", "蒋明琴")):
        school = look_at(page, key, name)
        assert number not in school
        assert danger not in school
    page.locator("#back").click()
    page.locator('[data-chat^="kf/parents|"]', has_text="小雨爸爸").click()
    answer = page.locator(".message:not(.mine)").last.locator(".bubble").inner_text()
    assert re.search("110.*120.*119", answer.splitlines()[0])
    assert number in answer
    return number


def play_aside(page: Page) -> None:
    """The group reads a neutral line; it goes on in private, and nothing is left once it is called off."""
    play(page, "aside")
    private = shown(page, "段俊岩")
    assert "没有登记" in private
    assert "已取消" in private
    look_at(page, "C-B08", "安全管理股包校群")
    answer = page.locator(".message:not(.mine)").last
    expect(answer.locator(".bubble")).to_have_text("收到,已私信您。")
    # What the client shows as quoted under a late answer is the member's own message, not the bot's words.
    said = page.locator(".message:not(.mine) .bubble").all_inner_texts()
    assert [words for words in said if "招标" in words] == []
