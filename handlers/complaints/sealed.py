"""What of a case is sealed, and with which key; see bot.sealed."""

from bot.sealed import Apart, Sealed, of_person
from handlers.complaints.models import EventRow, NoticeRow, TextRow

SEALED: tuple[Sealed | Apart, ...] = (
    *of_person(EventRow, "note"),
    *of_person(TextRow, "body"),
    *of_person(NoticeRow, "body"),
)
