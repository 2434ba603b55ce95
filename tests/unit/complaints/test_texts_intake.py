"""What people read is short, fits the platform, and asks one thing at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.messages import Menu
from handlers.complaints import texts_intake as texts
from handlers.complaints import texts_own as own_texts
from handlers.complaints.service import Own, Receipt
from handlers.complaints.slots import Draft, Entry, Facts, Slot, add

OFFICE, PHONE, URL = "区教育局作风整顿办公室", "0791-88888888", "https://duban.example.cn"
GIVEN = Receipt("c", "区教诉〔2026〕000123号", "ABCDEFGHJKMNP")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OWN = [Own(str(n), f"区教诉〔2026〕00012{n}号", "已登记", NOW, True) for n in range(6)]
LONG = add(Draft(), Entry("m", "u", "很长的话" * 500, Facts(happened="昨天" * 30, wish="查" * 300)))

MENUS = [
    texts.consent(OFFICE, PHONE, is_child=False, lead=texts.EXPIRED),
    texts.consent(OFFICE, PHONE, is_child=True, lead=texts.FILE_KEPT),
    texts.consent_again(is_child=False),
    texts.consent_again(is_child=True),
    texts.doubt(),
    texts.offer("query", OFFICE, PHONE),
    texts.offer("suggestion", OFFICE, PHONE),
    texts.which_unit([f"清陵区大柳树镇第{n}中心小学教学点" for n in range(8)]),
    texts.read_back(LONG, LONG.known, "清陵区大柳树镇中心小学" * 8, is_child=False),
    own_texts.which_case(OWN),
    own_texts.add_or_new([own.number for own in OWN]),
    own_texts.withdraw_sure(OWN[0].number),
]
PLAIN = [
    texts.welcome(OFFICE, "清陵区第一小学"),
    texts.guide(OFFICE),
    *(texts.ask(slot, is_child=is_child) for slot in Slot for is_child in (True, False)),
    *(
        texts.receipt(
            GIVEN,
            office=OFFICE,
            due=date(2026, 11, 26) if is_kf else None,
            accept_wd=3,
            url=URL,
            is_kf=is_kf,
            is_over_limit=is_kf,
            is_child=is_child,
        )
        for is_kf in (True, False)
        for is_child in (True, False)
    ),
    texts.danger_receipt(GIVEN, office=OFFICE, url=URL, is_child=True),
    texts.danger_again(GIVEN.number),
    own_texts.status(OWN[:5]),
    own_texts.code_told(PHONE),
    own_texts.code_typed(URL),
    own_texts.human(PHONE),
    own_texts.recalled_after(GIVEN.number),
    texts.in_private(OFFICE, PHONE).content,
    *(
        value
        for name, value in (*vars(texts).items(), *vars(own_texts).items())
        if name.isupper() and isinstance(value, str)
    ),
]


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: menu.head[:12])
def test_a_menu_fits_the_platform(menu: Menu) -> None:
    assert len(menu.head.encode()) <= 1024
    assert len(menu.tail.encode()) <= 1024
    assert 1 <= len(menu.options) <= 10
    assert all(len(part.encode()) <= 128 and "#" not in part for option in menu.options for part in option)
    assert len(menu.plain) <= 400


@pytest.mark.parametrize("text", PLAIN, ids=lambda text: text[:12])
def test_a_text_fits_the_platform_and_a_phone(text: str) -> None:
    assert len(text.encode()) <= 2048
    assert len(text) <= 400


@pytest.mark.parametrize("text", [*PLAIN, *(menu.plain for menu in MENUS)], ids=lambda text: text[:12])
def test_at_most_one_question(text: str) -> None:
    assert text.count("?") + text.count("\uff1f") <= 1


@pytest.mark.parametrize("is_child", [True, False])
def test_danger_is_answered_with_the_numbers_first(is_child: bool) -> None:
    first = texts.danger_receipt(GIVEN, office=OFFICE, url=URL, is_child=is_child).splitlines()[0]
    assert all(number in first for number in ("110", "120", "119"))


def test_the_receipt_says_all_that_it_must() -> None:
    said = texts.receipt(
        GIVEN,
        office=OFFICE,
        due=date(2026, 11, 26),
        accept_wd=3,
        url=URL,
        is_kf=True,
        is_over_limit=False,
        is_child=False,
    )
    for part in (GIVEN.number, GIVEN.code, "11月26日", "查询", "补充", "催办", "撤回", "48小时", f"{URL}/f/q"):
        assert part in said


def test_the_notice_says_who_how_long_and_which_rights() -> None:
    said = texts.notice(OFFICE, PHONE)
    for part in (OFFICE, PHONE, "两年", "更正", "删除", "微信平台不是匿名", texts.NOTICE_VERSION):
        assert part in said
