"""Numbers of things done and to do: 应签56实签50, 12项完成9项, 已报2项, 劝返2人还剩1人.

Callers blank percents and dates first, so that every number left may be a count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.progress.language.numerals import WHOLE, is_rough, parse_whole

PEOPLE, EVENTS, THINGS, PLACES = "people", "events", "things", "places"
ANY = frozenset({PEOPLE, EVENTS, THINGS, PLACES})
_CLASSES = {
    PEOPLE: "人次 名 位 户 家 人",
    EVENTS: "场次 次 场 期 节 堂 课时 轮",
    THINGS: "项 条 件 份 本 篇 套 张 例 起 步 门 组 枚 封",
    PLACES: "处 间 栋 台 辆 所 座 盏 班 点位",
}
_MEASURES = {measure: kind for kind, measures in _CLASSES.items() for measure in measures.split()}
_MEASURE = (
    rf"(?:{'|'.join(sorted(_MEASURES, key=len, reverse=True))}|个(?!百分|工作日|月|星期|礼拜|小时|学期|多月|[点半]))"
)
_NOUN_CLASS = (
    (re.compile(r"^的?(?:[一-龥]{0,4}?)(?:人|学生|教师|老师|教职工|孩子|党员|同学|家长|户|家庭)"), PEOPLE),
    (re.compile(r"^的?(?:专题|活动|课程|讲座|会)"), EVENTS),
    (re.compile(r"^的?(?:[一-龥]{0,3}?)(?:班|教室|点位|隐患|校区|配电|房间|宿舍|灶|车|地方|部位)"), PLACES),
)
_ACT = (
    r"完成|开展|整改|改造|改好|改完|改|销号|签订|签署|签|走访|家访|走|访|检测|测试|测|排查|核查|检查|查|上报|申报"
    r"|报送|报|提交|交|办结|办|化解|落实|解决|到位|"
    r"送教|送|上|核验|核对|核|验收|验|安装|装|维修|修|达标|培训|训|通过|发放|发|召开|举办|举行|组织|开|处理|处置|劝返"
    r"|录入|录|上传|传|填报|填|征集|收集|收到|收|"
    r"推荐|评选|研讨|学习|清零|消除|搞|做|弄|实|去|评|研|学|讲|谈"
)
# Of a run of blanks two stay (normalise): to look for more would only take time.
_S = r"\s{0,2}"
_N1 = rf"(?P<n1>{WHOLE}){_S}(?P<m1>{_MEASURE})?"
_N2 = rf"(?<!第)(?P<n2>{WHOLE}){_S}(?P<m2>{_MEASURE})?"
_N2M = rf"(?<!第)(?P<n2>{WHOLE}){_S}(?P<m2>{_MEASURE})"
_N1M = rf"(?P<n1>{WHOLE}){_S}(?P<m1>{_MEASURE})"
_FREE = r"[^\d一二两三四五六七八九十百□◇,。;\n]"
_GAP = rf"(?P<noun>{_FREE}{{0,8}}?)[,、 ]?{_S}(?:(?!再|想|计划|准备|打算|还要|争取|将){_FREE}){{0,6}}?"
_LEFT = (
    r"(?:还有|还剩下?|还差|还缺|剩余|剩下|尚有|尚余|另有|另外|只剩|就差|只差|仅剩|剩|差|未[一-龥]{1,3}的?(?:还有)?"
    r"|没[一-龥]{1,3}的?(?:还有)?)"
)
_NOT_ORDINAL = r"(?<![第\d.几])"

# (pattern, how n1 and n2 give done and total); the first pattern that fits is taken.
_BOTH = (
    (re.compile(rf"应{_FREE}{{0,6}}?{_N1}{_GAP}(?:实|已|现|完成|达标|其中){_FREE}{{0,8}}?{_N2}"), "total done"),
    (
        re.compile(
            rf"{_LEFT}{_FREE}{{0,3}}?{_N1M}{_FREE}{{0,6}}[,、 ]?{_S}(?:共|总共|一共|总计|全校|总数){_FREE}{{0,4}}{_N2M}"
        ),
        "left total",
    ),
    (
        re.compile(rf"(?:共|总共|一共|总计)(?:有|计)?{_N1M}{_FREE}{{0,6}}[,、 ]?{_S}{_LEFT}{_FREE}{{0,3}}?{_N2M}"),
        "total left",
    ),
    (re.compile(rf"(?:{_ACT}|[已了到过出好完来回]){_S}{_N1M}{_GAP}{_LEFT}{_FREE}{{0,6}}?{_N2M}"), "done left"),
    (
        re.compile(rf"{_NOT_ORDINAL}{_N1M}{_GAP}(?:{_ACT}){_FREE}{{0,3}}?[,、 ]{_LEFT}{_FREE}{{0,6}}?{_N2M}"),
        "done left",
    ),
    (re.compile(rf"{_NOT_ORDINAL}{_N1M}{_GAP}{_LEFT}{_FREE}{{0,6}}?{_N2M}"), "total left"),
    (
        re.compile(
            r"(?<![\d./])(?P<n1>\d{1,12})\s{0,2}(?P<m1>[人户名项条次处个份])?\s{0,2}/\s{0,2}(?P<n2>\d{1,12})(?![\d./])\s{0,2}(?P<m2>[人户名项条次处个份])?"
        ),
        "done total",
    ),
    (re.compile(rf"{_NOT_ORDINAL}{_N1M}{_GAP}(?:{_ACT}|[一-龥][了掉完好]){_FREE}{{0,3}}?{_N2}"), "total done"),
    (
        re.compile(
            rf"(?:(?:{_ACT})[了到过出好完]?|[已了到过出好完来回]){_FREE}{{0,3}}?{_N1M}{_FREE}{{0,8}}[,、 ((]?{_S}"
            rf"(?:共|总共|一共|总计|全校共?"
            rf"|全园共?|总数"
            rf"|应{_FREE}{{0,2}}){_FREE}{{0,5}}?{_N2}"
        ),
        "done total",
    ),
    (re.compile(rf"(?:^|,)[^\w,]*{_N1M}[,、 ]{{1,2}}(?:[总一]?共有?|总计|总数|应{_FREE}{{0,2}}){_N2}"), "done total"),
)
_DONE = (
    re.compile(rf"(?:累计(?:已经?)?(?:{_ACT})?|[总一]?共计?(?:已经?)?(?:{_ACT}))[了到过]?{_S}{_N1M}"),
    re.compile(rf"(?:{_ACT}|递|投|提)(?:[上下回出过进]来|[上下]去)?[了到过出好完]*(?:共|累计|大约|约)?{_S}{_N1M}"),
    re.compile(rf"(?:{_ACT})[了到过出好完]*(?P<n1>[俩仨])(?P<m1>人)?"),
    re.compile(rf"{_NOT_ORDINAL}{_N1M}{_FREE}{{0,4}}?(?:已经?|都|均)(?:全部)?(?:{_ACT})"),
    re.compile(rf"(?:^|,)[^\w,]*(?:已|共|累计|目前|现)*{_N1M}[了啦]?[^\w,]*(?=,|$)"),
)
_ORDINAL = re.compile(
    rf"第{_S}(?P<n1>{WHOLE}){_S}(?P<m1>{_MEASURE})?(?:专题|研讨|送教|活动)?{_FREE}{{0,10}}?(?:已|完成|结束|[一-龥]完"
    rf"|开了|[一-龥]过)"
)
_INTERMEDIATE = re.compile(r"初稿|草稿|底稿|方案|提纲|计划书|框架|意向|草案|遍")
_ATTENDANCE = re.compile(r"应[到参出]")
_PLANNED = re.compile(
    r"(?:将|除了?|计划|准备|打算|拟|预计|争取|再|还要|还需|还差|需要?|要|不少于|至少|应当?|没|未|少|缺|差"
    r"|剩)[一-龥]{0,3}$"
)
# A third number beside two that belong together: what is left of them, or how many there are.
_REST = re.compile(rf"{_FREE}{{0,8}}?[,、 ]?{_S}{_LEFT}{_FREE}{{0,3}}?{_N1M}")
_WHOLE_AFTER = re.compile(rf"{_FREE}{{0,8}}?[,、 ]?{_S}(?:共|总共|一共|总计){_FREE}{{0,4}}?{_N1M}")
_WHOLE_BEFORE = re.compile(rf"{_NOT_ORDINAL}{_N1M}{_FREE}{{0,8}}[,、 ]?{_S}$")
_SUM = re.compile(r"共|累计|总")
_ACTED = re.compile(rf"共[^,]{{0,2}}(?:{_ACT})[了过]")
# 又走了5户 tells how many came to those done before, not how many are done.
_GAIN = re.compile(rf"(?:又[一-龥]{{0,4}}|[新多][增加]?(?:{_ACT})|新增|增加)[了到过出好完]{{0,2}}\s{{0,2}}$")
_NEAR, _FAR = 12, 32


@dataclass(frozen=True)
class Count:
    """Of `total`, if it is stated, `done` are done. `kind` is what was counted; None if the text does not say.

    `due`: told as what ought to be and what is (应签56实签50), so it is the task itself that was counted.
    """

    done: int
    total: int | None
    kind: str | None
    due: bool = False

    @property
    def is_possible(self) -> bool:
        return self.total is None or (0 <= self.done <= self.total and self.total > 0)


def find_count(text: str, told: str, allowed: frozenset[str]) -> Count | None:
    """The first statement about things of an allowed kind, both numbers before one.

    `told` is as much of the text as tells how many are done, not how many will be.
    """
    pairs = (count for _, _, count in _pairs(text, allowed) if count.is_possible)
    return next(pairs, None) or _only_done(told, allowed)


def is_contradictory(text: str, allowed: frozenset[str], *, open_ended: bool) -> bool:
    """Whether numbers of one thing cannot hold together: 12户走了15户; 12户走了9户,还剩5户.

    `open_ended`: more than what is due may be done, as of things that are collected.
    """
    pairs = [pair for pair in _pairs(text, allowed) if _is_of_one_thing(text, *pair)]
    possible = [pair for pair in pairs if pair[2].is_possible]
    if pairs and not possible:
        return not open_ended
    return any(_is_denied(text, *pair) for pair in possible)


def _is_of_one_thing(text: str, roles: str, found: re.Match[str], count: Count) -> bool:
    """3人走了50户 counts two things, 12户走了9户 one; what is 共4条 is no part of one named before."""
    if roles == "total done" and _SUM.search(text[found.end("n1") : found.start("n2")]):
        return False
    first, second = found["m1"], found["m2"]
    return first == second is not None or (count.due and not (first and second))


def _is_denied(text: str, roles: str, found: re.Match[str], count: Count) -> bool:
    """Whether a third number beside a pair says something else than the two."""
    if roles in {"total done", "done total"}:
        third, expected = _REST.match(text, found.end()), (count.total or 0) - count.done
    elif roles == "done left":
        before = text[max(0, found.start() - _FAR) : found.start()]
        third, expected = _WHOLE_AFTER.match(text, found.end()) or _WHOLE_BEFORE.search(before), count.total or 0
    else:
        return False
    measures = {found["m1"], found["m2"]} - {None}
    return third is not None and third["m1"] in measures and parse_whole(third["n1"]) != expected


def _pairs(text: str, allowed: frozenset[str]) -> Iterator[tuple[str, re.Match[str], Count]]:
    """Every two numbers of an allowed kind that belong together, whether or not they can hold."""
    for pattern, roles in _BOTH:
        for found in pattern.finditer(text):
            count = _both(text, found, roles)
            if count and _counts(count, allowed) and not _INTERMEDIATE.search(_around(text, found)):
                yield roles, found, count


def _gains(text: str, number: int) -> bool:
    return bool(_GAIN.search(text[max(0, number - _NEAR) : number]))


def find_ordinal(text: str, allowed: frozenset[str]) -> Count | None:
    """第二次已开展 says that two are done."""
    found = _ORDINAL.search(text)
    if not found:
        return None
    kind = _MEASURES.get(found["m1"] or "")
    return Count(parse_whole(found["n1"]), None, kind) if kind is None or kind in allowed else None


def _both(text: str, found: re.Match[str], roles: str) -> Count | None:
    if is_rough(found["n1"]) or is_rough(found["n2"]) or _gains(text, found.start("n1")):
        return None
    first, second = parse_whole(found["n1"]), parse_whole(found["n2"])
    kinds = {kind for n in "12" if (kind := _kind(text, found, n))}
    if _ATTENDANCE.search(found.group()):
        kinds.add(PEOPLE)
    if len(kinds) > 1:
        return None
    # 今天签了12人,共签了50人 tells twice what is done, and no total.
    if roles == "done total" and _ACTED.search(text[found.end("n1") : found.start("n2")]):
        return None
    done, total = {
        "total done": (second, first),
        "done total": (first, second),
        "done left": (first, first + second),
        "left total": (second - first, second),
        "total left": (first - second, first),
    }[roles]
    return Count(done, total, next(iter(kinds), None), due=found.group().startswith("应"))


def _only_done(text: str, allowed: frozenset[str]) -> Count | None:
    for pattern in _DONE:
        for found in pattern.finditer(text):
            before = text[max(0, found.start("n1") - _NEAR) : found.start("n1")]
            count = Count(parse_whole(found["n1"]), None, _kind(text, found, "1"))
            refused = (
                is_rough(found["n1"])
                or _gains(text, found.start("n1"))
                or _PLANNED.search(before)
                or _PLANNED.search(text[max(0, found.start() - _NEAR) : found.start()])
                or before.endswith("第")
            )
            if not refused and _counts(count, allowed) and not _INTERMEDIATE.search(_around(text, found)):
                return count
    return None


def _kind(text: str, found: re.Match[str], n: str) -> str | None:
    measure = found[f"m{n}"]
    if not measure:
        return None
    if measure != "个":
        return _MEASURES[measure]
    after = text[found.end(f"m{n}") :]
    return next((kind for pattern, kind in _NOUN_CLASS if pattern.match(after)), None)


def _counts(count: Count, allowed: frozenset[str]) -> bool:
    return count.kind is None or count.kind in allowed


def _around(text: str, found: re.Match[str]) -> str:
    """The match with the words next to it, up to the nearest comma."""
    start = max(text.rfind(mark, 0, found.start()) for mark in ",;。\n") + 1
    return text[start : found.end() + 6]


def allowed_kinds(metric: str, standard: str) -> frozenset[str]:
    """What a task's metric counts: a step or a session of another thing is not progress."""
    named = {
        kind
        for measure, kind in _MEASURES.items()
        if re.search(rf"[\d一二三四五六七八九十]{_S}{measure}(?!以[上下])", standard)
    }
    if "班级" in standard:
        named.add(PLACES)
    if metric == "percent":
        return frozenset({PEOPLE, THINGS, PLACES, *named})
    if metric == "count":
        return frozenset(named or {THINGS})
    return frozenset({THINGS}) if metric == "milestone" else frozenset()
