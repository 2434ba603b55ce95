"""The demo page in a real browser, against a tiny bot: at both widths, by mouse, touch and keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.demohost import Host, hosting, image_body, png

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SLOW = 15_000


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


class Watch:
    """What a page must not do: complain, or ask another host for something."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def open_page(browser: Browser, host: Host, size: dict[str, int], *, touch: bool = False) -> tuple[Page, Watch]:
    page = browser.new_context(viewport=size, has_touch=touch, is_mobile=touch).new_page()  # type: ignore[arg-type]
    watch = Watch(page)
    page.goto(f"{host.url}/sandbox/")
    expect(page.locator("#time")).to_have_text("15:20")
    return page, watch


@pytest.fixture
def desk(browser: Browser, host: Host) -> Iterator[Page]:
    page, watch = open_page(browser, host, DESK)
    yield page
    page.context.close()
    assert watch.complaints == []
    assert watch.hosts == {urlsplit(host.url).netloc}


@pytest.fixture
def phone(browser: Browser, host: Host) -> Iterator[Page]:
    page, watch = open_page(browser, host, PHONE, touch=True)
    yield page
    page.context.close()
    assert watch.complaints == []
    assert watch.hosts == {urlsplit(host.url).netloc}


def has_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_message_in_a_group_is_answered(desk: Page, host: Host) -> None:
    expect(desk.locator("#chat-name")).to_have_text("安全管理股包校群")
    expect(desk.locator("#input")).to_have_value("@小督 ")
    desk.locator("#input").fill("@小督 8号到七成了,其他无变化")
    desk.locator("#send").click()

    expect(desk.locator(".message").last.locator("strong")).to_have_text("T08 校舍安全维修改造")
    expect(desk.locator(".message.mine .bubble")).to_have_text("@小督 8号到七成了,其他无变化")
    assert host.bot.robot_calls[0]["from"]["userid"] == "p-s13-1"
    assert not has_sideways_scroll(desk)


def test_on_a_phone_the_list_leads_to_a_chat_and_back(phone: Page, host: Host) -> None:
    expect(phone.locator(".chat")).to_be_hidden()
    phone.locator('[data-chat="app/office|p-s13-1"]').tap()
    expect(phone.locator(".list")).to_be_hidden()
    phone.locator("#input").fill("台账 我校")
    phone.locator("#send").tap()
    expect(phone.locator(".message.mine")).to_have_count(1)
    phone.locator("#back").tap()

    expect(phone.locator(".list")).to_be_visible()
    expect(phone.locator('[data-chat="app/office|p-s13-1"] .last')).to_have_text("台账 我校")
    assert not has_sideways_scroll(phone)
    assert host.bot.app_calls[0]["Content"] == "台账 我校"


def test_a_reminder_is_quoted_by_touch(phone: Page, host: Host) -> None:
    host.push("C-B08", {"msgtype": "text", "text": {"content": "【提醒】T08 校舍安全维修改造"}})
    phone.locator('[data-chat="C-B08"]').tap()
    phone.locator(".quote-button").tap()
    phone.locator("#input").fill("@小督 60%")
    phone.locator("#send").tap()

    expect(phone.locator(".mine .quoted")).to_contain_text("T08 校舍安全维修改造")
    expect(phone.locator(".message").last.locator("strong")).to_have_text("T08 60%")


def test_the_page_can_be_used_by_keyboard_alone(desk: Page, host: Host) -> None:
    desk.locator('[data-chat="C-ALL"]').focus()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.locator("#chat-name")).to_have_text("蒋明琴")
    expect(desk.locator("#input")).to_be_focused()
    desk.keyboard.type("帮助")
    desk.keyboard.press("Enter")
    expect(desk.locator(".message.mine .bubble")).to_have_text("帮助")
    desk.locator("#open-inbox").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#inbox-rows tr")).to_have_count(1)
    desk.keyboard.press("Escape")

    expect(desk.locator("#inbox")).to_be_hidden()


def test_a_pressed_button_is_replaced(desk: Page, host: Host) -> None:
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "11月月报预览"},
        "task_id": "preview-1",
        "button_list": [{"text": "认可", "key": "ok"}, {"text": "申诉", "key": "appeal", "style": 2}],
    }
    host.send("p-s13-1", {"msgtype": "template_card", "template_card": card})
    expect(desk.locator('[data-chat="app/office|p-s13-1"] .badge')).to_contain_text("1")
    desk.locator('[data-chat="app/office|p-s13-1"]').click()
    desk.get_by_role("button", name="认可", exact=True).click()

    expect(desk.locator(".card .done")).to_have_text("已认可")
    expect(desk.locator(".card .buttons button")).to_have_count(0)
    expect(desk.locator('[data-chat="app/office|p-s13-1"] .badge')).to_have_count(0)


def test_markdown_is_shown_and_everything_else_stays_text(desk: Page, host: Host) -> None:
    content = '# 小结\n**已报** <font color="warning">2 家未报</font> <@p-s13-1>\n> 引文\n<img src=x onerror=alert(1)>'
    host.push("C-ALL", {"msgtype": "markdown", "markdown": {"content": content}})
    table = "| 任务 | 完成率 |\n| :-- | --: |\n| T08 | 72% |"
    host.push("C-ALL", {"msgtype": "markdown_v2", "markdown_v2": {"content": table}})
    host.push("C-ALL", image_body(png()))
    desk.locator('[data-chat="C-ALL"]').click()
    first = desk.locator(".message").nth(0)

    expect(first.locator("h3")).to_have_text("小结")
    expect(first.locator(".warning")).to_have_text("2 家未报")
    expect(first.locator(".at")).to_have_text("@蒋明琴")
    expect(first.locator("blockquote")).to_have_text("引文")
    expect(first).to_contain_text("<img src=x onerror=alert(1)>")
    expect(first.locator(".bubble img")).to_have_count(0)
    expect(desk.locator("td.right")).to_have_text("72%")
    expect(desk.locator(".picture img")).to_be_visible()


def test_the_clock_goes_to_thursday_and_the_reminder_comes(desk: Page) -> None:
    desk.get_by_role("button", name="到周四 09:00").click()

    expect(desk.locator("#time")).to_have_text("09:00")
    expect(desk.locator("#date")).to_have_text("2026年11月19日 星期四")
    expect(desk.locator(".message").last).to_contain_text("【提醒】T08")


def test_three_deliveries_leave_one_row(desk: Page) -> None:
    desk.locator("[data-scene=triple]").click()

    expect(desk.locator("#inbox")).to_be_visible(timeout=SLOW)
    expect(desk.locator("#inbox-rows tr")).to_have_count(1)
    expect(desk.locator("#inbox-rows .repeats")).to_have_text("+2")


@pytest.mark.parametrize("scene", ["report", "quote"])
def test_the_other_scenes_play_on_a_phone(phone: Page, scene: str) -> None:
    phone.locator("#open-guide").tap()
    phone.locator(f"[data-scene={scene}]").tap()
    expect(phone.locator("#caption")).to_be_visible()
    expect(phone.locator("#chat-name")).to_have_text("安全管理股包校群")
    phone.locator("#open-guide").tap()

    expect(phone.locator(".scene.done .note")).to_have_text("演示完成", timeout=SLOW)


def test_a_slow_answer_is_shown_as_typing_first(desk: Page) -> None:
    desk.locator("#input").fill("@小督 慢慢说")
    desk.locator("#send").click()

    expect(desk.locator(".typing")).to_be_visible()
    expect(desk.locator(".message").last).to_contain_text("这是晚一点的完整回答", timeout=SLOW)


def test_anybody_can_begin_a_private_chat(desk: Page, host: Host) -> None:
    desk.locator("#open-picker").click()
    desk.locator("#picker-search").fill("姚雪萍")
    desk.get_by_label("智能机器人").check()
    desk.locator(".people button").click()
    desk.locator("#input").fill("你好")
    desk.keyboard.press("Enter")

    expect(desk.locator("#chat-note")).to_contain_text("智能机器人")
    expect(desk.locator(".message")).to_have_count(2)
    assert host.bot.robot_calls[0]["chattype"] == "single"
