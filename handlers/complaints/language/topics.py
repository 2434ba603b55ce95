"""The 11 topics of a complaint, their codes in the bureau's list, and the working days each is given."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PUNISHMENT = "体罚或变相体罚"
BULLYING = "校园欺凌"
FOOD = "食堂/食品安全"
SAFETY = "校车/安全"
TUTORING = "有偿补课"
FEES = "乱收费/教辅"
AID = "教育扶贫资助"
ADMISSION = "招生择校"
ETHICS = "师德师风"
CONDUCT = "作风/推诿/慢作为"
OTHER = "其他"

# In the order of precedence: where several fit equally, the first is taken.
TOPICS = (PUNISHMENT, BULLYING, FOOD, SAFETY, TUTORING, FEES, AID, ADMISSION, ETHICS, CONDUCT, OTHER)

# L1 codes; an officer refines to H-L, which no topic leads to.
CODES: Mapping[str, str] = MappingProxyType(
    {
        PUNISHMENT: "B",
        BULLYING: "F",
        FOOD: "G",
        SAFETY: "F",
        TUTORING: "C",
        FEES: "D",
        AID: "N",
        ADMISSION: "E",
        ETHICS: "B",
        CONDUCT: "A",
        OTHER: "M",
    }
)
# Working days to handle a case of a code by default; L is transferred, so it has no limit of handling.
LIMITS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys("ABHJM", 5) | dict.fromkeys("CDEIKN", 15) | dict.fromkeys("FG", 5)
)
TRANSFERRED = "L"


def code_of(topic: str) -> str:
    """Return the L1 code of a topic; M for what is no topic."""
    return CODES.get(topic, CODES[OTHER])


def limit_of(code: str) -> int | None:
    """Return the default limit of a code in working days; None for L, which is transferred, and for unknown codes."""
    return LIMITS.get(code)
