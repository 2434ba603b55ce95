"""A parent at the public door, and what the rows of cases say: words go in, answers come out."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from bot.messages import Attachment, Incoming, Kind
from bot.vault import Vault
from handlers.complaints.models import CaseRow, TextRow
from tests.dialogues.stage import Stage

DOOR, URL, PHONE = "kf/parents", "https://duban.example.cn", "0791-8888888"
_numbers = itertools.count(1)


class Parent:
    """Says things at the public door as one WeChat user."""

    def __init__(self, stage: Stage, external_id: str = "wmAbCdParent1") -> None:
        self.stage = stage
        self.id = external_id

    def say(self, text: str, *, kind: Kind = Kind.TEXT, message_id: str = "", menu: str = "", **detail: str) -> str:
        """Say something; returns the answer."""
        return self.stage.receive(self.message(text, kind=kind, message_id=message_id, menu=menu, **detail))

    def message(
        self, text: str, *, kind: Kind = Kind.TEXT, message_id: str = "", menu: str = "", **detail: str
    ) -> Incoming:
        """Return what the door makes of what is said."""
        files = (Attachment(kind, media_id="media"),) if kind in (Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE) else ()
        return Incoming(
            door=DOOR,
            message_id=message_id or f"kf{next(_numbers)}",
            kind=kind,
            sender=self.id,
            sent_at=self.stage.clock.now(),
            text=text,
            attachments=files,
            detail={**({"menu_id": menu} if menu else {}), **detail},
        )

    def enter(self, **detail: str) -> str:
        """Open the chat."""
        return self._event(Kind.ENTER, "enter_session", **detail)

    def recall(self, message_id: str) -> str:
        """Take a message back."""
        return self._event(Kind.EVENT, "user_recall_msg", recall_msgid=message_id)

    def tell(self, *texts: str) -> list[str]:
        """Say several things; returns the answers."""
        return [self.say(text) for text in texts]

    def _event(self, kind: Kind, event: str, **detail: str) -> str:
        return self.stage.receive(
            Incoming(
                door=DOOR,
                message_id=f"kf{next(_numbers)}",
                kind=kind,
                sender=self.id,
                sent_at=self.stage.clock.now(),
                event=event,
                detail=detail,
            )
        )


def settle(stage: Stage, **settings: Any) -> None:
    """Give the installation a public address and the office a phone."""
    stage.house = replace(
        stage.house,
        public_url=URL,
        complaints=stage.house.complaints.model_copy(update={"phone": PHONE, **settings}),
    )


def cases(stage: Stage) -> list[CaseRow]:
    """Return all cases, oldest first."""
    with stage.db.reading() as session:
        return list(session.scalars(select(CaseRow).order_by(CaseRow.serial)))


def words_of(stage: Stage, case: CaseRow) -> dict[str, str]:
    """Return what was said in a case, by kind; several of a kind in one text."""
    found: dict[str, str] = {}
    with stage.db.reading() as session:
        for row in session.scalars(select(TextRow).where(TextRow.case_uid == case.uid).order_by(TextRow.id)):
            said = Vault(stage.seal).open(session, case.person, row.body, f"text/{row.uid}").decode()
            found[row.kind] = f"{found[row.kind]}\n{said}" if row.kind in found else said
    return found


def numbers_in(text: str) -> set[str]:
    """Return the case numbers in an answer."""
    return set(re.findall(r"区教诉〔\d{4}〕\d{6}号", text))


def code_in(text: str) -> str:
    """Return the query code in an answer, or ""."""
    match = re.search(r"查询码:([0-9A-Z]{13})", text)
    return match[1] if match else ""
