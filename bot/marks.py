"""Blind marks of secrets: what may be compared with a payload, but not read. Called by whoever stores a secret.

A mark is a keyed digest, useless without the index key. Who may always see it is kept as a digest of lane and case
together: the lane alone would show in the outbox whose case it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Select,
    UniqueConstraint,
    any_,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.db import Base
from bot.fingerprint import (
    ANCHORS,
    NOTHING_COMMON,
    SHINGLE,
    SHORTEST_COPY,
    Common,
    Hasher,
    anchor_size,
    bare,
    is_telling_line,
    is_telling_word,
    winnow,
)
from bot.seal import Seal
from bot.shared import insert_missing

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LINE = b"line"
_WORD = b"word"
_OWNER = b"owner"


class Secret(StrEnum):
    """What a mark stands for."""

    IDENTITY = "identity"  # a name, phone, identity number, platform id … of a complainant or child
    TEXT = "text"  # original words
    CODE = "code"  # a query code


class GuardOwnerRow(Base):
    """A case and who may always be shown its secrets: owner is a digest of lane and case."""

    __tablename__ = "guard_owner"
    __table_args__ = (UniqueConstraint("case_uid", "owner"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_uid: Mapped[str]
    owner: Mapped[int] = mapped_column(BigInteger)


class GuardMarkRow(Base):
    """A mark. size is of what it stands for, in signs; whole its digest where mark is that of the last signs only."""

    __tablename__ = "guard_mark"
    __table_args__ = ({"sqlite_with_rowid": False},)
    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(
        ForeignKey("guard_owner.id"), primary_key=True, autoincrement=False, index=True
    )
    secret: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    whole: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class _Mark(NamedTuple):
    mark: int
    size: int
    whole: int


@dataclass(frozen=True, slots=True)
class Found:
    """A secret that a text shows, and the (case, owner) pairs that have marked it."""

    secret: Secret
    holders: frozenset[tuple[str, int]]


def protect(
    session: Session,
    seal: Seal,
    case: str,
    owner_lane: str,
    secret: Secret,
    words: Iterable[str],
    *,
    common: Common = NOTHING_COMMON,
) -> None:
    """Mark words as a secret of a case; whoever reads at owner_lane (bot.dispatch.lane_of) may always be shown them.

    words: names, numbers, ids, codes; for TEXT whole texts, the person's own only. What is in common, or too short to
    name anybody, is passed over (ADR 0018). Marking the same twice changes nothing.
    """
    hasher = hasher_of(seal)
    make = _text_marks if secret is Secret.TEXT else _word_marks
    marks = {mark for word in words for mark in make(hasher, bare(word), common)}
    if not marks:
        return
    owner = owner_of(hasher, case, owner_lane)
    insert_missing(session, GuardOwnerRow, case_uid=case, owner=owner)
    number = session.scalars(
        select(GuardOwnerRow.id).where(GuardOwnerRow.case_uid == case, GuardOwnerRow.owner == owner)
    ).one()
    connection = session.connection()
    insert = _INSERTS[connection.dialect.name](GuardMarkRow)
    connection.execute(
        insert.on_conflict_do_nothing(),
        [{"owner_id": number, "secret": secret.value, **mark._asdict()} for mark in sorted(marks)],
    )


def release(session: Session, case: str) -> None:
    """Forget the marks of a case: its secrets are erased."""
    owners = select(GuardOwnerRow.id).where(GuardOwnerRow.case_uid == case)
    session.execute(delete(GuardMarkRow).where(GuardMarkRow.owner_id.in_(owners)))
    session.execute(delete(GuardOwnerRow).where(GuardOwnerRow.case_uid == case))


def hasher_of(seal: Seal) -> Hasher:
    """Return the hasher of the marks: its key is derived from the index key."""
    return Hasher(seal.derive("guard marks"))


def owner_of(hasher: Hasher, case: str, lane: str) -> int:
    """Return what stands for a lane in the marks of a case, and in no other's."""
    return hasher.whole(f"{case}|{lane}", _OWNER)


def has_any(session: Session) -> bool:
    """Whether anything is marked at all."""
    return session.scalar(select(GuardMarkRow.mark).limit(1)) is not None


def find(session: Session, hasher: Hasher, texts: Sequence[str]) -> list[Found]:
    """Return the secrets that texts show; one query."""
    windows = [_Windows(signs, size, hasher.windows(signs, size)) for signs in map(bare, texts) for size in ANCHORS]
    lines = {mark for text in texts for mark in _line_marks(hasher, text)}
    wanted = {digest for each in windows for digest in each.digests}.union(mark.mark for mark in lines)
    if not wanted:
        return []
    holders: dict[tuple[str, _Mark], set[tuple[str, int]]] = {}
    for mark, secret, size, whole, case, owner in _look_up(session, wanted):
        holders.setdefault((secret, _Mark(mark, size, whole)), set()).add((case, owner))
    return [
        Found(Secret(secret), frozenset(held))
        for (secret, mark), held in holders.items()
        if mark in lines or _is_shown(hasher, windows, mark)
    ]


class _Windows(NamedTuple):
    """The digests of all windows of a size over a bare text, in order."""

    signs: str
    size: int
    digests: Sequence[int]


def _look_up(session: Session, wanted: Collection[int]) -> Iterable[tuple[int, str, int, int, str, int]]:
    """Return the marks among wanted, with what they stand for; one parameter however many windows a payload has."""
    name = session.connection().dialect.name
    values: Any = sorted(wanted) if name == "postgresql" else f"[{','.join(map(str, sorted(wanted)))}]"
    return session.execute(_QUERIES[name], {"wanted": values})


def _query(is_wanted: ColumnElement[bool]) -> Select[int, str, int, int, str, int]:
    row = GuardMarkRow
    query = select(row.mark, row.secret, row.size, row.whole, GuardOwnerRow.case_uid, GuardOwnerRow.owner)
    return query.join(GuardOwnerRow, GuardOwnerRow.id == row.owner_id).where(is_wanted)


_ARRAY = bindparam("wanted", type_=postgresql.ARRAY(BigInteger))
_LISTED = func.json_each(bindparam("wanted")).table_valued("value")
_QUERIES = {
    "sqlite": _query(GuardMarkRow.mark.in_(select(_LISTED.c.value))),
    # Of an array PostgreSQL knows the size; for a sub-query it would read the whole table.
    "postgresql": _query(GuardMarkRow.mark == any_(_ARRAY)),
}


def _is_shown(hasher: Hasher, windows: Iterable[_Windows], mark: _Mark) -> bool:
    """Whether a text shows the whole of what was looked up by its last signs."""
    if mark.size in ANCHORS:
        return mark.whole == 0
    anchor = anchor_size(mark.size)
    return any(
        digest == mark.mark
        and end >= mark.size
        and hasher.whole(each.signs[end - mark.size : end], _WORD) == mark.whole
        for each in windows
        if each.size == anchor
        for end, digest in enumerate(each.digests, anchor)
    )


def _word_marks(hasher: Hasher, signs: str, common: Common) -> Iterator[_Mark]:
    if not is_telling_word(signs, common):
        return
    anchor = anchor_size(len(signs))
    (mark,) = hasher.windows(signs[-anchor:], anchor)
    yield _Mark(mark, len(signs), 0 if anchor == len(signs) else hasher.whole(signs, _WORD))


def _text_marks(hasher: Hasher, signs: str, common: Common) -> Iterator[_Mark]:
    if len(signs) >= SHORTEST_COPY:
        for digest in winnow(signs, hasher.windows(signs, SHINGLE), common):
            yield _Mark(digest, SHINGLE, 0)
    elif is_telling_line(signs, common):
        yield _line_mark(hasher, signs)


def _line_marks(hasher: Hasher, text: str) -> Iterator[_Mark]:
    for line in text.splitlines():
        signs = bare(line)
        if 0 < len(signs) < SHORTEST_COPY:
            yield _line_mark(hasher, signs)


def _line_mark(hasher: Hasher, signs: str) -> _Mark:
    # Its digest never equals that of a window of the same signs: a short text counts only as a whole line.
    digest = hasher.whole(signs, _LINE)
    return _Mark(digest, len(signs), digest)
