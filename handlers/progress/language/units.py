"""Finds the units a message names and decides which unit each name means."""

import re
from dataclasses import dataclass

from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Sender
from handlers.progress.language.phonetic import sound


@dataclass(frozen=True)
class UnitRef:
    """A place in the text that stands for a unit. No ids means a group nobody can list; `me` is the speaker's own."""

    start: int
    end: int
    ids: tuple[str, ...]
    me: bool = False


_ME = re.compile(
    r"(?:我|本|咱)(?:们?[校园股室]|单位|中心|办(?!公|事|理)|们(?:这[里边]?|学校|幼儿园|单位|股)?)|我这[里边]|咱们?"
)
_MANY = r"[一二两三四五六七八九十几\d]{1,4}"
_KINDS = r"(?:中小学幼儿园|中小学校?|幼儿园|小学|初中|高中|中学|学校|园所|教学点|单位|股室|中心校|园|校)"
_GROUP = re.compile(
    rf"(?:各|所有|全部|其他|其余|其它|剩下的?|剩余的?|多数|大部分|大多数|部分|个别|有些|有的|别的|全区|全镇|全乡|城区"
    rf"|乡镇|农村|民办|公办|辖区|片区|下属|所属|所辖|下辖)"
    rf"的?(?:{_MANY}[家所个]|几[家所个])?{_KINDS}(?!长|[车舍医园]|本|服|级)"
    rf"|{_KINDS}(?:那|这)?(?:边的?)?(?:{_MANY}|几)(?:家|所|个(?!班|人|老师|学生|教师|问题|项|工作日|月|点))"
    rf"|(?:{_MANY}|几|那几)(?:家|所|个)(?:民办|公办|乡镇|农村|城区)?{_KINDS}(?![区车舍医])"
    rf"|(?:那|这|其他|其余|剩下的?|另外|还有)?(?:{_MANY}|几)(?:家|所)(?!长|属|访)"
    r"|兄弟学校|全区(?!的?(?:通报|排名|统一))|片区里?的?学校"
)
_UNKNOWN = re.compile(
    r"(?P<name>[一-龥]{2,5}(?:小学|中学|幼儿园|教学点|中心校|初中)"
    r"|(?:^|(?<=[\s,。;:替帮代转]))(?![^的]*(?:校园|公园|花园|家园)的)[一-龥]{2,3}(?:学校|园)(?=的))"
)
_NUMBERED = re.compile(
    r"(?<![第\d〇零一二两三四五六七八九十百周月年期初高])[一二三四五六七八九十]{1,2}[小中幼](?=[的和与、]|[一-龥])"
)
_NEIGHBOUR = re.compile(
    r"(?:隔壁|对门|他们|人家|友邻|邻|友|姐妹|兄弟)(?:那边|那个)?(?:家)?(?:小学|中学|幼儿园|学校|园|校)(?![园长车])"
)
_NOT_NAMES = re.compile(
    r"[我本咱你您他各全某该这那每的了在到把被让请经由因但现今昨目最整所个]|明[天年日]|民办|公办|普惠|乡镇|农村|城区|附近|结对|帮扶|对口|薄弱|其他|部分|所有"
    r"|下属|报到|城乡|撤并"
)

# Short names also occur inside other words; what stands next to them tells.
_LEFT_DENY = (
    (re.compile("^实"), re.compile(r"[落核证充扎属确现真切如务诚史事其结坐老]$")),
    (re.compile("^[一二三四五六]"), re.compile(r"[第统其之唯专单周期月号逐同万不十二三四五六七八九拜\d]$")),
    (re.compile("^进"), re.compile(r"[走引带送请教推再先改跟促推冰雪动化]$")),
    (re.compile("办公室$"), re.compile(r"[校级师组教各学间个长]$")),
    (re.compile("^职教$|^人事$|^基教$"), re.compile(r"[一-龥]$")),
    (re.compile("^外校$"), re.compile(r"[去到往与和校有]$")),
)
_RIGHT_DENY = (
    (re.compile("[一二三四五六七八九十]小$"), re.compile(r"[时部步段半块撮批会截队片点节圈些型件票女男孩范]")),
    (
        re.compile("[一二三四五六七八九十]中$"),
        re.compile(r"[午旬间秋层国央断标毒途介]|全会|期(?![中末])|考(?![试核勤])|心(?!理)|等[级职专]|[小]"),
    ),
    (re.compile("^实验$"), re.compile(r"[室班课器员仪操田设楼]|教学|报告|用")),
    (
        re.compile("^[^园校学]+$"),
        re.compile(r"[镇乡村路街县片]|那[片块]|一带|附近|沿线|周边|派出所|卫生院|政府|地区|区(?![直实一])"),
    ),
    (re.compile("^办公室$"), re.compile(r"[里装电用整空卫文]|主任")),
    (re.compile("^(?:人事|职教|基教)$"), re.compile(r"[变安调档局部处争代关考厅制任科高周]|活动|专业|工作")),
    (re.compile("^进校$"), re.compile(r"[园门检指后前时查看督调宣施安培入]")),
    (re.compile("^外校$"), re.compile(r"[老教学人生车]")),
    (re.compile("^育[才英]$"), re.compile("计划|工程|树")),
    (re.compile("^[朝向]阳$"), re.compile("[那的这一]?[面处坡侧边墙光台]")),
)
# A unit after these is a place, a partner or a helper, not the one reported on.
_NOT_SUBJECT_LEFT = re.compile(
    r"(?:[到去往赴从向借等]|借用|接收|邀请|对口|支援|帮扶|结对|联合|对接|[是由从]?对|(?<![现存])在|[^、和与]给|(?:^"
    r"|[,。;\s]|[我本]校|[我本]园|我们)[与跟和同]|学习|参观"
    r"|观摩|(?:附近|旁边|隔壁|对面|门口|挨着|靠近)的?)\s*$"
)
# 三小借我们场地, 一小的老师来我校听课: who comes to the speaker's school is a guest.
_GUEST_RIGHT = re.compile(r"[^,。;]{0,6}?(?:借|来|到|给|帮|找|向|请)用?了?(?:我[们校园]|本[校园])")
_PARTNER_RIGHT = re.compile(r"[^,。;]{0,4}?(?:结对|送教|支教|联合|合作|共建|交流|一起|共同|对接|签约|的?协议|借)")
_DENIED = re.compile(r"(?:不是|并非|而非|[报说写发填打弄搞]成了?)$")
_BOTH = re.compile(r"都|均|也|分别|各(?!校)|两[校家所园]")
_NEAR = 40


def find_units(text: str, lexicon: Lexicon, taken: list[tuple[int, int]]) -> list[UnitRef]:
    """The units the text speaks about, in order. `taken` are spans that belong to task names and dates."""
    found: list[UnitRef] = []
    names = lexicon.unit_names.all(text)
    for start, name in names:
        end = start + len(name)
        if _free(start, end, taken) and is_name(text, start, end) and not _is_partner(text, start, end, found):
            found.append(UnitRef(start, end, lexicon.unit_names.ids[name]))
    named = [(ref.start, ref.end) for ref in found]
    for match in _GROUP.finditer(text):
        if _free(*match.span(), [*taken, *named]):
            found.append(UnitRef(*match.span(), ()))
    for match in _ME.finditer(text):
        found.append(UnitRef(*match.span(), (), me=True))
    for match in _NEIGHBOUR.finditer(text):
        if _free(*match.span(), [*taken, *named]):
            found.append(UnitRef(*match.span(), ()))
    found += _unlisted_numbers(text, [*taken, *((start, start + len(name)) for start, name in names)])
    if not found:
        found += _unlisted(text, lexicon, [*taken, *((start, start + len(name)) for start, name in names)])
    return sorted(found, key=lambda ref: ref.start)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The words near a name, bounded so that a long message takes linear time."""
    return text[max(0, start - _NEAR) : start], text[end : end + _NEAR]


def _free(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return all(end <= other_start or start >= other_end for other_start, other_end in taken)


def is_name(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] stands for a unit there, and is no part of another word."""
    name, before, after = text[start:end], *_around(text, start, end)
    if any(rule.search(name) and deny.search(before) for rule, deny in _LEFT_DENY):
        return False
    if _DENIED.search(before) or (re.search("除了?$", before) and re.match("[^,。;]{0,4}[外余]", after)):
        return False
    return not any(rule.search(name) and deny.match(after) for rule, deny in _RIGHT_DENY)


def _is_partner(text: str, start: int, end: int, found: list[UnitRef]) -> bool:
    """三小 in 与三小结对 is not reported on; in 我校和三小都 it is."""
    before, after = _around(text, start, end)
    if _GUEST_RIGHT.match(after):
        return True
    joined = re.search(r"[与跟和同]\s*$", before)
    if joined and (_BOTH.search(after) or (found and found[-1].end == joined.start())):
        return bool(_PARTNER_RIGHT.match(after)) and not _BOTH.match(after)
    return bool(_NOT_SUBJECT_LEFT.search(before)) or bool(joined and _PARTNER_RIGHT.match(after))


def _unlisted_numbers(text: str, taken: list[tuple[int, int]]) -> list[UnitRef]:
    """八小 where the district has no such school: somebody else's, never the sender's."""
    return [
        UnitRef(*match.span(), ())
        for match in _NUMBERED.finditer(text)
        if _free(*match.span(), taken) and is_name(text, *match.span())
    ]


def _unlisted(text: str, lexicon: Lexicon, taken: list[tuple[int, int]]) -> list[UnitRef]:
    """A school nobody knows, or a misspelt one: by sound if that leaves one, else a unit to ask for."""
    match = _UNKNOWN.search(text)
    if not match or not _free(*match.span(), taken):
        return []
    name = match["name"]
    for length in range(len(name), 3, -1):
        tail = name[-length:]
        same = {ids for known, ids in lexicon.unit_names.ids.items() if len(known) == length and _alike(known, tail)}
        if len(same) == 1:
            return [UnitRef(match.end() - length, match.end(), next(iter(same)))]
    return [] if _NOT_NAMES.search(name) else [UnitRef(*match.span(), ())]


def _alike(known: str, typed: str) -> bool:
    return all(a == b or sound(a) == sound(b) for a, b in zip(known, typed, strict=True))


def choose_unit(ref: UnitRef | None, tasks: tuple[str, ...], sender: Sender, lexicon: Lexicon) -> tuple[str, ...]:
    """The units that ref may mean, given the tasks it may be about; exactly one if the name decides.

    No reference means the sender's own unit. An empty answer: nothing is known, ask.
    """
    if ref is None or ref.me:
        return (sender.unit,) if sender.unit in lexicon.unit_by_id else ()
    if len(ref.ids) < 2:
        return ref.ids
    fitting = tuple(unit for unit in ref.ids if not tasks or any(lexicon.applies(task, unit) for task in tasks))
    return (sender.unit,) if sender.unit in fitting else fitting
