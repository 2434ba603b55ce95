"""Reads what parents, pupils and staff write to the complaints: pure, no clock, no database.

find_dangers(text) -> tuple[Danger, ...]; understand(text, lexicon) -> Understood; is_complaint_in_group(text) -> bool;
redact(text) -> Redacted; group([facts_of(text, understood, lexicon), ...]) -> [issue, ...].
"""

from handlers.complaints.language.contract import to_contract
from handlers.complaints.language.danger import find_dangers
from handlers.complaints.language.group import is_complaint_in_group
from handlers.complaints.language.model import Danger, DangerKind, Kind, SchoolRef, Span, Understood
from handlers.complaints.language.redact import Personal, Redacted, redact
from handlers.complaints.language.same import Facts, facts_of, group
from handlers.complaints.language.schools import SchoolLexicon, find_schools
from handlers.complaints.language.times import find_times
from handlers.complaints.language.topics import TOPICS, code_of, limit_of
from handlers.complaints.language.understand import understand

__all__ = [
    "TOPICS",
    "Danger",
    "DangerKind",
    "Facts",
    "Kind",
    "Personal",
    "Redacted",
    "SchoolLexicon",
    "SchoolRef",
    "Span",
    "Understood",
    "code_of",
    "facts_of",
    "find_dangers",
    "find_schools",
    "find_times",
    "group",
    "is_complaint_in_group",
    "limit_of",
    "redact",
    "to_contract",
    "understand",
]
