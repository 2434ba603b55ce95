"""What happens to a case: filed, added to, accepted, refused, withdrawn, and what its complainant is told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.guard import Secret
from bot.messages import Outgoing
from bot.people import Directory
from bot.router import Context
from handlers.complaints import complainant, reading
from handlers.complaints.shapes import Own, Receipt, Statement, address_of

__all__ = [
    "Own",
    "Receipt",
    "Statement",
    "add",
    "address_of",
    "count_own",
    "file",
    "list_own",
    "may_see",
    "press",
    "stay",
    "withdraw",
]


def file(ctx: Context, said: Statement) -> tuple[Receipt, list[Outgoing]]:
    """T1: register the case of the message's sender: number, code, sealed text, marks for the guard, audit entry.

    Returns the receipt and what the office is told (number and topic only; a danger also the duty people, urgent).
    Filing again because of the same message gives the same case. Call once per dialogue, in the answer half.
    """
    return complainant.file(ctx, said)


def add(ctx: Context, case: str, text: str, dangers: Sequence[str] = (), files: Sequence[str] = ()) -> list[Outgoing]:
    """Add words of the complainant to an open case; answers a question of the office (T3). Returns what others get.

    dangers: kinds of danger that these words tell of; whoever is on duty is then told at once. files: uids of the
    messages that brought files.
    Raises UserError for a case that has ended or is not the sender's.
    """
    return complainant.add(ctx, case, text, dangers, files)


def withdraw(ctx: Context, case: str) -> list[Outgoing]:
    """Ask for T28: the office confirms that it is free. Returns what others get. Raises UserError as add does."""
    return complainant.withdraw(ctx, case)


def stay(ctx: Context, case: str) -> list[Outgoing]:
    """Take the wish to withdraw back (不撤回了). Returns what others get; nothing where there was no such wish."""
    return complainant.stay(ctx, case)


def press(ctx: Context, case: str) -> tuple[bool, list[Outgoing]]:
    """催办: once per 3 working days and case; False if that was used up, or the case has ended."""
    return complainant.press(ctx, case)


def list_own(ctx: Context) -> Sequence[Own]:
    """Return the sender's own cases, newest first."""
    return complainant.list_own(ctx)


def count_own(ctx: Context) -> tuple[int, int]:
    """Return how many cases the sender has filed today and in this month (Shanghai)."""
    return complainant.count_own(ctx)


def may_see(session: Session, directory: Directory, case: str, secret: Secret, person_id: str) -> bool:
    """The guard's clearance: whether a person of the directory may be shown a secret of a case now."""
    return reading.may_see(session, directory, case, secret, person_id)
