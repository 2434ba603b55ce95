"""What everybody says about schools: no secret of a complainant, whoever writes it, and no mark for the guard."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from bot import steps
from bot.guard import Common, common_of
from bot.people import Directory
from bot.sections import Complaints
from handlers.complaints.language import topics
from handlers.tasks import service as ledger

_SUBJECTS = Path(__file__).parents[1]
# Pieces of the topics, and what is done about them, as reports and bulletins say it.
_MATTERS = (
    *("体罚", "变相体罚", "校园欺凌", "食堂", "食品安全", "校车", "安全", "有偿补课", "乱收费", "教辅", "教育扶贫"),
    *("资助", "招生", "择校", "师德师风", "师德", "作风", "推诿", "慢作为"),
    *("自查", "排查", "整改", "检查", "督查", "整治", "培训", "台账", "落实", "完成"),
)
_STEPS = Path(steps.__file__).parent


def everyday(session: Session, directory: Directory, settings: Complaints) -> Common:
    """Return what protect must pass over: names of the directory and of the office, topics, titles of tasks, and our
    own wording.
    """
    return directory.memo(f"complaints.everyday/{settings.office}", lambda: _make(session, directory, settings))


def warm() -> None:
    """Read our own wording now: it takes a third of a second, for which the first complaint would hold the database."""
    _wording()


def _make(session: Session, directory: Directory, settings: Complaints) -> Common:
    tasks = ledger.get(session, directory).tasks.values()
    words = [word for task in tasks for word in (task.id, task.title, *task.aliases)]
    return common_of(
        directory, (*words, *topics.TOPICS, *_MATTERS, settings.office, settings.prefix, settings.phone), _wording()
    )


@cache
def _wording() -> tuple[str, ...]:
    """Return every literal of the modules that word what we say, pieces with gaps too: who copies our receipt into a
    complaint must not stop the receipts of all others.
    """
    files = [*_SUBJECTS.glob("*/texts*.py"), *_STEPS.glob("*.py")]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(files)]
    nodes = (node for tree in trees for node in ast.walk(tree))
    return tuple(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
