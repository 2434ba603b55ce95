"""Finds the shortest span of a message that names what stands in the way."""

import re
from dataclasses import dataclass

from handlers.progress.language import status
from handlers.progress.language.scope import is_part, narrows

_OUTSIDE = (
    r"下雨|下雪|雨雪|大雪|暴雪|降雪|雨天|阴雨|连雨|降温|低温|寒潮|天气|太冷|结冰|上冻|冻住|冰冻|大风|台风|沙尘|疫情"
    r"|流感|停电|停水|[网电水气路]断|断[网电水气]|停暖|停气|断网|没网|打不开"
    r"|登不[上进]|登录不|进不去|掉线|报错|故障|坏了|封[了路控]|(?:还是|一直|仍然?)不[热亮通转]|损坏|漏水|爆管|崩[了溃]|瘫痪|卡顿|维护|宕机"
    r"|(?:卡号|账号|信息|姓名|名字|数据|身份证号?)[^,。;]{0,2}(?:不对|错了|有误)|丢失|错误|出错|不符|不一致|对不上|不全|不齐|缺失|过期|不达标|不合格|纠纷|流标|废标|延误|迟迟|拖[着延欠]|反复"
    r"|被占|占用|施工难|难度大|冲突"
)
_PEOPLE = (
    r"没人|无人|缺人|人手|请[了着]?[病事产]?假|生病|住院|[产病事休]假|出差|外出|在?外地|在外|不在[家校]|联系不[上到]"
    r"|打不通|找不到|拒[签绝]|不配合|不同意|不愿|不肯|不签|离职|调走|借调|退休"
    r"|(?:工人|施工队|包工头|师傅|厂家|司机|队伍)[^,。;]{0,3}(?:走|跑|撤|没来|不来|放假|回家)|跑路|空缺|不支持|不理解|有意见|忙不过来|顾不过来"
)
_LACK = (
    r"(?<!不)缺(?!勤|课|席|点|陷)|没钱|没落实|未落实|没教室|没场地|没地方|没设备|没材料|没车|没时间|没条件|没资金"
    r"|(?:进|运|拉|送|供|接|跟|买|借|凑|腾|派|调|抽|请|招|雇|谈|批|拨)不(?:过来|来|去|上|到|着|出|起|下|齐|够|拢)|没经费|没师资|没老师|(?:不足|不够)(?!\s*[□\d一二三四五六七八九十])"
    r"|短缺|紧张|紧缺|太[忙紧少多大远难小慢贵高乱]|很[忙紧少难慢]|少发|发错|缺货|断货|没货|有限|吃紧|超载|排队|排期"
    r"|排不上|排不开|才(?:能)?(?:送|到货|来|发货|批|给|拨|下来|进场)|撞车|滞后"
)
_WAIT = (
    r"(?:^|[要得须还需先仍在都只批次项条期])等(?!级|于|等|同|次|[一二三四五六七八九十])"
    r"|[^一二三平相同优高]等(?=[一-龥]{1,12}(?:核|批|复|来|到|下|审|定|通知|验|查|评|报告|结果|答复|回复"
    r"|反馈|招标|安排|协调|拨|发|货|配|更新|开放|修|确认))|卡在|待(?=[一-龥]{0,6}(?:批|审|核查|拨|验收|复查|评|回复"
    r"|反馈|确认|通知|到货))"
)
_OBSTACLE = re.compile("|".join((_OUTSIDE, _PEOPLE, _LACK, _WAIT)))
_CAUSE = re.compile(
    r"因为|(?<![原其])因(?![此而素])|由于|主要(?:是|因为|原因是?)|原因(?:是|在于)?|问题(?:是|在于|出在)|难点(?:是"
    r"|在于)|苦于|碍于|鉴于|考虑到|受(?=[^,。;]{1,12}影响)|怪"
)
_UNMET = re.compile(
    r"(?:还|尚|仍|一直|迟迟|至今)?(?:没有|没(?!有)|未(?!来)|尚未)(?!问题|隐患|违规|辍学|异议|完成|完|发现"
    r"|查[出到])(?P<verb>[一-龥]{1,4})"
)
_NUM = r"[\d一二两三四五六七八九十几]+"
_GAP = re.compile(
    rf"(?:还?差|还?缺|剩余?下?|还剩下?|还有|只差|就差|只剩|仅剩)(?:大概"
    rf"|约)?{_NUM}\s*[名位个处间台辆栋户条项家份所门盏扇块只把批副片根罐瓶支幅张本套件](?P<noun>(?![没未在正待还要需])[一-龥]{{2,}})"
)
_OWN_REST = re.compile(
    r"(?:没|未|待)(?:有)?(?:[签报交查测传填走访核整验弄做改完办录开上去进入]|开始|达标|参加|到位|合格)[一-龥]{0,2}$"
)
_COUNTED = re.compile(r"老师|教师|学生|幼儿|人|家长|党员|职工|孩子|户|隐患|问题|班|项目|点位|同学")
_GAP_REST = re.compile(r"(?:还)?(?:没有?|未|待).*$")
_LEAD = re.compile(
    r"^(?:[■□◇\s、,:()]|但是?|不过|可是?|只是|就是|然而|目前|现在|最近|近期|近来|这[几两]天|主要(?:是|因为|由于"
    r"|原因是?|问题是)?|因为?|由于|原因(?:是|在于)?|问题(?:是"
    r"|在于)?|难点(?:是|在于)?|苦于|碍于|鉴于|考虑到"
    r"|受(?=.*影响)|一直|仍然?|另外|同时|其中|而且|因此|都?怪|说是|说(?!明|法|好)|了|的|是(?!非)|尚(?!未)|暂时|实在"
    r"|确实|真的|今年"
    r"|工作|现|(?:我|本)[校园])++"
)
_TAIL = re.compile(r"(?:(?:的)?(?:原因|缘故|影响)|[呢啊呀哦啦吧哈嘛,。!;、\s.~])+$")
_RESULT = re.compile(
    r"(?:特|故|现|想|拟|需|只能|只好|要)?(?:申请|请求|恳请|希望|延期|延到|延至|推迟|能不能|能否)|导致|造成|致使|所以"
    r"|因此|从而|使得|耽误|影响了?(?:进度|施工|工期)|拖慢"
)
_CANNOT = re.compile(
    r"(?:就|也|都|还|一直|暂时|目前)*(?:没法|无法|没办法|不能|没能|未能|才能|才|停工|停了|卡住|推进不"
    r"|(?:[一-龥]不[了下动])|暂停|搁置|暂未|尚未|还没|没(?=[完报交传签])"
    r"|未(?=[完报交传签]))"
)
_SUPPLY = re.compile(r"材料|设备|资金|款项?|车辆|手续|经费|批复")
_ARRIVE = re.compile(r"[到来批拨下落拉送运]|落实|下来|审")
_OWN_VERB = re.compile(r"[开上去签报交查测传填走访核整验弄做改办录贴挂写补发对比]|进[门家]|入户")
# What is done by those who approve of the work.
_CHECKED = re.compile(r"验收|检测|年检|鉴定|评审|审[批核定]|过会")
_OTHERS = re.compile(
    r"会$|监理|专家|第三方|评委|对方|银行|医院|单位|[省市区县镇村]里|会议|合同|协议|手续|证|图纸|款|批文|厂家|施工|公司|上级|财政|局里|消防队|部门|领导|家长|系统|平台|设备"
)
_REQUEST = re.compile(
    r"更正|订正|改一下|那啥|延期|延后|推迟|宽限|申请|往后|能不能|能否|可否|请|谢谢|收到|好的|晚几|晚两|缓"
)
_UNTIL = re.compile(r"之?后?(?:才|方|再)(?:能|可|行|好)")
_AMOUNT = re.compile(r"^[\s\d一二两三四五六七八九十台套件人名个位处辆间了着]*$")


@dataclass(frozen=True)
class _Found:
    rank: int
    start: int
    end: int


def find_blocker(clauses: list[tuple[int, str, str]], own: str, *, any_reason: bool) -> tuple[int, int] | None:
    """The span of the best obstacle in clauses given as (start, text, text with names and amounts blanked).

    `own` are the words of the task: what they name is a step of its own, no obstacle. A cause beats a mere gap. With
    `any_reason`, words nothing else explains count as the reason too.
    """
    found = [one for clause in clauses if (one := _in_clause(*clause, own))]
    if not found and any_reason:
        found = [one for clause in clauses if (one := _unexplained(*clause))]
    best = max(found, key=lambda one: (one.rank, -one.start), default=None)
    return (best.start, best.end) if best else None


def _in_clause(start: int, text: str, blanked: str, own: str) -> _Found | None:
    if cause := _CAUSE.search(blanked):
        return _trimmed(3, start, text, blanked, cause.end(), cause.end())
    obstacle = _OBSTACLE.search(blanked)
    if obstacle and status.DONE.search(blanked, obstacle.end()) and not status.NEGATED.search(blanked):
        return None
    if obstacle:
        waits = obstacle.group().endswith(("等", "待"))
        left = obstacle.end() - 1 if waits else _left_edge(blanked, obstacle.start())
        return _trimmed(2, start, text, blanked, left, obstacle.end())
    gap = _GAP.search(blanked)
    if gap and not (_OWN_REST.search(gap["noun"]) and _COUNTED.match(gap["noun"])):
        end = gap.end() - len(rest.group()) if (rest := _GAP_REST.search(gap["noun"])) else gap.end()
        if end - gap.start("noun") < 2:
            return None
        return _trimmed(1, start, text[:end], blanked[:end], gap.start(), end)
    unmet = _UNMET.search(blanked)
    others = unmet and not _is_own_step(blanked, unmet, own) and _has_subject(blanked, unmet)
    if unmet and others and not status.DONE.search(blanked):
        return _trimmed(2, start, text, blanked, _left_edge(blanked, unmet.start()), unmet.end())
    return None


def _has_subject(blanked: str, unmet: re.Match[str]) -> bool:
    """Whether a thing of its own is what did not come: 煤没拉来, but not 还没到账 of the task itself."""
    before = blanked[: unmet.start()].rpartition("■")[2]
    if _ARRIVE.match(unmet["verb"]) and _SUPPLY.search(before):
        return True
    return narrows(before, least=1 if _ARRIVE.match(unmet["verb"]) else 2)


def _is_own_step(blanked: str, unmet: re.Match[str], own: str) -> bool:
    """墙上没贴 is work of one's own still to do, 合同没签 and 配电没验收 wait for others."""
    before, checked = blanked[: unmet.start()], _CHECKED.match(unmet["verb"])
    if checked and checked.group() not in own and not is_part(before):
        return False
    return bool(_OWN_VERB.match(unmet["verb"])) and not _OTHERS.search(before)


def _unexplained(start: int, text: str, blanked: str) -> _Found | None:
    if _REQUEST.search(text):
        return None
    going = status.GOING.search(blanked)
    if going and narrows(blanked[: going.start()].rpartition("■")[2]):
        return _trimmed(0, start, text, blanked, 0, len(text))
    known = (
        status.DONE,
        status.NEGATED,
        status.BLOCKED,
        status.NOT_STARTED,
        status.PLANNED,
        status.GOING,
        status.WEAK_BLOCK,
    )
    if set("□◇■") & set(blanked) or any(pattern.search(blanked) for pattern in known) or not narrows(blanked):
        return None
    return _trimmed(0, start, text, blanked, 0, len(text))


def _left_edge(blanked: str, cue: int) -> int:
    """Where the words about the obstacle begin: after the last amount or finished work in front of it."""
    edge = blanked.rfind("□", 0, cue) + 1
    for done in status.DONE.finditer(blanked, 0, cue):
        edge = max(edge, done.end())
    return max(edge, blanked.rfind("■", 0, cue) + 1)


def _trimmed(rank: int, start: int, text: str, blanked: str, left: int, cue_end: int) -> _Found | None:
    right = len(text)
    if result := _RESULT.search(blanked, max(cue_end, left + 2)):
        right = result.start()
    right = min(right, _before_consequence(blanked, left, cue_end, right))
    if lead := _LEAD.match(blanked[left:right]):
        left += lead.end()
    if tail := _TAIL.search(text[left:right]):
        right = left + tail.start()
    return _Found(rank, start + left, start + right) if right - left >= 2 else None


def _before_consequence(blanked: str, left: int, cue_end: int, right: int) -> int:
    """Cut 没法验 off 厂家少发12台没法验, but leave 没到位 in 经费没到位."""
    cuts = [
        cut for cut in _CANNOT.finditer(blanked, left + 2, right) if cut.start() >= cue_end and cut.start() - left >= 2
    ]
    if until := _UNTIL.search(blanked, left + 2, right):
        return until.start()
    if cue_end == left:
        return cuts[-1].start() if cuts and not _UNMET.fullmatch(blanked[cuts[-1].start() : right]) else right
    return next((cut.start() for cut in cuts if _AMOUNT.match(blanked[cue_end : cut.start()])), right)
