"""Finds the tasks a message names: by code, by name, by a name misspelt, or by a word that several tasks share."""

import re
from dataclasses import dataclass
from enum import IntEnum

from handlers.progress.language import numerals
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.typos import likeness


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


_CODE = re.compile(r"(?<![a-z\d])t\s{0,2}[-_.#]?\s{0,2}0*(\d{1,3})(?![\d%])")
_SPOKEN_CODE = re.compile(
    r"(?:任务|台账|编号)\s{0,2}0*(\d{1,3})(?!\d|\s{0,2}[%个项条人处./])|(\d{1,2}|[一二三四五六七八九十]{1,3})\s{0,2}号(?:任务"
    r"|工作|事项|台账)"
)
_ITEM_CODE = re.compile(rf"第\s{{0,2}}({numerals.WHOLE})\s{{0,2}}项(?!目)")
# After a short name these make another thing of it: 消防大队 is not the fire-safety task.
_DENIED = re.compile(r"(?:不是|并非|而非|[报说写发填打弄搞]成了?)$")
_CLAIM_TAIL = re.compile(r"(?<=..)(?:全覆盖|公示|签订|核对|发放|排查|自查|检查|申报|上报|认定|验收|推荐|自评|整改)\Z")
_RIGHT_DENY = re.compile(
    r"大队|中队|支队|救援|部门|队(?!伍)|公司|单位|局|厂|商|师傅|阿姨|老板|工人|职工|饭|菜|伙食|司机|电话|(?:的|里的?"
    r"|今天的?)(?:饭|菜|红烧|伙食|味道|包子|馒头)|门口|吃|就餐|打饭"
)


def find_tasks(text: str, lexicon: Lexicon) -> list[TaskRef]:
    """Codes and names as listed, in order."""
    found = [ref for pattern in (_CODE, _SPOKEN_CODE) for ref in _codes(pattern, text, lexicon)]
    for start, name in lexicon.task_names.all(text):
        end = start + len(name)
        denied = bool(_DENIED.search(text[max(0, start - 4) : start]))
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
    ends = [start + len(name) for name in longer if likeness(name, text[start : start + len(name)]) == 2]
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
