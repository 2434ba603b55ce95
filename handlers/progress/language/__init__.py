"""Understands a progress message by the rules of supervision-domain.md, section 6: pure, no clock, no database.

understand(text, sender=..., now=..., quote=..., lexicon=..., calendar=...) -> Understanding

understand_in_context reads what names no task by the tasks that the sender's unit reports on.
"""

from handlers.progress.language.context import understand_in_context
from handlers.progress.language.contract import to_contract
from handlers.progress.language.lexicon import Lexicon
from handlers.progress.language.model import Intent, Item, Sender, Status, TaskEntry, Understanding, UnitEntry
from handlers.progress.language.understand import understand

__all__ = [
    "Intent",
    "Item",
    "Lexicon",
    "Sender",
    "Status",
    "TaskEntry",
    "Understanding",
    "UnitEntry",
    "to_contract",
    "understand",
    "understand_in_context",
]
