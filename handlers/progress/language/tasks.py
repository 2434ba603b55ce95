"""Finds the tasks a message names: by code, by name, by a name misspelt, or by a word that several tasks share."""

import re
from dataclasses import dataclass
from enum import IntEnum

from handlers.progress.language import numerals
from handlers.progress.language.lexicon import Lexicon, spellings
from handlers.progress.language.phonetic import sound


class How(IntEnum):
    """How sure a reference is; a higher one wins."""

    WORD = 1
    NEAR = 2
    SOUND = 3
    NAME = 4
    CODE = 5


@dataclass(frozen=True)
class TaskRef:
    start: int
    end: int
    ids: tuple[str, ...]
    how: How


_CODE = re.compile(r"(?<![a-z\d])t\s*[-_.#]?\s*0*(\d{1,3})(?![\d%])")
_SPOKEN_CODE = re.compile(
    r"(?:任务|台账|编号)\s*0*(\d{1,3})(?!\d|\s*[%个项条人处./])|(\d{1,2})\s*号(?:任务|工作|事项|台账)"
)
_ITEM_CODE = re.compile(rf"第\s*({numerals.WHOLE})\s*项(?!目)")
# After a short name these make another thing of it: 消防大队 is not the fire-safety task.
_DENIED = re.compile(r"(?:不是|并非|而非|[报说写发填打弄搞]成了?)$")
_CLAIM_TAIL = re.compile(r"(?<=..)(?:全覆盖|公示|签订|核对|发放|排查|自查|检查|申报|上报|认定|验收|推荐|自评|整改)\Z")
_RIGHT_DENY = re.compile(
    r"大队|中队|支队|救援|部门|队(?!伍)|公司|单位|局|厂|商|师傅|阿姨|老板|工人|职工|饭|菜|伙食|司机|电话|(?:的|里的?|今天的?)(?:饭|菜|红烧|伙食|味道|包子|馒头)|门口|吃|就餐|打饭"
)


def find_tasks(text: str, lexicon: Lexicon) -> list[TaskRef]:
    """Codes and names as listed, in order."""
    found = [ref for pattern in (_CODE, _SPOKEN_CODE) for ref in _codes(pattern, text, lexicon)]
    for start, name in lexicon.task_names.all(text):
        end = start + len(name)
        denied = bool(_DENIED.search(text[:start]))
        if not denied and not (len(name) <= 3 and _RIGHT_DENY.match(text, end)):
            ids = lexicon.task_names.ids[name]
            end = _claim_start(text, start, end)
            found.append(TaskRef(start, _misspelt_end(text, start, end, ids, lexicon), ids, How.NAME))
    found += _item_codes(text, found, lexicon)
    return sorted(found, key=lambda ref: ref.start)


def _item_codes(text: str, found: list[TaskRef], lexicon: Lexicon) -> list[TaskRef]:
    """第12项 is a code, unless a task is named before it: then it is that task's twelfth piece."""
    first = min((ref.start for ref in found), default=len(text))
    refs = _codes(_ITEM_CODE, text, lexicon)
    return refs if refs and refs[0].start < first else []


def _claim_start(text: str, start: int, end: int) -> int:
    """课后服务全覆盖 as a whole clause claims what its last word says: that word is no part of the name then."""
    claimed = _CLAIM_TAIL.search(text[:end], start)
    tail = r"了|$|[,。;!\n]" if claimed and claimed.group() == "全覆盖" else "了"
    return claimed.start() if claimed and re.match(tail, text[end:]) else end


def _misspelt_end(text: str, start: int, end: int, ids: tuple[str, ...], lexicon: Lexicon) -> int:
    """Where a longer name of the same task ends that only begins correctly: 消防排察."""
    task = lexicon.task_by_id[ids[0]]
    longer = (name for name in task.aliases if len(name) > end - start and name.startswith(text[start:end]))
    ends = [start + len(name) for name in longer if _likeness(name, text[start : start + len(name)]) == 2]
    return max(ends, default=end)


def _codes(pattern: re.Pattern[str], text: str, lexicon: Lexicon) -> list[TaskRef]:
    found = []
    for match in pattern.finditer(text):
        number = numerals.parse_whole(next(group for group in match.groups() if group))
        if task := lexicon.task_by_number.get(number):
            found.append(TaskRef(*match.span(), (task,), How.CODE))
    return found


def find_words(text: str, lexicon: Lexicon) -> list[TaskRef]:
    """Words that several tasks share (自查, 验收)."""
    words = lexicon.task_words
    return [TaskRef(start, start + len(name), words.ids[name], How.WORD) for start, name in words.all(text)]


def find_typos(text: str, lexicon: Lexicon) -> list[TaskRef]:
    """The best misspelt task name in a text that holds no correct one; none if two tasks fit equally well."""
    present = set(text)
    sounds = {sound(char) for char in present}
    best: list[tuple[int, TaskRef]] = []
    for name, ids in lexicon.task_names.ids.items():
        if sum(char in present or sound(char) in sounds for char in name) >= max(2, len(name) - 1):
            best += [(score, ref) for score, ref in [_closest(name, ids, text)] if ref]
    if not best:
        return []
    top = max(score for score, _ in best)
    refs = [ref for score, ref in best if score == top]
    return refs[:1] if len({ref.ids for ref in refs}) == 1 else []


def _closest(name: str, ids: tuple[str, ...], text: str) -> tuple[int, TaskRef | None]:
    """The best place where name may be meant; a longer and a better-sounding match scores higher."""
    best: tuple[int, TaskRef | None] = (0, None)
    for size in range(max(2, len(name) - 1), len(name) + 2):
        for start in range(len(text) - size + 1):
            window = text[start : start + size]
            how = _likeness(name, window)
            score = 2 * len(name) + how if how else 0
            if score > best[0]:
                best = score, TaskRef(start, start + size, ids, How.SOUND if how == 2 else How.NEAR)
    return best


def _likeness(name: str, window: str) -> int:
    """2 if window sounds like name, 1 if one character is wrong, missing or too many, else 0."""
    if name == window:
        return 0
    if len(name) == len(window):
        same = [a == b for a, b in zip(name, window, strict=True)]
        alike = [a == b or sound(a) == sound(b) for a, b in zip(name, window, strict=True)]
        if all(alike):
            return 2 if 2 * sum(same) >= len(name) else 0
        # Of three characters only the middle one may be wrong: 承若书.
        ends_fit = len(name) >= 4 or (len(name) == 3 and same[0] and same[2])
        return int(ends_fit and sum(alike) == len(name) - 1 and sum(same) >= max(2, len(name) - 2))
    if len(name) < 4 or {"\n", ","} & set(window):
        return 0
    longer, shorter = (name, window) if len(name) > len(window) else (window, name)
    return int(any(longer[:cut] + longer[cut + 1 :] == shorter for cut in range(1, len(longer) - 1)))


def find_shortened(text: str, lexicon: Lexicon) -> list[TaskRef]:
    """A title with characters left out: 校舍改造 for 校舍安全维修改造."""
    for size in range(min(8, len(text)), 3, -1):
        for start in range(len(text) - size + 1):
            window = text[start : start + size]
            ids = {
                task.id for task in lexicon.tasks if any(_left_out(window, title) for title in spellings(task.title))
            }
            if len(ids) == 1:
                return [TaskRef(start, start + size, (ids.pop(),), How.NEAR)]
    return []


def _left_out(window: str, title: str) -> bool:
    if window[0] not in title or window[-1] not in title:
        return False
    rest = iter(title)
    return all(char in rest for char in window)
