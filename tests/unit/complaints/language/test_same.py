"""Which complaints may be one issue: the same school and matter; who decides is an officer."""

from __future__ import annotations

from itertools import combinations

from handlers.complaints.language import Facts, facts_of, group, understand
from tests.unit.complaints.language.scoring import rows, schools

LEXICON = schools()


def facts(text: str) -> Facts:
    return facts_of(text, understand(text, LEXICON), LEXICON)


def issues(*texts: str) -> list[int]:
    return group([facts(text) for text in texts])


def test_other_words_about_the_same_matter_are_one_issue() -> None:
    assert issues("投诉清河二小强制买教辅168元", "二小老师催着买练习册，不买就点名") == [1, 1]


def test_another_matter_another_school_or_another_teacher_is_another_issue() -> None:
    assert issues("投诉清河二小强制买教辅168元", "投诉清河二小校服720元必须买") == [1, 2]
    assert issues("投诉清河二小强制买教辅168元", "投诉清河三小强制买教辅168元") == [1, 2]
    assert issues("举报三小王老师在家补课收120元", "举报三小李老师在家补课收120元") == [1, 2]


def test_the_order_of_messages_does_not_change_who_belongs_together() -> None:
    texts = [row["text"] for row in rows("complaint-examples.jsonl") if row["issue_id"]][:40]
    there, back = issues(*texts), issues(*reversed(texts))[::-1]

    pairs = list(combinations(range(len(texts)), 2))
    agree = sum((there[a] == there[b]) == (back[a] == back[b]) for a, b in pairs)
    assert agree / len(pairs) >= 0.99


def test_labelled_issues_are_found() -> None:
    told = [row for row in rows("complaint-examples.jsonl") if row["issue_id"]]
    numbers = issues(*(row["text"] for row in told))
    pairs = [
        (numbers[a] == numbers[b], told[a]["issue_id"] == told[b]["issue_id"])
        for a, b in combinations(range(len(told)), 2)
    ]
    both = sum(found and labelled for found, labelled in pairs)

    assert both / sum(found for found, _ in pairs) >= 0.9
    assert both / sum(labelled for _, labelled in pairs) >= 0.9


def test_nothing_is_grouped_in_nothing() -> None:
    assert group([]) == []
    assert issues("") == [1]
