"""What is known, what is asked next, and that words taken back take along what they told."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from handlers.complaints import slots
from handlers.complaints.slots import MOST_QUESTIONS, Draft, Entry, Facts, Slot, add, fill, next_slot, recall


def entry(number: int, text: str = "食堂的饭是凉的没人管", **facts: object) -> Entry:
    return Entry(f"m{number}", f"u{number}", text, Facts(**facts))  # type: ignore[arg-type]


def test_only_what_is_missing_is_asked_in_order() -> None:
    draft = add(Draft(), entry(1, kind="complaint", topic="食堂/食品安全"))
    assert next_slot(draft) is Slot.UNIT
    draft = add(draft, entry(2, "一小,昨天", units=("S01",), happened="昨天"))
    assert next_slot(draft) is Slot.WISH
    assert next_slot(add(draft, entry(3, "查一查", wish="查一查"))) is None


def test_everything_in_one_message_asks_nothing() -> None:
    draft = add(Draft(), entry(1, topic="其他", units=("S01",), happened="昨天", wish="查一查"))
    assert next_slot(draft) is None


def test_an_opening_alone_tells_nothing() -> None:
    assert next_slot(add(Draft(), entry(1, "我要投诉你们", kind="opening"))) is Slot.WHAT


def test_no_more_than_the_allowed_questions() -> None:
    draft, asked = add(Draft(), entry(1, "我要投诉", kind="opening")), 0
    while (slot := next_slot(draft)) is not None:
        draft, asked = replace(draft, asked=(*draft.asked, slot)), asked + 1
    assert asked == MOST_QUESTIONS


def test_who_wants_to_be_named_is_asked_for_the_name_even_then() -> None:
    draft = replace(add(Draft(), entry(1, is_named=True)), asked=(Slot.UNIT, Slot.WHEN, Slot.WISH))
    assert next_slot(draft) is Slot.NAME
    assert next_slot(replace(draft, asked=(*draft.asked, Slot.NAME))) is None


def test_a_scanned_school_counts_until_another_is_named() -> None:
    draft = Draft(scene="S01")
    assert draft.known.units == ("S01",)
    assert add(draft, entry(1, "二小", units=("S02",))).known.units == ("S02",)


def test_an_unclear_name_does_not_blur_what_is_clear() -> None:
    draft = add(add(Draft(), entry(1, units=("S13",))), entry(2, "柳湾", units=("S13", "S23")))
    assert draft.known.units == ("S13",)


def test_a_place_replaces_a_unit_and_the_other_way() -> None:
    draft = add(add(Draft(), entry(1, units=("S13",))), entry(2, place="阳光培训班"))
    assert (draft.known.units, draft.known.place) == ((), "阳光培训班")
    draft = add(draft, entry(3, units=("S14",)))
    assert (draft.known.units, draft.known.place) == (("S14",), "")


def test_secrecy_can_be_asked_for_again() -> None:
    draft = add(add(Draft(), entry(1, is_named=True)), entry(2, is_named=False))
    assert draft.known.is_named is False


def test_words_taken_back_take_along_what_they_told() -> None:
    draft = add(add(Draft(), entry(1)), entry(2, "一小", units=("S01",)))
    assert recall(draft, "m2").known.units == ()
    assert "一小" not in recall(draft, "m2").text


def test_the_same_message_counts_once() -> None:
    draft = add(Draft(), entry(1))
    assert add(draft, entry(1)) == draft


def test_an_answer_is_taken_as_it_is() -> None:
    assert fill(Slot.UNIT, "城西小饭桌", Facts()).place == "城西小饭桌"
    assert fill(Slot.WHEN, "刚开学那阵", Facts()).happened == "刚开学那阵"
    assert fill(Slot.WISH, "换老师", Facts()).wish == "换老师"
    assert fill(Slot.UNIT, "一小", Facts(units=("S01",))).place == ""


facts = st.builds(
    Facts,
    kind=st.sampled_from(["", "complaint", "query", "chatter"]),
    topic=st.sampled_from(["", "其他"]),
    units=st.sampled_from([(), ("S01",), ("S13", "S23")]),
    place=st.text(max_size=5),
    happened=st.text(max_size=5),
    wish=st.text(max_size=5),
    is_named=st.sampled_from([None, True, False]),
)
entries = st.lists(st.builds(Entry, st.text(max_size=3), st.text(max_size=3), st.text(max_size=20), facts), max_size=6)


@given(entries, st.sampled_from(["", "S01"]))
def test_a_draft_survives_its_row(told: list[Entry], scene: str) -> None:
    import json

    draft = Draft(scene=scene, slot=Slot.WHEN, asked=(Slot.UNIT,), options=("S01", "S02"))
    for each in told:
        draft = add(draft, each)
    assert slots.load(json.loads(json.dumps(slots.dump(draft)))) == draft


@given(entries)
def test_asking_always_ends(told: list[Entry]) -> None:
    draft = Draft()
    for each in told:
        draft = add(draft, each)
    for _ in range(MOST_QUESTIONS + 1):
        slot = next_slot(draft)
        if slot is None:
            return
        draft = replace(draft, asked=(*draft.asked, slot))
    assert next_slot(draft) is None
