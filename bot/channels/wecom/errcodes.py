"""The one table from a WeCom errcode to what we do about it.

Decisions rest on the number, never on the words. Source: WeCom developer docs 90313, global error codes, and 90312,
limits (read 2026-11); the reactions are those of the reference, section 12.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import Failure

# A bad, expired or missing token: refreshed and repeated once by the client, then judged by the table.
STALE_TOKEN = frozenset((40014, 42001, 41001))
# A bad or expired media_id: uploading again helps.
STALE_MEDIA = frozenset((40007, 40145))


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an errcode means for us. retry_after in seconds; means is for the log and the operator."""

    failure: Failure
    means: str
    retry_after: float | None = None


def _rows(codes: Iterable[int], failure: Failure, means: str, after: float | None = None) -> dict[int, Reaction]:
    return dict.fromkeys(codes, Reaction(failure, means, after))


REACTIONS: dict[int, Reaction] = {
    **_rows((-1,), Failure.BUSY, "the platform is busy"),
    **_rows((6000, 45035), Failure.BUSY, "another change is under way", 1),
    **_rows((45033,), Failure.BUSY, "too many calls at once", 5),
    **_rows((45009,), Failure.LIMITED, "frequency limit", 60),
    **_rows((95007,), Failure.BUSY, "the sync token has expired"),
    # Credentials, permissions, settings: only the operator can act.
    **_rows((40001, 40091, 40013, 40056), Failure.DOOR_DOWN, "wrong secret, corp id or agent id"),
    **_rows(STALE_TOKEN, Failure.DOOR_DOWN, "the platform refuses a fresh access token"),
    **_rows(
        (48001, 48002, 48004, 48006, 50003, 60031, 301002), Failure.DOOR_DOWN, "not authorised, or the app is disabled"
    ),
    **_rows((48009,), Failure.DOOR_DOWN, "directory secret used from a new address"),
    **_rows((50001, 80001, 85004, 85005, 85008), Failure.DOOR_DOWN, "domain not trusted, not owned or not filed"),
    **_rows((60020, 301042), Failure.DOOR_DOWN, "our address is not among the trusted IPs of the app", 60),
    **_rows((95000, 95004, 60252), Failure.DOOR_DOWN, "wrong open_kfid"),
    **_rows((65014, 65022, 65023, 65024), Failure.DOOR_DOWN, "no school, or no right to its directory"),
    # This recipient or chat can never be reached.
    **_rows((40003, 60111, 46004, 40031, 301021), Failure.DEAD_TARGET, "unknown user"),
    **_rows((50002, 60011, 60021, 60030, 81013, 92000), Failure.DEAD_TARGET, "outside the visible range"),
    **_rows(
        (40050, 86001, 86003, 86008, 86215, 86216, 86217, 49008), Failure.DEAD_TARGET, "the chat is missing or foreign"
    ),
    **_rows((93000,), Failure.DEAD_TARGET, "wrong webhook key, or the robot was removed from the group"),
    **_rows((93001, 93004, 93006, 93008), Failure.DEAD_TARGET, "pushing into this group is not allowed or was stopped"),
    # This message can never be sent.
    **_rows((40029, 42003, 42022), Failure.REJECTED, "bad, expired or used login code"),
    **_rows(STALE_MEDIA, Failure.REJECTED, "bad or expired media_id"),
    **_rows((40008, 40035, 40058, 40063, 44004, 45008, 41016, 41033), Failure.REJECTED, "bad request"),
    **_rows((40033,), Failure.REJECTED, "JSON with \\u escapes"),
    **_rows(range(42014, 42052), Failure.REJECTED, "a field of the template card is wrong"),
    **_rows((40004, 40005, 40006, 40009, 40011, 45001, 45007, 301016, 301017), Failure.REJECTED, "media type or size"),
    **_rows((830002,), Failure.REJECTED, "media too large for one download"),
    **_rows((45002, 40206), Failure.REJECTED, "content too long"),
    **_rows((60140,), Failure.REJECTED, "response_code used or expired"),
    **_rows((42052,), Failure.REJECTED, "too old to be recalled"),
    **_rows((82001, 82002, 82003, 82004), Failure.REJECTED, "no or too many recipients, or unsafe content"),
    **_rows((43012,), Failure.REJECTED, "an interactive card needs a callback URL: set one for this app"),
    **_rows((40201, 40204, 85002), Failure.REJECTED, "content blocked by the platform: a person must look at it"),
    **_rows((93017, 93018, 93050), Failure.REJECTED, "empty request, picture too large or bad response_type"),
    # kf: the number or time of answers is used up; the message waits until the parent writes.
    **_rows((95001, 95002, 95031), Failure.SPENT, "over five messages or 48 hours, or no recent question"),
    **_rows((95013, 95016, 95018, 95019), Failure.REJECTED, "the session's state forbids it"),
    **_rows((95033,), Failure.DELIVERED, "the platform has this msgid already"),
}


def failure_for(errcode: int, *, idempotent: bool, attempt: int = 1) -> Reaction:
    """Return the reaction to errcode (not 0).

    A code that the table does not know is tried once more if the call is idempotent, then given up.
    """
    known = REACTIONS.get(errcode)
    if known is not None:
        return known
    again = idempotent and attempt < 2
    return Reaction(Failure.BUSY if again else Failure.REJECTED, "a code that is not in our table")
