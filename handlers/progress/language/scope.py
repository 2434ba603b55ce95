"""Whether a clause that claims completion claims it of the whole task or only of a part or step of it."""

import re
from dataclasses import dataclass

from handlers.progress.language.model import TaskEntry
from handlers.progress.language.status import CLEARED, DONE

# Words that may stand between a task and its verb without narrowing the claim, longest first where one holds another.
_NEUTRAL = re.compile(
    r"教职员工|教职工|各班级|各年级|班主任|专任教师|在岗|全校|全园|全体|全员|全部|全都|所有|每个|每位|每一个|学校"
    r"|幼儿园|校园|教师|老师|学生|幼儿|孩子|同学|党员|人员|家长|对象|班子|成员|困难|贫困"
    r"|工作|任务|事项|这项|该项|此项|一项|项目|专项|安全|情况|数据|信息|系统|平台|网上|名单|表格|报表|表|材料|报告"
    r"|结果|清单|书面|内容|手续|资金|款项|问题|隐患|点位|车辆|设备"
    r"|上报|报送|填报|录入|整理|汇总|审核|备案|上传|登记|统计|办理"
    r"|压根|根本|完全|丝毫|一点|目前|现在|现已|截至|截止|今天|昨天|前天|上周|本周|这周|本月|上月|今年|本学期|学期|刚刚|刚才|终于|总算|好不容易|早就"
    r"|早已|已经|均已|都已|按照|按时|按期|按要求|要求|如期|提前|顺利|圆满|基本|彻底"
    r"|一次性|足额|全额|如数|全流程|流程|程序|环节|步骤|陆续|分别|同步"
    r"|挨[家户个]|逐[户一个人班条项处]|入户|一一|统一|集中|认真|仔细|反复|再次|重新|全面|详细|深入|当场|现场都"
    r"|加班加点|连夜|总体|整体"
    r"|我们|我校|我园|本校|本园|咱们|咱|我|你|您|他|她|它|领导|局里|报告|汇报|一下|这个|那个|这边|这里|那边|这一?块儿?|那一?块儿?|这方面|方面|这事儿?|这活儿?|这摊子?|的话|就是"
    r"|呃|嗯|啊|呀|嘛|吧|呢|哈|哦|啦|了|的|地|得|也|都|均|全|已|经|在"
    r"|于|把|将|被|由|对|向|按|并|且|和|与|及|共|计|是|有|个|又|还|再|先|后|来|去|上|下|中|内|从|以|其|该|此|各|本|每"
    r"|刚|就|才|实|应|率"
    r"|[一二两三四五六七八九十百千\d]+\s*(?:人次|名|位|户|家|人|项|条|件|份|处|间|栋|台|辆|所|次|场|节|个|遍|轮)?"
)
# Kinds of work: a word of a kind is neutral for a task whose own words name that kind, and narrows any other claim.
_WORK = (
    re.compile(r"整改|排查|检查|自查|核对|核查|核实|核验|比对"),
    re.compile(r"签订|签署|签名|签字"),
    re.compile(r"走访|家访|入户"),
    re.compile(r"发放|到账|拨付"),
    re.compile(r"测试|检测|体测"),
    re.compile(r"培训|学习|研讨"),
    re.compile(r"维修|改造|建设|验收"),
    re.compile(r"评选|推荐|申报|征集|收缴|覆盖|处置|化解|治理"),
)
# What a claiming verb does, by its characters, and the words of a task such a verb can bring to an end.
_VERB_KINDS = tuple(
    (re.compile(verb), re.compile(own))
    for verb, own in (
        (r"[报交传填录送]", r""),
        (r"[签]", r"签|承诺"),
        (r"访", r"访"),
        (r"[测]", r"测"),
        (r"[查核验]", r"[查核验检]"),
        (r"[学讲研开]|(?<!已)上(?!墙)|训", r"学习|研讨|课|训|会|讲座|分析"),
        (r"[改修装建拆刷换]", r"[改修装建程]|隐患|问题"),
        (r"[发拨]", r"[发拨]"),
        (r"[写]", r"自评|报告|总结"),
        (r"印|贴|挂", r"公示|墙"),
        (r"公示|公布", r"公示|公布"),
        (r"推荐|评", r"推荐|评"),
    )
)
_PART = re.compile(
    r"主体|封顶|基础(?!上)|外墙|内墙|墙面|屋面|屋顶|楼顶|地面|门窗|水电|管道|管网|线路|防水|保温|拆除|打桩|粉刷"
    r"|[一二三四五六两]楼|[一二三四五六七八九]层|[东西南北]楼|[东西南北]侧"
    r"|(?<!全)部分|一半|半数"
    r"|大部|多数|前期|前半|后半|初步|初稿|草稿|底稿|草案|方案|预案|图纸|设计|招标|立项|动员|部署|摸底|宣传|布置"
    r"|启动会|第[一二三四]|首[批轮次]|上半|一期(?!工程)|阶段|采购|到货|调试|现场"
    r"|会议|问卷|意见|公告"
    r"|[一二三四五六七八九]年级|[高初][一二三]|[大中小]班(?!额)|小学部|初中部|中学部|高中部|幼儿部|语文|数学|英语"
    r"|男生|女生|线上|口头|电子版|摸排|调研|自评表|演练|器材|通道"
)
_PERIOD = re.compile(r"期满|满[\d一二两三四五六七八九十]|结束|完毕|无异议|没有异议|没异议|到期")
_TRANSITIVE = re.compile(r"完成$|[一-龥]完(?:了)?$|[一-龥]好(?:了)?$|结束$")
_REPORTED = re.compile(r"报|交|提交|送")
_SESSION = re.compile(r"开|送教|研讨|征集|推荐|公示")
# Work that a report does not finish: handing in a form about a building site does not finish the building.
_NOT_BY_REPORT = re.compile(r"维修|改造|工程|服务|帮扶|培训|建设|化解|认定|家访|公开课|冰雪|推荐|治理|优化|布局|公示")
# A list written is not yet published.
_MADE, _TO_PUBLISH = re.compile(r"[做写印编排理列]好"), re.compile(r"公示|申报|推荐|征集")
_MENTION = "■"
# Where a step is to be seen done: 贴了墙 says what 上墙 says.
_PLACE = re.compile("[墙群栏]")


@dataclass(frozen=True)
class Matter:
    """The task that words are weighed for, with the steps of its standard; `task` is None while it is unknown."""

    task: TaskEntry | None
    steps: tuple[str, ...]

    @property
    def words(self) -> str:
        """What the task is named and measured by; a standard that lists steps is no name of the whole."""
        if self.task is None:
            return ""
        by_steps = self.steps or self.task.metric == "milestone"
        return " ".join((self.task.title, *self.task.aliases, "" if by_steps else self.task.standard))


@dataclass(frozen=True)
class Claim:
    """`whole`: the task is claimed done; `steps`: steps of its standard claimed done; `part`: something of it is."""

    whole: bool
    part: bool
    steps: frozenset[str]


_NOTHING = Claim(False, False, frozenset())


def claim(text: str, matter: Matter) -> Claim:
    """Read a clause whose names are blanked by ■ and whose dates and amounts by □, one mark a character."""
    verbs, task, steps = list(DONE.finditer(text)), matter.task, matter.steps
    if not verbs:
        return _NOTHING
    said = text.replace(_MENTION, "").replace("□", "").replace("◇", "")
    reached = frozenset(step for step in steps if _says(step, said))
    if steps and steps[-1] in reached and (re.search(r"\d", steps[-1]) or (task and task.title.endswith(steps[-1]))):
        return Claim(True, False, reached)
    if reached:
        return Claim(False, True, reached)
    own = matter.words
    if _PART.search(said) or (task and any(_falls_short(verb.group(), task, own) for verb in verbs)):
        return Claim(False, True, frozenset())
    whole = any(_covers(text, verb, own) for verb in verbs)
    return Claim(whole, not whole, frozenset())


def names_part(text: str, steps: tuple[str, ...]) -> bool:
    """Whether a clause speaks of a part or a step: its figures are not the task's."""
    said = text.replace(_MENTION, "").replace("□", "").replace("◇", "")
    return bool(_PART.search(said)) or any(_says(step, said) for step in steps)


def is_part(said: str) -> bool:
    """Whether the words name a part or a phase of some work: 东楼, 主体, 调试."""
    return bool(_PART.search(said))


def narrows(zone: str, least: int = 2) -> bool:
    """Whether the zone names a thing of its own beside words that go with any task."""
    return _rest(zone, "") >= least


def _says(step: str, said: str) -> bool:
    """A step is claimed if two of its characters stand together in the clause; a period only once it is over."""
    pairs = {step[at : at + 2] for at in range(len(step) - 1)}
    place = _PLACE.search(step)
    if not any(pair in said for pair in pairs) and not (place and re.search(f"[了进到在]{place.group()}", said)):
        return False
    return not re.search(r"\d", step) or bool(_PERIOD.search(said))


def _falls_short(verb: str, task: TaskEntry, own: str) -> bool:
    """Whether what the verb does cannot end the task: a form filled in ends no visit, a session no series."""
    if _MADE.search(verb) and _TO_PUBLISH.search(task.title):
        return True
    if task.metric == "count" and _SESSION.search(verb):
        return True
    kind = next((ends for does, ends in _VERB_KINDS if does.search(verb)), None)
    if kind and not kind.search(own):
        return True
    return bool(_REPORTED.search(verb)) and bool(_NOT_BY_REPORT.search(task.title)) and "完" not in verb


def _covers(text: str, verb: re.Match[str], own: str) -> bool:
    before, after = text[: verb.start()], CLEARED.split(text[verb.end() :], 1)[0]
    subject = before.rpartition(_MENTION)[2]
    if _rest(subject, own) >= 2:
        return False
    if not _TRANSITIVE.search(verb.group()):
        return True
    first, mention, last = after.partition(_MENTION)
    return _rest(first, own) < 2 and (not mention or _rest(last, own) < 2)


def _rest(zone: str, own: str) -> int:
    """How many characters of the zone narrow the claim down, for a task with these words; for any task if none."""
    if own:
        pairs = {own[at : at + 2] for at in range(len(own) - 1)}
        zone = re.sub("|".join(re.escape(pair) for pair in pairs if " " not in pair), " ", zone)
    for work in _WORK:
        if not own or work.search(own):
            zone = work.sub(" ", zone)
    return len(re.findall(r"[一-龥]", _NEUTRAL.sub(" ", zone)))
