"""Shares of a whole: 85%, 八成五, 十分之七, 过半, 还差20%; with how exact they are and what they speak of."""

import re
from dataclasses import dataclass
from enum import StrEnum

from handlers.progress.language.numerals import HAN, NUMBER, is_rough, parse

_ROUGH = (
    r"大概|大约|约[摸莫]?|差不多|估计|得有|估摸着?"
    r"|将近|(?<!最)近|接近|快|左右|可能|应该(?!是)|基本|目测|粗略|差不离|几乎"
)
_MORE = r"超过|超出?|已?过了?|突破|破|至少|不低于|不少于|不止|多于|高于|逾"
_LESS = r"不到|不足|未到|没到|没有达到|未达到?|低于|不满|不及|少于|没过|未过|没超过|还没到|连"
_SPAN = r"\s{0,2}[-~到至]\s{0,2}"
_TENTH = r"[一二三四五六七八九]"
_NEXT = "|".join(f"{low}、?{high}" for low, high in zip("一二三四五六七八", "二三四五六七八九", strict=True))
_NOT_SHARE = r"(?![立员绩果功效分套])"
# A decimal point may be typed as 。 or 点; after 下午 or 早 it tells the hour.
_FORM = re.compile(
    rf"(?<![a-z\d.从由])(?P<from>\d{{1,2}}){_SPAN}(?P<to>\d{{1,3}}(?:\.\d{{1,3}})?)\s{{0,2}}%"
    r"|(?<!\d)(?P<comma>\d{1,3},\d{1,2})\s{0,2}%"
    rf"|(?<!\d)(?P<percent>\d{{1,9}}(?:\.\d{{1,9}}|(?<![午早晚].)(?<![午早晚]..)[。点]\d(?!\d))?)\s{{0,2}}(?:%+|percent)"
    rf"|百分之?(?P<hundred>百|{NUMBER})"
    rf"|(?P<below>(?<!\d)\d{{1,9}}|{HAN}{{1,9}})\s{{0,2}}分之\s{{0,2}}(?P<above>{NUMBER})"
    rf"|(?P<pair>{_NEXT}|两三)\s{{0,2}}成{_NOT_SHARE}"
    rf"|(?<![a-z\d.点十从由周期拜第])(?P<low>{_TENTH}|[1-9]){_SPAN}(?P<high>{_TENTH}|十|10|[1-9])\s{{0,2}}成{_NOT_SHARE}"
    rf"|(?<![\d.点十午早晚])(?P<decimal>\d[.点。]\d{{1,2}}|[零{_TENTH[1:]}[.点]{_TENTH}{{1,2}})\s{{0,2}}成{_NOT_SHARE}"
    rf"|(?P<tenths>(?<![\d.点])[1-9]\d{{0,2}}|(?<![点十])(?:十?{_TENTH}|[两十]))\s{{0,2}}成{_NOT_SHARE}"
    r"(?P<fifth>[一二三四五六七八九半1-9](?![%\d]"
    r"|[个人名户项条处次]))?"
    r"|(?P<most>一大半|大半|一多半|过半数?|超半数?|半数以上|一半以上|一半多|半数多)"
    r"|(?P<few>一?小半|小一半|少半|不到一半|不足一半|没到一半|不到半数|不过半|没过半|未过半)"
    r"|(?P<half>一半|半数|对半|近半(?!年|个)|50/50)"
    r"|(?P<all>百分百)"
    rf"|(?<!\d)(?P<points>{NUMBER})\s{{0,2}}个(?:百分)?点"
)
_BARE = re.compile(
    r"(?:进度|[成盖订测传报放改号与结验标务训]率|完成度|完成了?)\s{0,2}(?:为|是|到了?|达到?|:"
    r"|约)?\s{0,2}(?P<bare>\d{1,3}(?:\.\d)?)(?=[,。;!]|$)"
)
_SUFFIX = re.compile(
    r"\s{0,2}(?:的?样子)?(?P<more>以上|多|余|出头|\+|往上|开外)|(?P<less>不到|没到|不足|未满)|\s{0,2}(?P<rough>左右|上下|吧|的样子|差不多|大概|样子)"
)
_CHANGE_BEFORE = re.compile(
    r"(?:提高|提升|增加|增长|上升|增|涨|推进|前进|多|提|下降|降低|快)了?(?:约|近|大约)?\s{0,2}$"
)
_POINTS = re.compile(r"\s{0,2}个?百分点")
_REST_BEFORE = re.compile(
    r"(?:还|只|就|仅|尚)?(?:差|剩下?的?|剩余的?|欠|缺|余下的?)\s{0,2}(?:大概|大约|将?近|接近|约|最后|差不多|不到|不足|超过)?\s{0,2}$|未完成的?(?:占|有|率)?\s{0,2}$"
)
_LEFT = re.compile(r"[差剩欠缺余]")
_REST_AFTER = re.compile(r"[^,。;]{0,6}?(?:没|未|待|没有)(?!问题)")
_HAVE_BEFORE = re.compile(r"(?:还|仍|尚|另)有\s{0,2}(?:大概|大约|约|近)?\s{0,2}$")
_PLAN_BEFORE = re.compile(
    r"(?:目标|要求|计划|应达到?|需达到?|预计|预期|争取|力争|确保|有望|可达?|将(?!近)|会|就?能|要|打算|保证|冲刺"
    r"|达不到)[^,。;已现]{0,10}$"
)
_SETTLED = re.compile(r"已|现在|目前|现|实际|截至|了$")
_OTHER_BEFORE = re.compile(
    r"(?:合格|优秀|优良|及格|满意|出勤|到岗|到课|正确|准确|良好|近视|通过|获奖|误差|知晓|好评|支持|同意|占比|占|中签"
    r"|升学|就业|录取|肥胖|湿|浓)(?:率|度)?"
    r"[^,。;]{0,4}$"
)
_OTHER_THING = re.compile(r"(?:资金|经费|材料|设备|货)[^,。;]{0,3}(?:到(?!账|位|货)|拨|批|来)[^,。;]{0,3}$")
_OLD_BEFORE = re.compile(
    r".*(?P<word>不是|并非|而不是|误(?:写|报|填|发)?[成为]?|[写打填报说发录输]成了?|由|从|原来?先?|之前|此前|先前"
    r"|上[次周月回]|刚才|刚刚|昨[天日]|前[天日]|上午|早上|去年)"
    r"[^,。;]{0,12}$"
)
_NEW_BEFORE = re.compile(
    r".*(?P<word>应该?[是为]?|应为|改[成为到]|更正[为成]|修正[为成]|调整[为成到]|实际[是为上]?|其实是?|现在|目前|现"
    r"|本周|这周|今天|而是|正确|准确|(?<!不)是|到|达|至|升)"
    r"[^,。;到至]{0,8}$"
)
_OLD_AFTER = re.compile(
    r"\s{0,2}(?:的)?\s{0,2}(?:有误|是?错|不对|不准|写错|填错|报错|打错|报高|报低|改[成为到]|更正[为成]|修正[为成]|调整[为成]"
    r"|提[高升]到|[增升涨]到|上升到|-+>|→|变成|变为)"
)
# Stands for figures nobody can read for sure. Being less than nothing, it is asked for again.
UNREADABLE = -1.0
# How many points a rough figure may be off.
_ROUGHLY = 10
# How far around a share words can bear on it; without a bound a long message would take quadratic time.
_NEAR = 24


class Role(StrEnum):
    NOW = "now"
    OLD = "old"
    PLAN = "plan"
    CHANGE = "change"
    OTHER = "other"


@dataclass(frozen=True)
class Percent:
    """`op` is >=, <, ~ or None; only the role NOW tells how far the work is. `rest`: told by what is left to do."""

    start: int
    end: int
    value: float
    op: str | None
    role: Role
    rest: bool = False

    @property
    def range(self) -> tuple[float, float]:
        """The least and the most it may mean: a rounded figure stands for its neighbours, a rough one for more."""
        if self.op == ">=":
            return self.value, 100
        if self.op == "<":
            return 0, self.value
        slack = _ROUGHLY if self.op else 1
        return self.value - slack, self.value + slack


def find_percents(text: str) -> list[Percent]:
    return [_read(text, found) for pattern in (_FORM, _BARE) for found in pattern.finditer(text)]


def _read(text: str, found: re.Match[str]) -> Percent:
    before, after = text[max(0, found.start() - _NEAR) : found.start()], text[found.end() : found.end() + _NEAR]
    value, op = _value(found)
    op = op or _op(before, after)
    rest = _rest(before, after)
    # 未完成100% may mean that nothing is done, or that not everything is.
    is_vague = rest and value >= 100 and not _LEFT.search(before)
    if rest and value != UNREADABLE:
        value, op = 100 - value, {"<": ">=", ">=": "<"}.get(op or "", op)
    return Percent(
        found.start(),
        found.end(),
        round(value + 1e-9, 1),
        op,
        Role.OTHER if is_vague else _role(before, after, value, bool(found.groupdict().get("points"))),
        rest,
    )


def _value(found: re.Match[str]) -> tuple[float, str | None]:
    group = found.groupdict().get
    if text := group("percent") or group("points"):
        return parse(text.replace("。", ".")), None
    if text := group("bare"):
        # 0.9 without % may as well be nine tenths.
        return (UNREADABLE if text.startswith("0.") else parse(text)), None
    if text := group("hundred"):
        return _hundredths(text)
    if (below := group("below")) and (above := group("above")):
        share = 100 * parse(above) / max(parse(below), 1)
        return UNREADABLE if is_rough(above) else float(int(share + 0.5)), None
    return _tenths(found)


def _hundredths(text: str) -> tuple[float, str | None]:
    if text in {"百", "一百"}:
        return 100, None
    if is_rough(text):
        return (parse(text[1:]) - 5, "~") if len(text) == 3 and text[2] == "十" else (UNREADABLE, None)
    return parse(text), None


def _span(low: float, high: float, *, widest: float) -> tuple[float, str | None]:
    """A range of two near values stands for its middle; of values far apart nobody can tell which is meant."""
    return ((low + high) / 2, "~") if 0 < high - low <= widest else (UNREADABLE, None)


def _tenths(found: re.Match[str]) -> tuple[float, str | None]:
    group = found.groupdict().get
    if (first := group("from")) and (last := group("to")):
        return _span(parse(first), parse(last), widest=10)
    if group("comma"):
        return UNREADABLE, None
    if pair := group("pair"):
        return parse(pair[-1]) * 10 - 5, "~"
    if (low := group("low")) and (high := group("high")):
        return _span(10 * parse(low), 10 * parse(high), widest=10)
    if decimal := group("decimal"):
        return 10 * parse(decimal.replace("。", ".")), None
    if tenths := group("tenths"):
        fifth = group("fifth")
        return parse(tenths) * 10 + (5 if fifth == "半" else parse(fifth) if fifth else 0), None
    if group("all"):
        return 100, None
    return 50, ">=" if group("most") else "<" if group("few") else "~" if (group("half") or "").startswith(
        "近"
    ) else None


_BEFORE = tuple(
    (re.compile(rf"(?:{words})(?:了|有|到|达到?|完成)?\s{{0,2}}$"), op) for words, op in ((_LESS, "<"), (_MORE, ">="))
)
_ROUGH_BEFORE = re.compile(
    rf"(?:{_ROUGH})(?:已经?)?(?:有个?|到|达到?|完成|做|弄|报|签|了|是|在|走|查|测){{0,4}}\s{{0,2}}$"
    r"|(?:大概|大约|差不多|估计|目测|几乎|接近|将近|可能|粗略)(?:已经?)?[一-龥]{0,3}\s{0,2}$"
)


def _op(before: str, after: str) -> str | None:
    for pattern, op in _BEFORE:
        if pattern.search(before):
            return op
    suffix = _SUFFIX.match(after)
    if suffix:
        return ">=" if suffix["more"] else "<" if suffix["less"] else "~"
    if _ROUGH_BEFORE.search(before) or re.match(r"[^,。;]{0,4}吧", after):
        return "~"
    return None


def _rest(before: str, after: str) -> bool:
    """Whether the share speaks of what is left to do."""
    if _REST_BEFORE.search(before):
        return True
    if _HAVE_BEFORE.search(before):
        return bool(_REST_AFTER.match(after))
    return bool(
        re.match(
            r"(?:的[^,。;]{0,6})?(?:还?没有?|未|尚未|还未|待)[^,。;]{0,3}(?:[完报交签查测传做弄改填办走访]|发|核)",
            after,
        )
    )


def _role(before: str, after: str, value: float, points: bool) -> Role:
    if (points or _POINTS.match(after)) and not re.search(r"[到达至]\s{0,2}$", before):
        return Role.CHANGE
    if _CHANGE_BEFORE.search(before):
        return Role.CHANGE
    if _OLD_AFTER.match(after) or _is_old(before):
        return Role.OLD
    if _OTHER_BEFORE.search(before) or _OTHER_THING.search(before) or not 0 <= value <= 100:
        return Role.OTHER
    plan = _PLAN_BEFORE.search(before)
    return Role.PLAN if plan and not _SETTLED.search(plan.group()) else Role.NOW


def _is_old(before: str) -> bool:
    """Whether the nearest word in front of the share makes it a former or a wrong one."""
    line = before.rpartition("\n")[2]
    old, new = _OLD_BEFORE.match(line), _NEW_BEFORE.match(line)
    if old is None or new is None:
        return old is not None
    return new.start("word") < old.end("word")
