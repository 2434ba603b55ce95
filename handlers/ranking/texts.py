"""What the ranking says: short, polite Chinese. One line each, so that the caller fits them into messages."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from handlers.ranking.change import Trend
from handlers.ranking.explain import Explanation, Outlook, Part
from handlers.ranking.gate import Approval, Ground, Object, Refusal
from handlers.ranking.place import round_half_up
from handlers.ranking.result import Ranked, Unranked, Versus
from handlers.ranking.score import Scored, State
from handlers.ranking.unit import Gap

# 教师厅〔2025〕2号, section 2 (http://www.moe.gov.cn/srcsite/A10/s7058/202511/t20251107_1419596.html, read 2026-11).
RULE = "教师厅〔2025〕2号第二条:“未纳入清单的事项一律不得开展”"
OBJECTS = {Object.MONTH: "月度排名", Object.APPRAISAL: "作风评议", Object.SPECIAL: "专项考核"}
_GROUNDS = {
    Ground.NOT_LISTED: "年度清单里没有这一项",
    Ground.NOT_VALID: "清单编号{refs}在{day}不在有效期内",
    Ground.INCOMPLETE: "清单编号{refs}缺批准人或批准日期",
}
GAPS = {
    Gap.FEW_TASKS: "数据不足,不参与排名(可计分任务太少)",
    Gap.LOW_COVERAGE: "数据不足,不参与排名(可计分任务占比太低)",
    Gap.NO_GROUP: "不参与排名",
    Gap.OUT_OF_SCOPE: "不在清单范围内,不参与排名",
}
VERSUS = {Versus.ABOVE: "高于同类", Versus.BELOW: "低于同类", Versus.ALIKE: "与同类相当"}
TRENDS = {Trend.UP: "上升", Trend.DOWN: "下降", Trend.STEADY: "持平"}
STATES = {
    State.DONE: "按时完成",
    State.DONE_LATE: "逾期完成",
    State.CLAIMED: "自报完成,待核实",
    State.OPEN: "在办",
    State.OVERDUE: "逾期",
    State.SILENT: "逾期,未报",
    State.UNREPORTED: "未报,暂不计分",
    State.YOUNG: "刚开始,暂不计分",
    State.DARK: "放假安排未发布,暂不计分",
    State.AHEAD: "未开始,不计分",
    State.EXEMPT: "不涉及,不计分",
    State.UNLISTED: "未列入清单,只收集,不计分",
}
_STEP = Fraction(1, 10)
_CENT = Fraction(1, 100)


def refusal(one: Refusal) -> str:
    """Say why something is not ranked, with the rule, and what goes on all the same."""
    name = OBJECTS.get(Object(one.object), one.object) if one.object in set(Object) else one.object
    ground = _GROUNDS[one.ground].format(refs="、".join(one.refs), day=one.day.isoformat())
    return f"未列入清单,不得排名:{name}。{ground}。依据:{RULE}。进展照常收集和提醒,不排名、不通报。"


def basis(approval: Approval) -> str:
    """Name the number under which a month was ranked."""
    return f"清单编号:{approval.ref}(批准{approval.approved_on or ''})"


def points(value: Fraction, step: Fraction = _STEP) -> str:
    """Write a score with one decimal, or as many as step has: rounded half up, for show alone."""
    digits = max(0, len(str(step.denominator)) - 1)
    return f"{float(round_half_up(value, step)):.{digits}f}"


def standing(one: Ranked) -> str:
    """Say a unit's score with its place, or its band where a place would be noise: 82.4 B档,与同类相当."""
    tie = "(并列)" if one.is_tied else ""
    place = f"第{one.place}名{tie}" if one.place is not None else ""
    return ",".join(part for part in (f"{points(one.shown)} {one.band}档", place, VERSUS[one.versus]) if part)


def unranked(one: Unranked) -> str:
    """Say that and why a unit is not ranked."""
    return GAPS[one.gap]


def head(one: Explanation, name: str) -> str:
    """Begin the answer to 为什么."""
    share = points(one.coverage * 100, Fraction(1))
    if one.shown is None or one.band is None:
        return f"{name}暂无可计分的任务。"
    return f"{name}得分{points(one.shown)}({one.band}档),计{len(one.parts)}项任务,占应计权重{share}%:"


def part(one: Part, title: str, source: str = "") -> str:
    """One task of the score; source says who stated it when and who confirmed it, as the asker may see it."""
    gives = f"得{points(one.scored.score or Fraction(0))},贡献{points(one.shown, _CENT)}"
    return ",".join(filter(None, (_what(one.scored, title), gives, source)))


def other(one: Scored, title: str) -> str:
    """One task that stays out of the score."""
    return _what(one, title)


def outlook(one: Outlook) -> str:
    """What finishing one task today would bring: 若T31今日完成并核实 → 82.4,B档."""
    return f"若{one.task}今日完成并核实 → {points(one.shown)},{one.band}档"


def trend(moved: Trend, before: date) -> str:
    """Say how a unit moved since another month."""
    return f"较{before.month}月{TRENDS[moved]}"


def _what(one: Scored, title: str) -> str:
    stopped = "停表" if one.is_stopped else ""
    late = f"逾期{one.days_late}个工作日" if one.days_late else ""
    due = "" if one.expected is None else f"应达{points(one.expected * 100)}%"
    reached = "" if one.progress is None or one.state is State.SILENT else f"进度{points(one.progress * 100)}%"
    missed = f"有{one.line.missed}周未报" if one.line.missed else ""
    facts = (f"权重{one.line.weight}", STATES[one.state], stopped, reached, due, late, missed)
    return f"{one.line.task} {title}:" + ",".join(filter(None, facts))
