"""Finds the tasks a message names, in the light of what it answers."""

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.workdays import Calendar
from handlers.progress.language import numerals
from handlers.progress.language.clauses import Clause
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Sender
from handlers.progress.language.normalise import normalise
from handlers.progress.language.tasks import How, TaskRef, find_tasks, find_words
from handlers.progress.language.typos import Misspelling

_FILLER = re.compile(r"那个|这个|嗯|呃|啊|另外|还有|我[校园们]|的|本[校园]|今天|目前|[\s…]")
_LONGEST = 200
_INSPECTION = re.compile(r"自查|排查|检查|核查|核对")
_PASSING_ALONE = re.compile(r"(?:[讲谈学说提][了到过]|强调了?|忙着?[弄搞做]?)$")
_LEFT_OUT = re.compile(r"除[了去开]?$")
# 讲X的, 结合X做的, 借X的机会: what stands between is no topic of the message.
_PASSING_LEFT = re.compile(
    r"(?:讲|谈|提|关于|有关|涉及|说到|结合|借着?|借助|趁着?|利用|围绕|针对|配合|随着?|穿插|跟着|跟|连同|依托|因为?|为了?)$"
)
_PASSING_RIGHT = re.compile(
    r"(?:工作|活动|任务)?(?:的(?:$|[,。;、]|机会|契机|时候|同时|时机|当口|东风|一[条项份个])|的?(?:时|之机|一[起并块]|同步"
    r"|顺[带便]|来|做|搞|开展|占|耽误|挤|冲突))"
)
_LINE_NUMBER = re.compile(
    rf"(?:^|(?<=[,。;:!\s\n]))第?({numerals.WHOLE})\s*(?:号|项|条|个)(?!楼|[一-龥]?[日月])(?:任务|工作)?"
)


@dataclass(frozen=True)
class Setting:
    """What a message is read against. `quote_tasks` are the tasks of the quoted message, in its order."""

    sender: Sender
    today: date
    lexicon: Lexicon
    calendar: Calendar
    quote: str
    quote_tasks: tuple[str, ...]

    @property
    def quoted(self) -> str | None:
        return self.quote_tasks[0] if len(self.quote_tasks) == 1 else None


def quoted_tasks(quote: str | None, lexicon: Lexicon) -> tuple[str, ...]:
    """The tasks a quoted message names: by code if it has codes, else by name; each once, in order."""
    if not quote:
        return ()
    refs = find_tasks(normalise(quote, lexicon.bot_name).plain, lexicon)
    coded = [ref for ref in refs if ref.how is How.CODE]
    return tuple(dict.fromkeys(ref.ids[0] for ref in coded or refs))


def name_tasks(plain: str, clauses: list[Clause], setting: Setting) -> list[TaskRef]:
    """Listed names and codes; in lines without any, misspelt names, then shared words, then the number of a line."""
    refs = [_shifted(ref, plain, setting.lexicon) for ref in find_tasks(plain, setting.lexicon)]
    refs = _topics(refs, plain)
    refs += [ref for ref in _by_number(plain, setting) if not within(ref.start, ref.end, refs)]
    named = {clause.line for clause in clauses if _names(clause, refs)}
    for clause in clauses:
        if not _names(clause, refs):
            guessed = _guess(clause.text, setting.lexicon, alone=clause.line not in named)
            refs += [_moved(ref, clause.start) for ref in guessed]
    return sorted(refs, key=lambda ref: ref.start)


def _topics(refs: list[TaskRef], plain: str) -> list[TaskRef]:
    """The tasks without those only mentioned in passing: 延时服务 in 献良策里有一条讲延时服务的."""
    topics = [
        ref
        for ref in refs
        if ref.how is How.CODE
        or not (
            _PASSING_ALONE.search(plain[max(0, ref.start - 6) : ref.start])
            or (_PASSING_LEFT.search(plain[max(0, ref.start - 6) : ref.start]) and _PASSING_RIGHT.match(plain, ref.end))
        )
    ]
    left_out = [ref for ref in refs if _LEFT_OUT.search(plain[max(0, ref.start - 2) : ref.start])]
    return [ref for ref in topics or refs if ref not in left_out]


def _names(clause: Clause, refs: list[TaskRef]) -> bool:
    return any(clause.start <= ref.start < clause.end for ref in refs)


def _narrowed(refs: list[TaskRef], text: str, lexicon: Lexicon) -> list[TaskRef]:
    """Of the tasks a shared word may mean, the one whose steps the clause goes through."""
    narrowed = []
    for ref in refs:
        told = [task for task in ref.ids if sum(step in text for step in lexicon.steps.get(task, ())) > 1]
        narrowed.append(replace(ref, ids=tuple(told)) if len(told) == 1 else ref)
    return narrowed


def _guess(text: str, lexicon: Lexicon, *, alone: bool) -> list[TaskRef]:
    """Misspelt names, else shared words. Beside correct names only a clause that begins with a misspelt one counts."""
    steps = [
        TaskRef(at, at + len(name), lexicon.step_names.ids[name], How.NEAR) for at, name in lexicon.step_names.all(text)
    ]
    if alone and len({ref.ids for ref in steps}) == 1:
        return steps[:1]
    words = _narrowed(find_words(text, lexicon), text, lexicon)
    if not 2 <= len(text) <= _LONGEST:
        return words
    near = _misspelt(lexicon.spelling.closest(text))
    if alone:
        short = [] if near and near[0].how is How.SOUND else _misspelt(lexicon.spelling.shortened(text))
        return short or near or words
    return [
        ref for ref in near if not _FILLER.sub("", text[: ref.start]) and ref.end - ref.start <= len(text) - 2
    ] or words


def _misspelt(found: Misspelling | None) -> list[TaskRef]:
    return [TaskRef(found.start, found.end, found.ids, How.SOUND if found.exact else How.NEAR)] if found else []


def _shifted(ref: TaskRef, plain: str, lexicon: Lexicon) -> TaskRef:
    """消防验收 is about an acceptance, not about the fire-safety check: the word that follows decides."""
    word = lexicon.task_words.at(plain, ref.end) if ref.end < len(plain) and ref.end - ref.start <= 3 else None
    if ref.how is not How.NAME or word is None:
        return ref
    task = lexicon.task_by_id[ref.ids[0]]
    own = task.title + task.standard + "".join(task.aliases)
    if (
        word in own
        or task.id in lexicon.ambiguous_words[word]
        or (_INSPECTION.fullmatch(word) and _INSPECTION.search(own))
    ):
        return ref
    return TaskRef(ref.start, ref.end + len(word), lexicon.ambiguous_words[word], How.WORD)


def _by_number(plain: str, setting: Setting) -> list[TaskRef]:
    """8号 in an answer to a list of tasks: T08 if the list has it, else its eighth line."""
    listed = setting.quote_tasks
    if len(listed) < 2:
        return []
    found = []
    for match in _LINE_NUMBER.finditer(plain):
        number = numerals.parse_whole(match[1])
        code = setting.lexicon.task_by_number.get(number)
        task = code if code in listed else listed[number - 1] if 0 < number <= len(listed) else None
        if task:
            found.append(TaskRef(match.start(), match.end(), (task,), How.CODE))
    return found


def _moved(ref: TaskRef, by: int) -> TaskRef:
    return TaskRef(ref.start + by, ref.end + by, ref.ids, ref.how)


def within(start: int, end: int, refs: list[TaskRef]) -> bool:
    return any(start < ref.end and ref.start < end for ref in refs)
