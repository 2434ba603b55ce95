"""The one table of the binding of groups: whose push address is awaited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base


class BindingRequestRow(Base):
    """The newest group whose push address a person has been asked for. The address comes by another conversation."""

    __tablename__ = "binding_request"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    chat_id: Mapped[str] = mapped_column(ForeignKey("chat.id"))
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
