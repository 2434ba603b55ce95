"""The callback URL of the robots: /wecom/robot/<name>. Stores the message, waits a little for the words, answers.

A message is answered within 1.5 s by a finished stream, else by one that goes on; the platform then polls for the
rest (WeCom docs 101031, read 2026-11). What is still not ready leaves by response_url, which is robot.send's business.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.callback import Call, Reply
from bot.channel import Intake
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.doors import RobotDoor
from bot.channels.wecom.gate import Gate, Query
from bot.channels.wecom.robot import answers, wire
from bot.channels.wecom.robot.answers import Answer
from bot.channels.wecom.robot.wire import StreamPoll
from bot.channels.wecom.urls import CallbackUrls
from bot.clock import Clock
from bot.messages import Body, Incoming, Kind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manners:
    """How long the robot lets people wait (seconds), and what it says meanwhile.

    card_url is where a card without buttons leads. The platform drops a click that is unanswered after 5 s.
    waiters: how many requests may wait at once; further ones are answered at once and polled by the platform, so that
    waiting people never take all threads of the web server.
    """

    card_url: str
    message_wait: float = 1.5
    poll_wait: float = 0.5
    click_wait: float = 3.5
    waiters: int = 12
    waiting: str = "正在处理…"
    closing: str = "本次回复已结束。"


class Callbacks(CallbackUrls[RobotDoor]):
    """The robots' URLs: a message waits a little for its answer."""

    PREFIX = "/wecom/robot"

    def __init__(
        self, doors: Mapping[str, RobotDoor], intake: Intake, clock: Clock, manners: Manners, **limits: Any
    ) -> None:
        """Keywords as in CallbackUrls."""
        cryptos = {name: (door, Crypto(door.token, door.aes_key, "")) for name, door in doors.items()}
        super().__init__(cryptos, intake, clock, **limits)
        self._desk = _Desk(intake, manners)

    def take(self, door: RobotDoor, crypto: Crypto, call: Call) -> Reply:
        """Store the message and answer it, if its words come in time."""
        read = self.gate.read(door.label, lambda: _read(self.gate, door, crypto, call))
        if isinstance(read, Reply):
            return read
        answer: Answer | None
        query, message = read
        if isinstance(message, StreamPoll):
            answer = self._desk.go_on(message.stream_id)
        else:
            accepted = self.gate.accept(door.label, self.intake, message)
            if isinstance(accepted, Reply):
                return accepted
            answer = self._desk.answer(accepted.uid, message)
        return Reply() if answer is None else _seal(answer, crypto, query, self.clock)


class _Desk:
    """Decides what to put into the HTTP answer. A fault here never loses the message: it is stored already."""

    def __init__(self, intake: Intake, manners: Manners) -> None:
        self._intake = intake
        self._manners = manners
        self._places = threading.BoundedSemaphore(manners.waiters)

    def answer(self, uid: str, message: Incoming) -> Answer | None:
        """Return the answer to the message stored under uid, or None for an empty one (always allowed)."""
        url = self._manners.card_url
        match message.kind:
            case Kind.EVENT:
                return None
            case Kind.ENTER:
                body = self._take(uid, self._manners.message_wait)
                return answers.to_enter(body, url) if body else None
            case Kind.CLICK:
                # Whatever take_reply returns counts as sent, so every body with words must find its place here.
                body = self._take(uid, self._manners.click_wait)
                return answers.to_click(message, body, url) if body else None
            case _:
                body = self._take(uid, self._manners.message_wait)
                if body:
                    return answers.to_message(uid, body, url)
                return None if self._is_settled(uid) else answers.stream(uid, self._manners.waiting, finish=False)

    def go_on(self, stream_id: str) -> Answer:
        """Return the next state of a stream; one that nobody knows (any more) is ended."""
        body = self._take(stream_id, self._manners.poll_wait)
        if body:
            return answers.to_poll(stream_id, body, self._manners.card_url)
        if self._is_settled(stream_id):
            return answers.stream(stream_id, self._manners.closing, finish=True)
        return answers.stream(stream_id, self._manners.waiting, finish=False)

    def _take(self, uid: str, wait: float) -> Body | None:
        has_place = self._places.acquire(blocking=False)
        try:
            return self._intake.take_reply(uid, wait=wait if has_place else 0.0)
        except Exception as error:
            log.error("robot.no_reply message=%s error=%s", uid, type(error).__name__)
            return None
        finally:
            if has_place:
                self._places.release()

    def _is_settled(self, uid: str) -> bool:
        try:
            return self._intake.is_settled(uid)
        except Exception as error:
            log.error("robot.not_known message=%s error=%s", uid, type(error).__name__)
            return False


def _read(gate: Gate, door: RobotDoor, crypto: Crypto, call: Call) -> tuple[Query, Incoming | StreamPoll]:
    query = gate.query(call)
    encrypted = wire.parse_envelope(gate.body(call))
    plain = crypto.open(encrypted, signature=query.signature, timestamp=query.timestamp, nonce=query.nonce)
    return query, wire.parse(door, plain)


def _seal(answer: Answer, crypto: Crypto, query: Query, clock: Clock) -> Reply:
    """Encrypt an answer: timestamp a number, nonce the one of the request (WeCom docs 101033)."""
    plain = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    envelope = render_envelope(crypto, plain, int(clock.now().timestamp()), query.nonce)
    return Reply(body=json.dumps(envelope).encode(), content_type="application/json")


def render_envelope(
    crypto: Crypto, plain: bytes, timestamp: int, nonce: str, *, random16: bytes | None = None
) -> dict[str, str | int]:
    """Return the JSON envelope of a passive answer. random16 is for test vectors."""
    encrypted = crypto.seal(plain, random16=random16)
    signature = crypto.sign(str(timestamp), nonce, encrypted)
    return {"encrypt": encrypted, "msgsignature": signature, "timestamp": timestamp, "nonce": nonce}
