"""What weekly supervision says: short, polite Chinese for a phone. Every text fits one message of the platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.workdays import SHANGHAI
from handlers.citation import cite

# The platform's limit of a text, in UTF-8 bytes (WeCom developer docs 90236, 91770).
LIMIT = 2048
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"

UNCHANGED = "无变化"
UPDATE = "有更新"
STUCK = "遇到困难"

NOT_YOURS = "这张卡片只能由收到它的同志本人点击,这次点击没有登记。"
STALE = "这张卡片已过期"
STALE_HOW = "没有登记。请回复最新一条提醒,或直接说进展。"
NO_REASON = "受阻(原因未说明)"
GROUP_NOTE = "本周已汇总,未报单位已单独提醒。"
_NEVER = "尚未报过"
_WORDS = 40  # characters of an obstacle that are quoted
_NAMES = 12


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a period: units and lines from which something was expected, was reported; changed; stuck."""

    units: int
    reported_units: int
    lines: int
    reported: int
    changed: int
    stuck: int


def week(first: date, last: date) -> str:
    """Name a week: 11-23至11-29."""
    return f"{first:%m-%d}至{last:%m-%d}"


@dataclass(frozen=True, slots=True)
class Part:
    """A heading (may be empty), its lines, the most important first, and how many of them are shown at most."""

    heading: str
    lines: Sequence[str]
    most: int = 20


def fit(head: str, parts: Sequence[Part], tail: str = "") -> str:
    """Join head, parts and tail into one message; what does not fit is counted as …其余N项 at the end of its part.

    The longest part gives way first, so that none is silenced by another.
    """
    shown = [min(len(part.lines), part.most) for part in parts]
    text = _joined(head, parts, shown, tail)
    while len(text.encode()) > LIMIT and any(shown):
        shown[shown.index(max(shown))] -= 1
        text = _joined(head, parts, shown, tail)
    return text


def _joined(head: str, parts: Sequence[Part], shown: Sequence[int], tail: str) -> str:
    rows = [head]
    for part, number in zip(parts, shown, strict=True):
        rest = len(part.lines) - number
        if part.lines:
            rows += [part.heading, *part.lines[:number], f"…其余{rest}项" if rest else ""]
    return "\n".join(row for row in [*rows, tail] if row)


def last(said: str | None, at: datetime | None) -> str:
    """Say the last known value: 上次60%(11-19)."""
    if said is None or at is None:
        return _NEVER
    return f"上次{said}({at.astimezone(SHANGHAI):%m-%d})"


def line(number: int, task: str, unit: str, said: str, deadline: date, *, is_overdue: bool) -> str:
    """One line of a prompt: ① T08 校舍安全维修改造 上次60%(11-19) 11-30到期. unit: named if it is not the own one."""
    due = f"已于{deadline:%m-%d}到期" if is_overdue else f"{deadline:%m-%d}到期"
    whose = f" {unit}" if unit else ""
    return f"{CIRCLED[number - 1]} {task}{whose} {said} {due}"


def prompt(greeting: str, lines: Sequence[str], closes_at: datetime) -> str:
    """Ask one person in private."""
    head = f"{greeting}好,本周{len(lines)}项请更新(直接回复即可):"
    by = closes_at.astimezone(SHANGHAI)
    return fit(head, [Part("", lines)], f"{by:%m-%d} {by:%H:%M}前回复,没有变化回“{UNCHANGED}”。")


def group_line(task: str, deadline: date, expected: int, reported: int) -> str:
    """One task in a group: numbers only."""
    return f"{task} {deadline:%m-%d}到期 已报{reported}/应报{expected}"


def group_prompt(named: str, lines: Sequence[str], most: int) -> str:
    """Ask a group."""
    return fit(f"【本周督导】{named},请更新以下事项:", [Part("", lines, most)], "回复请@小督")


def card_title() -> str:
    """Title of the reminder on the closing day."""
    return "本周进展还没收到"


def card_hint(closes_at: datetime) -> str:
    """What one can do with the reminder."""
    by = closes_at.astimezone(SHANGHAI)
    return f"点一下即可,也可直接回复文字。{by:%m-%d} {by:%H:%M}截止。"


def card_value(title: str, unit: str, said: str) -> str:
    """The value of one line of the reminder; its name is the code."""
    return f"{unit} {title} {said}".strip()


def clicked(confirmed: Sequence[str], missing: Sequence[str], reported: Sequence[str], *, is_late: bool) -> str:
    """Say what a click on 无变化 recorded."""
    parts = [f"已记:{len(confirmed)}项无变化({'、'.join(confirmed)})。"] if confirmed else []
    if is_late and confirmed:
        parts.append("本周已截止,计入下一周。")
    if reported:
        parts.append(f"{'、'.join(reported)} 本周已报过,不再重复登记。")
    if missing:
        parts.append(f"{'、'.join(missing)} 还没报过数,请直接回复进展。")
    return "".join(parts) or "没有需要登记的事项。"


def clicked_title(choice: str) -> str:
    """Title of a card after the click."""
    return f"您选了“{choice}”"


def how_to_update(code: str) -> str:
    """Say how to report after a click on 有更新."""
    return f"请直接回复,一句话就行,例如:{code} 70%,月底前完成,其他无变化。"


def how_to_name(code: str) -> str:
    """Say how to name an obstacle after a click on 遇到困难."""
    return f"请直接说卡在哪,例如:{code} 外墙停工,等天晴。"


def counts(found: Counts) -> str:
    """Say the numbers of a period."""
    return (
        f"应报{found.units}家{found.lines}项,已报{found.reported_units}家{found.reported}项,"
        f"有变化{found.changed}项,卡点{found.stuck}项。"
    )


def blocker(task: str, unit: str, words: str, *, is_overdue: bool) -> str:
    """One obstacle in the reporter's own words, shortened where they are long."""
    return f"{'【逾期】' if is_overdue else ''}{task} {unit}:{cite(words, _WORDS) or NO_REASON}"


def red(task: str, deadline: date, units: int) -> str:
    """One task past its deadline."""
    return f"{task} {deadline:%m-%d}到期,{units}家未完成"


def group_summary(named: str, found: Counts | None) -> str:
    """Tell a group that the week is summed up, with numbers unless they are too small."""
    return f"【本周督导】{named} {GROUP_NOTE}" + (f"\n{counts(found)}" if found else "")


def by_task(task: str, expected: int, reported: int, changed: int, stuck: int) -> str:
    """One task in the summary of its lead section."""
    return f"{task} 已报{reported}/应报{expected} 有变化{changed} 卡点{stuck}"


def silent(names: Sequence[str]) -> str:
    """Name the assigned schools that did not report; only for their section's head, in private."""
    if not names:
        return "包校已全部报送"
    more = f"等{len(names)}家" if len(names) > _NAMES else ""
    return f"包校未报:{'、'.join(names[:_NAMES])}{more}"


def section_title(named: str, section: str) -> str:
    """Title of a section head's summary."""
    return f"【周督导小结】{named} {section}"


def leader_title(named: str) -> str:
    """Title of a leader's digest."""
    return f"【分管工作周报】{named}"


def listed(name: str, lines: Sequence[str], most: int = 20) -> Part:
    """A part whose heading says how many lines there are."""
    return Part(f"{name}{len(lines)}项:", lines, most)


BLOCKERS = "需要协调的卡点"
REDS = "逾期未完成"
LED = "牵头事项"


def coverage(named: str, found: Counts, unreachable: int) -> str:
    """Tell the clerks how complete the week is; never who was quick or slow."""
    share = round(100 * found.reported / found.lines) if found.lines else 100
    text = f"【周督导】{named} {counts(found)}报送覆盖{share}%,未报单位已单独提醒。"
    if unreachable:
        text += f"另有{unreachable}家没有可提醒的人,请补录信息员。"
    return text


def unknown_week(named: str) -> str:
    """Tell the clerks that a week cannot be held because its days are not known."""
    return f"【日历】{named}的放假安排尚未发布或未导入,小督不猜测:本周督导不提醒、不汇总。请导入日历后再用。"


def unknown_year(year: int) -> str:
    """Tell the clerks that next year has no calendar yet."""
    return f"【日历】{year}年的放假安排还没有导入,元旦后小督将停发周督导。通知发布后请导入日历或升级。"
