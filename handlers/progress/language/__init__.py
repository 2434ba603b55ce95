"""Understands a progress message by the rules of supervision-domain.md, section 6: pure, no clock, no database.

understand(text, sender=..., now=..., quote=..., lexicon=..., calendar=...) -> Understanding
"""

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
]
