"""What the ledger says: short, polite Chinese for a phone. Every text fits one message of the platform."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.people import Person, Role, Unit
from bot.workdays import SHANGHAI
from handlers.ledger.lines import Counts, Late, Line
from handlers.progress.texts import amount
from handlers.ranking.light import Light
from handlers.tasks.service import Task

# The platform takes 2,048 bytes of text (WeCom developer docs 90236, read 2026-11), of which the door's mark needs 48.
LIMIT = 2000
LIGHTS = {
    Light.RED: "逾期",
    Light.BLUE: "临期",
    Light.YELLOW: "滞后",
    Light.GREEN: "正常",
    Light.GREY: "停表",
}
IN_PRIVATE = "已私信您。"
UNREACHABLE = "私信发不到您。请先在企业微信里打开小督应用,再问一次;打不开请联系局办公室。"
UPDATE = "有进展直接说,例如:T08 70%"
NOT_YOURS = "抱歉,只能查看本单位的台账。"
WHICH_UNIT = "有几个单位都叫这个名字,请写全称再问一次。"
NEVER = "未报"
DARK = "部分任务的期限落在放假安排还没发布的年份,暂不判断快慢。"
NOTHING_LATE = "目前没有逾期未完成的任务。"
NOTHING_OPEN = "目前没有在办的台账任务。"
_MOST_NAMES = 8


def fit(head: str, lines: Sequence[str], tail: str = "") -> str:
    """Join head, as many lines as one message holds, and tail; say how many are left out."""
    for shown in range(len(lines), -1, -1):
        rest = len(lines) - shown
        parts = [head, *lines[:shown], f"…其余{rest}项略" if rest else "", tail]
        text = "\n".join(part for part in parts if part)
        if len(text.encode()) <= LIMIT:
            return text
    return head


def whose(unit: Unit) -> str:
    """Call the own unit as its people do: 我校, 我园, 本股室, 本单位."""
    if unit.is_school:
        return "我园" if unit.kind == "幼儿园" else "我校"
    return "本股室" if unit.kind == "股室" else "本单位"


def scope(person: Person) -> str:
    """Name what a person sees beyond the own unit."""
    return "牵头及包校:" if person.role in (Role.SECTION_HEAD, Role.SECTION_STAFF) else "全区"


def said(line: Line) -> str:
    """Say the last value with its day: 60%(11-19), or that there is none."""
    last = line.said
    if last is None:
        return NEVER
    value = amount(last.status, last.percent, last.percent_op, last.done, last.total)
    return f"{value}({_day(last.at)})"


def line(one: Line) -> str:
    """One line: T08 校舍安全维修改造 60%(11-19) 11-30止 临期."""
    text = f"{one.task.id} {one.task.title} {said(one)} {one.task.deadline:%m-%d}止"
    return f"{text} {LIGHTS[one.light]}" if one.light else text


def own(name: str, day: date, lines: Sequence[Line], points: Sequence[str]) -> str:
    """The open lines of a unit, the most urgent first, and those of its points as numbers."""
    if not lines:
        return "\n".join((f"{name}{NOTHING_OPEN}", *points))
    found = [one.light for one in lines]
    pressing = (light for light in (Light.RED, Light.BLUE, Light.YELLOW) if light in found)
    counts = [f"{LIGHTS[light]}{found.count(light)}" for light in pressing]
    head = f"{name}台账({day:%m-%d})在办{len(lines)}项" + (f",其中{'、'.join(counts)}" if counts else "") + ":"
    dark = [DARK] if any(one.is_dark for one in lines) else []
    return fit(head, [line(one) for one in lines], "\n".join((*points, *dark, f"{UPDATE};看单项发“台账 T08”。")))


def own_late(name: str, lines: Sequence[tuple[Line, int | None]], points: Sequence[str]) -> str:
    """The own lines past their deadline, each with the working days that have passed since."""
    if not lines:
        return "\n".join((f"{name}{NOTHING_LATE}", *points))
    told = [line(one) + (f"{days}个工作日" if days else "") for one, days in lines]
    return fit(f"{name}逾期{len(lines)}项:", told, "\n".join((*points, f"{UPDATE};确需延期请说明原因和新期限。")))


def point(name: str, open_lines: int, late_lines: int) -> str:
    """The lines of a point that reports through the asker's school, as numbers."""
    late_part = f"、逾期{late_lines}项" if late_lines else ""
    return f"代报的{name}:在办{open_lines}项{late_part},明细发“台账 {name}”。"


def late(where: str, found: Sequence[tuple[Late, Sequence[str]]]) -> str:
    """Tasks past their deadline with the number of units behind and their names; for those who may see them."""
    if not found:
        return f"{where}{NOTHING_LATE}"
    lines = [_late(one, names) for one, names in found]
    return fit(f"{where}逾期未完成{len(found)}项任务:", lines, "仅供您本人掌握,请勿转发到群。")


def _late(one: Late, names: Sequence[str]) -> str:
    listed = "、".join(names[:_MOST_NAMES]) + ("等" if len(names) > _MOST_NAMES else "")
    return f"{one.task.id} {one.task.title} {one.task.deadline:%m-%d}止 {len(one.units)}/{one.of}家:{listed}"


def single(task: Task, own_line: str, counted: str, days_left: int | None) -> str:
    """One task: standard, time, evidence, the own value, the counts."""
    left = "" if days_left is None or days_left < 0 else f"(还有{days_left}个工作日)" if days_left else "(今天到期)"
    parts = [
        f"{task.id} {task.title}",
        f"标准:{task.standard}",
        f"时限:{task.start:%Y-%m-%d}至{task.deadline:%Y-%m-%d}{left}",
        f"佐证:{'、'.join(task.evidence)}" if task.evidence else "",
        own_line,
        counted,
    ]
    return "\n".join(part for part in parts if part)


def own_value(name: str, one: Line) -> str:
    """The own value of one task."""
    light = f",{LIGHTS[one.light]}" if one.light and not (one.said and one.said.is_done) else ""
    return f"{name}:{said(one)}{light}" + (f"\n{DARK}" if one.is_dark else "")


def not_concerned(name: str) -> str:
    """Say that a task does not concern the asker's unit."""
    return f"{name}:不涉及这项任务"


def counted(where: str, found: Counts) -> str:
    """The numbers of one task."""
    missing = found.units - found.reported
    text = f"{where}应报{found.units}家:已完成{found.done}家,已报{found.reported}家,未报{missing}家"
    return text + (f",逾期{found.late}家" if found.late else "")


def no_such_task(code: str) -> str:
    """Say that the ledger has no such code."""
    return f"台账里没有 {code}。发“台账”可看本单位的任务。"


def _day(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%m-%d}"
