"""/f/q: the public page on which a complainant sees how the own case stands. Works without scripts; loads nothing.

Number and code come in the body of a POST only: an address would stay in histories and logs.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from jinja2 import Environment

from bot.clock import Clock
from bot.db import Database
from bot.people import DirectoryCache
from bot.seal import Seal
from bot.sections import Complaints
from handlers.complaints import lookup, texts
from handlers.complaints import texts_pages as words
from handlers.complaints.look import PAGE, STYLE
from handlers.complaints.lookup import Seen, Wait
from handlers.complaints.states import State
from handlers.complaints.work import Work

PATH = "/f/q"
_LONGEST = 80
_page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(PAGE)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    # Nothing but our own style, by its digest; the form goes back here, and no other page may frame this one.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

MakePages = Callable[[Database, Seal, Clock, Complaints], Blueprint]


def blueprint(db: Database, seal: Seal, clock: Clock, settings: Complaints) -> Blueprint:
    """Return the page, for the web application."""
    pages = Blueprint("complaints", __name__)
    directories = DirectoryCache()

    @pages.get(PATH)
    def form() -> ResponseReturnValue:
        """Show the form."""
        return _respond(settings, 200)

    @pages.post(PATH)
    def look() -> ResponseReturnValue:
        """Show the case of a number and its code, or the form again with what to do."""
        number, code = (request.form.get(name, "")[:_LONGEST] for name in ("number", "code"))
        now = clock.now()
        with db.transaction() as session:
            work = Work(session, seal, directories.get(session), settings, now)
            answer = lookup.find(work, number, code)
        if isinstance(answer, Seen):
            return _respond(settings, 200, seen=_view(answer))
        fault = words.wait(answer.until, now) if isinstance(answer, Wait) else words.WRONG
        return _respond(settings, 429 if isinstance(answer, Wait) else 403, fault=fault, number=number)

    return pages


def _respond(settings: Complaints, status: int, **values: object) -> Response:
    body = _page.render(
        style=STYLE,
        words=words,
        office=settings.office,
        how=words.how_to_add(settings.office, settings.phone),
        **values,
    )
    return Response(body, status, headers=HEADERS, content_type="text/html; charset=utf-8")


def _view(seen: Seen) -> dict[str, object]:
    """Return what the page shows of a case, in words."""
    state = State(seen.state)
    shown = state if state in words.MEANINGS else State.HANDLING
    limit = (words.LIMITS[shown], words.day(seen.limit)) if seen.limit and shown in words.LIMITS else None
    return {
        "number": seen.number,
        "kind": texts.KINDS.get(seen.kind, ""),
        "category": texts.CATEGORIES.get(seen.category, ""),
        "state": texts.public_state(seen.state),
        "meaning": words.MEANINGS[shown],
        "received": words.day(seen.received_at),
        "limit": limit,
        "events": [(words.EVENTS[act], words.day(at)) for act, at in seen.events],
        "notices": [(texts.NOTICES[kind], said, words.moment(at)) for kind, said, at in reversed(seen.notices)],
    }
