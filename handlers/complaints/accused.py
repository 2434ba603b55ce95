"""Whom of the bureau the words of a complaint are about: its leaders, its office, its sections, its people. Pure.

Whoever is accused must not handle the case (complaints reference §6), so in doubt a name counts. What the bureau is
asked to do (请教育局查处, 向督导室反映过) accuses nobody, unless wrongs are told beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.people import Directory, Person, Unit
from handlers.complaints import roles
from handlers.complaints.language.simplified import simplify
from handlers.complaints.states import Role

_SECTION = "股室"
# Short names of sections that schools and everybody else use too.
_EVERYDAY = frozenset(("办公室", "局办", "人事", "基教", "体卫艺", "教研室", "进校", "进修学校", "机关党委"))
_OF_A_SCHOOL = r"(?<![校园中小学])(?<![校园]的)"
_OFFICE = (
    r"作风(?:整顿|建设)?(?:工作)?(?:领导小组)?办(?:公室)?|整[改顿]办(?:公室)?"
    r"|(?:教育|教科|科技|贵|你们?|区)局的?办公室|局办(?:公室|(?=的|主任|$|[,。、;]))|(?:你们|贵)(?:的)?办(?:公室|(?=的|$|[,。、;]))"
)
_ELSEWHERE = re.findall("..", "公安卫生卫健监管监督财政民政人社交通住建城管税务医保环保邮政电力供电")
_LEADERS = (
    "".join(f"(?<!{bureau})(?<!{bureau}局)" for bureau in _ELSEWHERE)
    + r"(?<![布格结副])(?:副?局长(?!期|远|时间)|局(?:里的?|的)?(?:主要|分管)?(?:领导|一把手|班子|党组))"
    r"|(?<![校园])(?<![校园]的)分管(?:教育|安全|业务)?的?(?:领导|副?局长)|(?:你们|贵)的?领导|总督学|党组书记"
)
_BUREAU = r"(?:区|县|市)?(?:教育|教科|教体)(?:和科学技术|科技)?局|[贵你我]们?局|局里"
_TITLES = r"副?主任|副?[科股]长|科员|干事|同志|老师|秘书|某"
_LEADER_TITLES = r"(?:副|大)?局长?|书记|组长|领导|总?督学|某"
_NEAR, _FURTHER, _BESIDE = 12, 25, 4
_OTHERS = 2  # after leaders and the office: sections, schools
_GAP = r"[^\w]{0,2}"

# Said before the bureau: it is wished for, or it was told.
_PARTS = r"(?:各位|我?们?[市县区]|贵|你们|教育|教科|局|的|和|、|及|与)*$"
_WISHED = re.compile(
    r"(?:恳?请求?|敬请|希望|盼望?|[期渴]?望|要求|求|麻烦|拜托|建议|呼吁|尊敬的|感谢|谢谢|相信)(?:一下)?" + _PARTS
)
_TOLD = re.compile(r"(?:向|找|跟|给|对|到|去|打|告诉|联系|问|通知|至|致|交)(?:了|过)?" + _PARTS)
# Said behind it: what it is asked for, or what it ruled.
_ASKED_FOR = re.compile(
    r"^(?:的?(?:领导|同志|老师|们|各位|您|都|也|尽快|马上|赶紧|好好|严肃|认真|来|去|给|帮|帮忙|一定|到底))*"
    r"(?:能不能|能否|能|可以|可否|应该?|要|查|管|调查|核实|介入|处理|重视|关注|解决|协调|督促|主持|责令|规定|明确|要求|文件|政策|通知|公告|发文|三令五申|强调|公众号|你好|您好)"
)
# Wrongs: whoever stands beside them is accused, however he is mentioned.
_WRONG = re.compile(
    r"收[了受过取钱礼卡红购好]|索[要贿取]|受贿|行贿|贪|拿[了钱卡回好走]|吃[拿请喝]|回扣|红包|购物卡|送[了礼钱卡]|包庇|袒护|护短|纵容|默许|勾结|串通"
    r"|推[诿脱三来]|踢皮球|敷衍|不作为|乱作为|慢作为|不办|不管(?!怎|多|是)|不理|没人[管理接]|没有?(?:回[应音复]|下文|结果)|刁难|态度|恶劣|翻白眼|冷漠|渎职|失职|滥用|违[规纪法]"
    r"|[以用]权|徇私|泄[露密漏]|报复|威胁|打击|骚扰|偏袒|不公|不力|压[着案下]|侵占|挪用|私[吞分]|公款|插手|作弊|走后门|打招呼|亲戚|指使|授意|骂|打不通|没人接|拖[了着延]"
)
_ACCUSES = re.compile(r"(?:投诉|举报|检举|控告|反映|状告|告)(?:一下|的是|了)?(?:我?们?[市县区]|贵|你们)*$")
_SENTENCE = re.compile(r"[。!?;\n]")


@dataclass(frozen=True, slots=True)
class Accused:
    """units: those of the bureau, the gravest first (leaders, office, sections). people: who has to do with cases and
    is named, accused or not. is_vague: only the bureau as a whole is meant, for which its office stands.
    """

    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    is_vague: bool = False


@dataclass(frozen=True, slots=True)
class _Names:
    """What to look for in a district. forms: a person with what names him fully, and by family name and title."""

    places: tuple[tuple[str, re.Pattern[str]], ...]
    forms: tuple[tuple[Person, re.Pattern[str], re.Pattern[str]], ...]


def find(text: str, directory: Directory, *, office: str = "", is_conduct: bool = False) -> Accused:
    """Return whom of the bureau a text is about.

    office: how the office calls itself. is_conduct: the matter is how officials behave (作风).
    """
    said, names = _plain(text), directory.memo("complaints.accused", lambda: _names(directory))
    places = [(unit, *span) for unit, span in _places(said, names, roles.office_of(directory), _plain(office))]
    bureau = [found.span() for found in re.finditer(_BUREAU, said)]
    near = [*bureau, *((start, end) for _, start, end in places)]
    people = list(_people(said, names, near))
    places += [(person.unit, *span) for person, span in people if not _is_inspector(directory, person)]
    units = {unit for unit, *span in places if _is_accused(said, *span, is_conduct=is_conduct)}
    own = roles.office_of(directory)
    is_vague = not units and bool(own) and any(_is_blamed(said, *span, is_conduct=is_conduct) for span in bureau)
    if is_vague and own:
        units = {own}
    staff = dict.fromkeys(person.id for person, _ in people if roles.is_staff(directory, person.id))
    return Accused(tuple(sorted(units, key=lambda unit: _weight(directory, unit))), tuple(staff), is_vague)


def route(directory: Directory, unit: str | None, found: Accused, *, has_danger: bool) -> str | None:
    """Return the unit a case is against. unit: the one known from elsewhere, a school as a rule.

    Leaders and the office count before a school named beside them, except with danger, where whoever is on duty for
    the school has to know; the bureau as a whole counts only where nothing else is named.
    """
    if unit is None or unit not in directory.units:
        return found.units[0] if found.units else None
    if not found.units or found.is_vague or has_danger or _weight(directory, found.units[0])[0] == _OTHERS:
        return unit
    return min(found.units[0], unit, key=lambda each: _weight(directory, each))


def _weight(directory: Directory, unit: str) -> tuple[int, str]:
    """Order units: leaders, the office, sections."""
    if directory.units[unit].kind == roles.BUREAU_LEADERS:
        return (0, unit)
    return (1 if unit == roles.office_of(directory) else _OTHERS, unit)


def _plain(text: str) -> str:
    """Return text as the rules are written: half width, simplified, without blanks and what nobody sees."""
    half = simplify(unicodedata.normalize("NFKC", text))
    return "".join(sign for sign in half if sign == "\n" or not (sign.isspace() or unicodedata.category(sign) == "Cf"))


def _names(directory: Directory) -> _Names:
    places = [(unit.id, _any(_of_section(unit.name, unit.aliases))) for unit in _parts(directory, _SECTION)]
    leaders = [(unit.id, re.compile(_LEADERS)) for unit in _parts(directory, roles.BUREAU_LEADERS)]
    bureau = {unit for unit, _ in (*places, *leaders)}
    people = [one for one in directory.people.values() if one.unit in bureau or roles.is_staff(directory, one.id)]
    return _Names((*leaders, *places), tuple(_forms(directory, person) for person in people))


def _parts(directory: Directory, kind: str) -> list[Unit]:
    return [unit for unit in directory.units.values() if unit.kind == kind]


def _of_section(name: str, aliases: Iterable[str]) -> Iterator[str]:
    """Yield the names of a section that are nobody else's, and 基教科 for 基教股."""
    for each in (name, *(alias for alias in aliases if alias not in _EVERYDAY)):
        yield each
        if each.endswith("股"):
            yield f"{each[:-1]}科"


def _any(words: Iterable[str]) -> re.Pattern[str]:
    listed = sorted({_plain(word) for word in words}, key=len, reverse=True)
    return re.compile(_OF_A_SCHOOL + f"(?:{'|'.join(map(re.escape, listed))})")


def _forms(directory: Directory, person: Person) -> tuple[Person, re.Pattern[str], re.Pattern[str]]:
    name = _plain(person.name)
    unit = directory.units.get(person.unit)
    is_leader = unit is not None and unit.kind == roles.BUREAU_LEADERS
    own = re.escape(_plain(person.title)) or "同志"
    titled = f"(?:{name[:2]}|{name[:1]})(?:{own}|{_LEADER_TITLES if is_leader else _TITLES})|姓{name[:1]}"
    return person, re.compile(_GAP.join(map(re.escape, name))), re.compile(titled)


def _places(said: str, names: _Names, office: str | None, own: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for unit, pattern in names.places:
        yield from ((unit, found.span()) for found in pattern.finditer(said))
    if office:
        pattern = re.compile(f"{re.escape(own)}|{_OFFICE}" if own else _OFFICE)
        yield from ((office, found.span()) for found in pattern.finditer(said))


def _people(said: str, names: _Names, near: list[tuple[int, int]]) -> Iterator[tuple[Person, tuple[int, int]]]:
    """Yield the people of the bureau who are named, by family name and title only beside a part of the bureau."""
    for person, full, titled in names.forms:
        yield from ((person, found.span()) for found in full.finditer(said))
        for found in titled.finditer(said):
            if "局" in found[0] or any(max(found.start() - end, start - found.end()) <= _NEAR for start, end in near):
                yield person, found.span()


def _is_inspector(directory: Directory, person: Person) -> bool:
    """Whether a person is stationed here by another body: no leader of the bureau though listed with them."""
    return Role.DISCIPLINE in roles.roles_of(directory, person.id)


def _is_accused(said: str, start: int, end: int, *, is_conduct: bool) -> bool:
    """Whether a part of the bureau is complained of: always, unless it is only asked for something or was told."""
    before, after = said[max(0, start - _FURTHER) : start], _rest(said, end)
    if _ACCUSES.search(before) or _WRONG.search(after):
        return True
    is_told = bool(_TOLD.search(before)) and not is_conduct
    return not (is_told or _WISHED.search(before) or _ASKED_FOR.search(after))


def _is_blamed(said: str, start: int, end: int, *, is_conduct: bool) -> bool:
    """Whether the bureau as a whole is complained of: only if that is said, or nothing else is said in the line."""
    before, after = said[max(0, start - _FURTHER) : start], _rest(said, end)
    if _ACCUSES.search(before) or _WRONG.search(after):
        return True
    is_alone = len(before.rpartition("\n")[2]) + len(said[end:].partition("\n")[0]) <= _BESIDE
    return (is_conduct or is_alone) and not (_WISHED.search(before) or _ASKED_FOR.search(after))


def _rest(said: str, end: int) -> str:
    """Return what follows in the same sentence, not far."""
    return _SENTENCE.split(said[end : end + _FURTHER], maxsplit=1)[0]
