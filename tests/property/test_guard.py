"""The guard looks at every word of every payload, however it is written, and lets all others pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.db import Base, Database
from bot.fingerprint import bare
from bot.guard import Audience, Guard, Secret, clears_nobody, protect, shown
from bot.messages import Body, Button, Card, CardUpdate, Image, Markdown, Menu, Text
from bot.people import Directory
from bot.seal import Seal

SEAL = Seal([b"k" * 32], b"i" * 32)
GUARD = Guard(SEAL, clears_nobody)
NOBODY = Directory(0, {}, {}, {})
IDENTITY = ["王小明", "欧阳娜娜丽", "陈默", "19900001234", "990101201503070011", "zhangsan.7", "云A1B2C3"]
IDENTITY += ["wmJyIDEgAAZpJ0eYFlSXe9qKQ2bRtUvW", "清河区石桥镇幸福村三组12号"]
CODES = ["7KMP2QX9RTW4C"]
STORY = "孩子上周在食堂吃完午饭以后肚子疼了整夜,班主任知道了也没有打电话告诉我们家长,请你们查一查。"
SHORT = "老师打人了"
OTHERS = [Audience("lane/other", "P-S13-1", False), Audience("lane/chat", "C-ALL", True), Audience("", "", False)]
OWNER = Audience("lane/owner", "", False)

anything = st.text(max_size=40)
bodies: st.SearchStrategy[Body] = st.one_of(
    st.builds(Text, anything, st.lists(anything, max_size=2).map(tuple)),
    st.builds(Markdown, anything),
    st.builds(Image, st.binary(max_size=5), anything),
    st.builds(
        Card,
        anything,
        anything,
        anything,
        st.lists(st.tuples(anything, anything), max_size=3).map(tuple),
        st.lists(st.builds(Button, anything, anything), max_size=3).map(tuple),
    ),
    st.builds(
        CardUpdate,
        anything,
        anything,
        anything,
        st.lists(st.tuples(anything, anything), max_size=3).map(tuple),
        anything,
    ),
    st.builds(Menu, anything, st.lists(st.tuples(anything, anything), max_size=3).map(tuple), anything),
)
PLACES: list[Callable[[str], Body]] = [
    lambda said: Text(said),
    lambda said: Text("各位", (said,)),
    lambda said: Markdown(f"# 通报\n> {said}"),
    lambda said: Image(b"png", said),
    lambda said: Card(said, "周报"),
    lambda said: Card("t1", said),
    lambda said: Card("t1", "周报", said),
    lambda said: Card("t1", "周报", "", ((said, "1"),)),
    lambda said: Card("t1", "周报", "", (("名", "1"), ("值", said))),
    lambda said: Card("t1", "周报", "", (), (Button(said, "好"),)),
    lambda said: Card("t1", "周报", "", (), (Button("k", said),)),
    lambda said: CardUpdate(said, "周报"),
    lambda said: CardUpdate("t1", said),
    lambda said: CardUpdate("t1", "周报", said),
    lambda said: CardUpdate("t1", "周报", "", ((said, ""),)),
    lambda said: CardUpdate("t1", "周报", "", (("名", said),)),
    lambda said: CardUpdate("t1", "周报", "", (), said),
    lambda said: Menu(said, (("1", "好"),)),
    lambda said: Menu("选", ((said, "好"),)),
    lambda said: Menu("选", (("1", "好"), ("2", said))),
    lambda said: Menu("选", (("1", "好"),), said),
]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('guard') / 'duban.db'}")
    Base.metadata.create_all(db.engine)
    with db.transaction() as writing:
        for secret, words in ((Secret.IDENTITY, IDENTITY), (Secret.CODE, CODES), (Secret.TEXT, [STORY, SHORT])):
            protect(writing, SEAL, "case", OWNER.lane, secret, words)
    with db.reading() as reading:
        yield reading
    db.dispose()


def in_disguise(word: str, noise: list[str], *, wide: bool) -> str:
    """Return word with something between its signs that carries nothing, perhaps in full-width forms."""
    signs = [chr(ord(sign) + 0xFEE0) if wide and "!" <= sign <= "~" else sign for sign in word]
    return "".join(sign + noise[at % len(noise)] for at, sign in enumerate(signs))


noises = st.lists(
    st.sampled_from(["", "", " ", "-", "·", ",", "\u200b", "\u2060", "\u00ad", "\u3000", "*"]), min_size=1
)
fillers = st.sampled_from(["", "各位校长:", "请尽快办理。", "abc ", "第3项,"])


@settings(max_examples=300)
@given(
    word=st.sampled_from(IDENTITY + CODES),
    place=st.sampled_from(PLACES),
    audience=st.sampled_from(OTHERS),
    noise=noises,
    wide=st.booleans(),
    before=fillers,
    after=fillers,
)
def test_a_marked_word_is_found_wherever_and_however_it_is_written(
    session: Session,
    word: str,
    place: Callable[[str], Body],
    audience: Audience,
    noise: list[str],
    wide: bool,
    before: str,
    after: str,
) -> None:
    body = place(before + in_disguise(word, noise, wide=wide) + after)

    assert GUARD.judge(session, NOBODY).find_fault(audience, body) is not None
    assert GUARD.judge(session, NOBODY).find_fault(OWNER, body) is None


@settings(max_examples=200)
@given(
    start=st.integers(0, len(bare(STORY)) - 14),
    length=st.integers(14, 40),
    place=st.sampled_from(PLACES),
    audience=st.sampled_from(OTHERS),
    noise=noises,
)
def test_a_copied_run_is_found(
    session: Session, start: int, length: int, place: Callable[[str], Body], audience: Audience, noise: list[str]
) -> None:
    run = in_disguise(bare(STORY)[start : start + length], noise, wide=False)

    assert GUARD.judge(session, NOBODY).find_fault(audience, place(f"据反映{run}请核实")) == "words of another"
    assert GUARD.judge(session, NOBODY).find_fault(OWNER, place(run)) is None


@pytest.mark.parametrize("place", PLACES)
def test_a_short_text_is_found_as_a_whole_line_only(session: Session, place: Callable[[str], Body]) -> None:
    stranger = OTHERS[0]
    is_line = "老师打人了" in [line.lstrip("> ") for text in shown(place(SHORT)) for line in text.splitlines()]

    assert is_line == (GUARD.judge(session, NOBODY).find_fault(stranger, place(SHORT)) is not None)
    assert GUARD.judge(session, NOBODY).find_fault(stranger, place(f"关于{SHORT}的传言")) is None


@settings(max_examples=300)
@given(body=bodies, audience=st.sampled_from([*OTHERS, OWNER]))
def test_any_payload_is_judged_and_only_marked_words_are_refused(
    session: Session, body: Body, audience: Audience
) -> None:
    fault = GUARD.judge(session, NOBODY).find_fault(audience, body)

    if isinstance(body, Image) and not body.source.strip():
        assert fault == "picture without source"
    else:
        assert fault is None


@given(text=st.text(max_size=60))
def test_bare_signs_stay_as_they_are(text: str) -> None:
    assert bare(text) == bare(bare(text))


def test_every_kind_of_payload_has_its_places_here() -> None:
    """A field that is added to a payload must be looked at, and tried above."""
    kinds = {type(place("x")) for place in PLACES}
    fields = {kind: {name for name in kind.__dataclass_fields__ if name not in ("type", "data")} for kind in kinds}

    assert kinds == set(Body.__args__)
    assert sum(map(len, fields.values())) == 2 + 1 + 1 + 5 + 5 + 3
    assert replace(Button("k", "t")).__slots__ == ("key", "text", "style")
