"""Access tokens in the database: shared by every process, refreshed by one at a time, sealed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from bot.channels.wecom.tokens import Token
from bot.db import Base, Database
from bot.errors import SealError
from bot.seal import Seal
from bot.shared import insert_missing


class TokenRow(Base):
    """The access token of one app; leased_until keeps two processes from refreshing it at once."""

    __tablename__ = "access_token"
    app: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    leased_until: Mapped[datetime | None]


class TokenTable:
    """The TokenStore of bot.channels.wecom.tokens."""

    def __init__(self, db: Database, seal: Seal) -> None:
        self._db = db
        self._seal = seal

    def read(self, app: str) -> Token | None:
        """Return the stored token, fresh or not; one that no key opens counts as none."""
        with self._db.reading() as session:
            sealed = session.scalar(select(TokenRow.value).where(TokenRow.app == app))
        return self._opened(app, sealed)

    def _opened(self, app: str, sealed: bytes | None) -> Token | None:
        if sealed is None:
            return None
        try:
            value, renew_at = json.loads(self._seal.open(sealed, f"token/{app}"))
        except SealError:
            return None
        return Token(value, datetime.fromisoformat(renew_at))

    def write(self, app: str, token: Token) -> None:
        """Replace the stored token."""
        plain = json.dumps([token.value, token.renew_at.isoformat()]).encode()
        sealed = self._seal.close(plain, f"token/{app}")
        with self._db.transaction() as session:
            session.merge(TokenRow(app=app, value=sealed))

    def clear(self, app: str, value: str) -> None:
        """Forget the stored token if it still is value."""
        with self._db.transaction() as session:
            row = session.get(TokenRow, app, with_for_update=True)
            stored = self._opened(app, row.value) if row is not None else None
            if row is not None and stored is not None and stored.value == value:
                row.value = None

    def lease(self, app: str, now: datetime, seconds: float) -> bool:
        """Return whether the caller may refresh now: nobody else holds a lease that has not run out."""
        with self._db.transaction() as session:
            insert_missing(session, TokenRow, app=app)
            free = or_(TokenRow.leased_until.is_(None), TokenRow.leased_until <= now)
            taken = update(TokenRow).where(TokenRow.app == app, free)
            until = now + timedelta(seconds=seconds)
            return session.scalar(taken.values(leased_until=until).returning(TokenRow.app)) is not None

    def release(self, app: str) -> None:
        """Give the lease back."""
        with self._db.transaction() as session:
            session.execute(update(TokenRow).where(TokenRow.app == app).values(leased_until=None))
