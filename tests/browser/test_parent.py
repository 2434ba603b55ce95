"""A parent's chat on personal WeChat in a real browser, at both widths, against a tiny bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.sandbox.stage import Scene, Step
from tests.browser.demohost import Host, hosting, png
from tests.browser.test_sandbox import DESK, PHONE, SLOW, has_sideways_scroll, open_page


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, host: Host) -> Iterator[Page]:
    """The chat of 朵朵妈妈, opened from the list; the test fails if the page complains or asks another host."""
    page, watch = open_page(browser, host, request.param, touch=request.param is PHONE)
    page.get_by_role("button", name="到家长").click()
    page.locator(f'[data-chat="{chat(host)}"]').click()
    yield page
    assert not has_sideways_scroll(page)
    page.context.close()
    assert watch.complaints == []
    assert watch.hosts == {host.url.removeprefix("http://")}


def chat(host: Host, number: int = 0) -> str:
    """The key of a parent's conversation."""
    return f"kf/parents|{list(host.platform.customers)[number]}"


def say(page: Page, text: str) -> None:
    page.locator("#input").fill(text)
    page.locator("#send").click()


def test_a_parent_scans_complains_taps_and_gets_a_number(page: Page, host: Host) -> None:
    expect(page.locator("#chat-note")).to_contain_text("清陵区教科局 家长之声")
    page.locator("#poster").select_option("S14")
    page.locator("#enter").click()
    expect(page.locator(".between")).to_have_text("扫码进入 · 石桥镇中心小学")
    expect(page.locator(".message").last).to_contain_text("请直接写您要反映的事")
    say(page, "孩子学校食堂的饭菜总是凉的")
    page.locator(".menu .option", has_text="登记").first.click()

    expect(page.locator(".message.mine").last).to_contain_text("登记")
    expect(page.locator(".message").last).to_contain_text("编号：区教诉〔2026〕000001号", timeout=SLOW)
    assert host.platform.violations == []


def test_a_message_is_taken_back(page: Page, host: Host) -> None:
    say(page, "说错了的话")
    expect(page.locator(".message.mine")).to_have_count(1)
    page.locator(".message.mine").hover()
    page.get_by_role("button", name="撤回这条消息").click()

    expect(page.locator(".between")).to_have_text("你撤回了一条消息")
    expect(page.locator(".messages")).not_to_contain_text("说错了的话")
    assert host.platform.entries(chat(host))[0].content == ""


def test_a_picture_is_sent_from_the_phone(page: Page, host: Host) -> None:
    page.locator("#picture").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png(2000, 1500)})

    expect(page.locator(".message.mine .picture img")).to_be_visible(timeout=SLOW)
    expect(page.locator(".message").last).to_contain_text("图片收到了", timeout=SLOW)
    media = host.platform.media(host.platform.entries(chat(host))[0].media[0])
    assert media is not None
    assert (media.mimetype, len(media.data) < 700_000) == ("image/jpeg", True)


def test_what_is_no_picture_is_not_sent(page: Page, host: Host) -> None:
    page.locator("#picture").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})

    expect(page.locator("#toast")).to_have_text("这个文件打不开，请换一张图片")
    assert host.platform.entries(chat(host)) == []


def test_an_answer_to_another_parent_is_counted(page: Page, host: Host) -> None:
    host.sandbox.callbacks.customers.say(list(host.platform.customers)[1], "在吗")
    if page.locator("#back").is_visible():
        page.locator("#back").click()

    expect(page.get_by_role("button", name="到家长").locator(".badge")).to_contain_text("1", timeout=SLOW)
    expect(page.locator(f'[data-chat="{chat(host, 1)}"] .badge')).to_contain_text("1")
    expect(page.locator(f'[data-chat="{chat(host, 1)}"] .last')).to_contain_text("要登记这件事吗")


def test_a_scene_leads_from_the_parent_to_the_office(page: Page, host: Host) -> None:
    actors = host.sandbox.actors
    parent, office = actors.parent_chat("朵朵妈妈"), actors.private_chat("p-b01-2")
    steps = [
        Step("家长写来一件事", lambda: actors.write("朵朵妈妈", "食堂饭菜是凉的")),
        Step("小督问是否登记", lambda: actors.hear(parent)),
        Step("经办人在应用里看到", lambda: actors.say("p-b01-2", "待办"), office),
    ]
    scene = Scene("case", "家长反映", "从家长到经办人。", parent, steps)
    host.sandbox.stage.scenes["case"] = scene
    if page.locator("#open-guide").is_visible():
        page.locator("#open-guide").click()
    page.locator("[data-scene=case]").click()

    expect(page.locator("#chat-name")).to_have_text("黎秀鹏", timeout=SLOW)
    expect(page.locator(".message.mine")).to_contain_text("待办")
    assert scene.state in ("running", "done")
    assert [entry.type for entry in host.platform.entries(parent)] == ["text", "msgmenu"]
