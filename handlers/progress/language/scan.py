"""Everything a message names, found once: clauses and their voices, units, tasks, dates, percents."""

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.workdays import Calendar
from handlers.progress.language import numerals
from handlers.progress.language.clauses import Clause, split
from handlers.progress.language.dates import DateMention, find_dates
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Sender
from handlers.progress.language.normalise import Text, normalise
from handlers.progress.language.percents import Percent, find_percents
from handlers.progress.language.tasks import How, TaskRef, find_shortened, find_tasks, find_typos, find_words
from handlers.progress.language.units import UnitRef, find_units
from handlers.progress.language.voice import Voice, voices

_LINE_NUMBER = re.compile(
    rf"(?:^|(?<=[,。;:!\s\n]))第?({numerals.WHOLE})\s*(?:号|项|条|个)(?!楼|[一-龥]?[日月])(?:任务|工作)?"
)
_AMOUNT_NAME = re.compile(rf"{numerals.WHOLE}\s*[个项次场条].{{0,2}}")
_FILLER = re.compile(r"那个|这个|嗯|呃|啊|另外|还有|我[校园们]|的|本[校园]|今天|目前|[\s…]")
_LONGEST = 200
_INSPECTION = re.compile(r"自查|排查|检查|核查|核对")


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


@dataclass(frozen=True)
class Part:
    """A clause with what it names; positions are those of the whole text."""

    clause: Clause
    voice: Voice
    units: tuple[UnitRef, ...]
    tasks: tuple[TaskRef, ...]
    dates: tuple[DateMention, ...]
    percents: tuple[Percent, ...]
    blanked: str

    @property
    def text(self) -> str:
        return self.clause.text

    @property
    def countable(self) -> str:
        """The blanked text, but with names that are amounts themselves: 四个专题."""
        base, text = self.clause.start, self.blanked
        for ref in self.tasks:
            name = self.clause.text[ref.start - base : ref.end - base]
            if _AMOUNT_NAME.fullmatch(name):
                text = text[: ref.start - base] + name + text[ref.end - base :]
        return text

    def without(self, refs: tuple[TaskRef, ...]) -> "Part":
        """The part with some of its names read as ordinary words."""
        base, text = self.clause.start, self.blanked
        for ref in refs:
            text = (
                text[: ref.start - base] + self.clause.text[ref.start - base : ref.end - base] + text[ref.end - base :]
            )
        return replace(self, tasks=tuple(ref for ref in self.tasks if ref not in refs), blanked=text)

    def cut(self, start: int, end: int) -> "Part":
        """The piece between two positions of the whole text, with the names and amounts that begin in it."""
        base = self.clause.start
        return replace(
            self,
            clause=replace(self.clause, start=start, end=end, text=self.clause.text[start - base : end - base]),
            units=tuple(ref for ref in self.units if start <= ref.start < end),
            tasks=tuple(ref for ref in self.tasks if start <= ref.start < end),
            dates=tuple(day for day in self.dates if start <= day.start < end),
            percents=tuple(share for share in self.percents if start <= share.start < end),
            blanked=self.blanked[start - base : end - base],
        )

    def heading(self) -> "Part":
        """Only the names in it: what else it says does not count."""
        names = re.sub("[^■]", " ", self.blanked)
        return replace(self, clause=replace(self.clause, text=names), dates=(), percents=(), blanked=names)


@dataclass(frozen=True)
class Scan:
    text: Text
    parts: tuple[Part, ...]


def quoted_tasks(quote: str | None, lexicon: Lexicon) -> tuple[str, ...]:
    """The tasks a quoted message names: by code if it has codes, else by name; each once, in order."""
    if not quote:
        return ()
    refs = find_tasks(normalise(quote, lexicon.bot_name).plain, lexicon)
    coded = [ref for ref in refs if ref.how is How.CODE]
    return tuple(dict.fromkeys(ref.ids[0] for ref in coded or refs))


def scan(text: Text, setting: Setting) -> Scan:
    plain, lexicon = text.plain, setting.lexicon
    clauses = split(plain)
    tasks = _tasks(plain, clauses, setting)
    dates = [
        day for day in find_dates(plain, setting.today, setting.calendar) if not _within(day.start, day.end, tasks)
    ]
    taken = [(ref.start, ref.end) for ref in tasks] + [(day.start, day.end) for day in dates]
    units = [ref for ref in find_units(plain, lexicon, taken) if not _part_of_name(ref, tasks, lexicon)]
    percents = find_percents(plain.replace("\n", ";"))
    names = {plain[ref.start : ref.end] for ref in (*tasks, *units)}
    manners = voices(clauses, from_section=lexicon.is_section(setting.sender.unit), mentions=names)
    blanked = _blank(plain, tasks, units, dates, percents)
    parts = [
        Part(
            clause,
            manner,
            tuple(ref for ref in units if clause.start <= ref.start < clause.end),
            tuple(ref for ref in tasks if clause.start <= ref.start < clause.end),
            tuple(day for day in dates if clause.start <= day.start < clause.end),
            tuple(share for share in percents if clause.start <= share.start < clause.end),
            blanked[clause.start : clause.end],
        )
        for clause, manner in zip(clauses, manners, strict=True)
    ]
    return Scan(text, tuple(parts))


def _tasks(plain: str, clauses: list[Clause], setting: Setting) -> list[TaskRef]:
    """Listed names and codes; in lines without any, misspelt names, then shared words, then the number of a line."""
    refs = [_shifted(ref, plain, setting.lexicon) for ref in find_tasks(plain, setting.lexicon)]
    refs += [ref for ref in _by_number(plain, setting) if not _within(ref.start, ref.end, refs)]
    named = {clause.line for clause in clauses if _names(clause, refs)}
    for clause in clauses:
        if not _names(clause, refs):
            guessed = _guess(clause.text, setting.lexicon, alone=clause.line not in named)
            refs += [_moved(ref, clause.start) for ref in guessed]
    return sorted(refs, key=lambda ref: ref.start)


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
    words = _narrowed(find_words(text, lexicon), text, lexicon)
    if not 2 <= len(text) <= _LONGEST:
        return words
    near = find_typos(text, lexicon)
    if alone:
        return near or find_shortened(text, lexicon) or words
    return [
        ref for ref in near if not _FILLER.sub("", text[: ref.start]) and ref.end - ref.start <= len(text) - 2
    ] or words


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


def _within(start: int, end: int, refs: list[TaskRef]) -> bool:
    return any(start < ref.end and ref.start < end for ref in refs)


def _part_of_name(ref: UnitRef, tasks: list[TaskRef], lexicon: Lexicon) -> bool:
    """新城 in 新城二期 belongs to the name of the task that follows."""
    return not ref.me and any(
        ref.start < task.start <= ref.end + 1 and len(task.ids) == 1 and _begins(lexicon, task.ids[0], ref)
        for task in tasks
    )


def _begins(lexicon: Lexicon, task: str, ref: UnitRef) -> bool:
    names = [name for name, ids in lexicon.unit_names.ids.items() if ids == ref.ids]
    return any(lexicon.task_by_id[task].title.startswith(name) for name in names)


def _blank(
    plain: str, tasks: list[TaskRef], units: list[UnitRef], dates: list[DateMention], percents: list[Percent]
) -> str:
    chars = list(plain)
    for share in percents:
        chars[share.start : share.end] = "□" * (share.end - share.start)
    for day in dates:
        chars[day.start : day.end] = "◇" * (day.end - day.start)
    for ref in (*tasks, *units):
        chars[ref.start : ref.end] = "■" * (ref.end - ref.start)
    return "".join(chars)
