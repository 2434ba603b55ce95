"""Which columns hold sealed values, and how the associated data of each follows from its row. Declared beside models.

Every binary column is either Sealed, so that a rotation finds it, or Apart, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from bot.db import Base


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column whose values the Seal closes. bound_to: their associated data, with columns of the row in braces."""

    row: type[Base]
    column: str
    bound_to: str = "{uid}"

    @property
    def name(self) -> str:
        """table.column"""
        return f"{self.row.__tablename__}.{self.column}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that bound_to names."""
        return tuple(field for _, field, _, _ in Formatter().parse(self.bound_to) if field)


@dataclass(frozen=True, slots=True)
class Apart:
    """A binary column that the Seal does not close; why says what it holds instead."""

    row: type[Base]
    column: str
    why: str

    @property
    def name(self) -> str:
        """table.column"""
        return f"{self.row.__tablename__}.{self.column}"


def of_person(row: type[Base], *columns: str) -> tuple[Apart, ...]:
    """Return columns that Vault.close fills: a rotation seals the person's key anew, never the values."""
    return tuple(Apart(row, column, "sealed with the data key of a person") for column in columns)
