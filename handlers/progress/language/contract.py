"""The extraction contract of supervision-domain.md, section 6, as plain JSON values."""

from typing import Any

from handlers.progress.language.model import Item, Understanding


def to_contract(understood: Understanding) -> dict[str, Any]:
    answer: dict[str, Any] = {"intent": understood.intent.value}
    if understood.also:
        answer["also"] = [intent.value for intent in understood.also]
    answer["items"] = [_item(item) for item in understood.items]
    answer["ask"] = list(understood.ask)
    if understood.rest_unchanged:
        answer["rest_unchanged"] = True
    answer["confidence"] = understood.confidence
    return answer


def _item(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {
        "unit": item.unit,
        "task": item.task,
        "status": item.status.value if item.status else None,
        "percent": _number(item.percent),
        "date": item.date.isoformat() if item.date else None,
        "blocker": item.blocker,
    }
    extra = {"percent_op": item.percent_op, "done": item.done, "total": item.total}
    row.update((key, value) for key, value in extra.items() if value is not None)
    row.update((key, True) for key in ("on_behalf", "unchanged", "conflicting") if getattr(item, key))
    row["confidence"] = item.confidence
    return row


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
