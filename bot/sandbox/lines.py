"""The two lines to the bot: one carries an app's XML, the other a robot's JSON, and both show what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.sandbox.answers import AppAnswers, RobotAnswers
from bot.sandbox.delivery import Attempt, Courier, Delivery, Plan
from bot.sandbox.entities import App, Chat, Entry, Json, Media, Robot, State, private_key
from bot.sandbox.events import AppWords, RobotWords, new_robot_message_id, quoted
from bot.sandbox.platform import Platform
from bot.sandbox.wire import AnswerError, Envelope, Request


@dataclass(frozen=True)
class Manners:
    """How the platform treats a slow or silent bot; all in seconds."""

    timeout: float = 5.0
    pauses: Sequence[float] = (1.0, 1.0, 1.0)
    robot_pauses: Sequence[float] = (1.0,)
    poll_seconds: float = 0.7
    stream_seconds: float = 360.0  # a stream must be finished within six minutes (doc 101031)


def settle(platform: Platform, message: Entry) -> Callable[[Delivery], None]:
    """Return what marks message as sent or failed when its delivery is over."""

    def mark(delivery: Delivery) -> None:
        with platform.lock:
            if message.state is State.SENDING:  # else its sender took it back meanwhile
                platform.change(message, state=State.SENT if delivery.is_acknowledged else State.FAILED)

    return mark


class AppLine:
    """Calls the bot for one app."""

    def __init__(self, platform: Platform, app: App, courier: Courier, manners: Manners) -> None:
        self.platform = platform
        self.app = app
        self.courier = courier
        self.manners = manners
        self.answers = AppAnswers(platform)
        self.envelope = Envelope(app, platform.corp_id)

    def words(self, userid: str) -> AppWords:
        """Return the wording of callbacks about a member, with the id spelt as in the directory."""
        member = self.platform.member(userid)
        return AppWords(self.app, self.platform.corp_id, member.userid if member else userid)

    def tell(
        self,
        userid: str,
        message_id: str,
        plain: str,
        *,
        message: Entry | None = None,
        card: Entry | None = None,
        copies: int = 1,
        at_once: bool = False,
    ) -> Delivery:
        """Deliver the XML plain; message is what the member wrote, card what was clicked."""
        chat = private_key(self.app.door, userid)

        def on_answer(body: bytes, _: Request) -> None:
            if not body.strip():
                return
            try:
                self.answers.show(self.app.door, chat, message_id, self.envelope.open_xml(body), card)
            except AnswerError as error:
                self.platform.note_violation(f"app: {error}")

        return self.courier.start(
            Delivery(message_id, entry_id=message.id if message else ""),
            self.app.callback_url,
            lambda: self.envelope.seal(plain, self.platform.clock.now()),
            Plan(self.manners.timeout, self.manners.pauses, copies, at_once),
            on_answer=on_answer,
            on_end=settle(self.platform, message) if message else lambda _: None,
        )


class RobotLine:
    """Calls the bot for one robot."""

    def __init__(self, platform: Platform, robot: Robot, courier: Courier, manners: Manners) -> None:
        self.platform = platform
        self.robot = robot
        self.courier = courier
        self.manners = manners
        self.answers = RobotAnswers(platform, courier.closing, manners.poll_seconds, manners.stream_seconds)
        self.envelope = Envelope(robot, platform.corp_id)

    def words(self, userid: str, group: Chat | None = None) -> RobotWords:
        """Return the wording of callbacks about a member, whose id is opaque if the robot sees it so."""
        member = self.platform.member(userid)
        seen = member.userid if member else userid
        if self.robot.seals_userids:
            seen = self.platform.open_userid(seen)
        return RobotWords(self.robot, seen, group, self.platform.base_url)

    def answer_code(self, asked: Entry) -> str:
        """Return a code for one late answer to a message or click."""
        with self.platform.lock:
            return self.platform.answer_codes.issue((self.robot.name, asked.id), self.platform.clock.now())

    def tell_message(self, asked: Entry, words: RobotWords, copies: int, at_once: bool) -> Delivery:
        """Deliver what a member wrote, show the answer and follow its stream."""
        message_id = new_robot_message_id()
        payload = self._payload(words, message_id, asked)

        def poll(stream_id: str) -> Json | None:
            request = self._seal(words.stream_poll(stream_id))
            attempt = self.courier.post(self.robot.callback_url, request, self.manners.timeout)
            return self._open(attempt, request)

        def on_answer(body: bytes, request: Request) -> Callable[[], None] | None:
            answer = self._open(Attempt(200, 0.0, body), request)
            return self.answers.to_message(self.robot, asked, answer, poll) if answer else None

        return self.courier.start(
            Delivery(message_id, entry_id=asked.id),
            self.robot.callback_url,
            lambda: self._seal(payload),
            Plan(self.manners.timeout, self.manners.robot_pauses, copies, at_once),
            on_answer=on_answer,
            on_end=settle(self.platform, asked),
        )

    def tell_event(self, payload: Json, show: Callable[[Json], None]) -> Delivery:
        """Deliver an event, once only (doc 101027), and hand its answer to show unless it is empty."""

        def on_answer(body: bytes, request: Request) -> None:
            answer = self._open(Attempt(200, 0.0, body), request)
            if answer:
                show(answer)

        return self.courier.start(
            Delivery(str(payload["msgid"])),
            self.robot.callback_url,
            lambda: self._seal(payload),
            Plan(self.manners.timeout),
            on_answer=on_answer,
            on_end=lambda _: None,
        )

    def _payload(self, words: RobotWords, message_id: str, asked: Entry) -> Json:
        code = self.answer_code(asked)
        media = [found for one in asked.media if (found := self.platform.media(one)) is not None]
        if asked.type == "voice":
            return words.voice(message_id, asked.content, code)
        if asked.type in ("image", "file", "video"):
            return words.media(message_id, media[0], code)
        original = self.platform.entry(asked.quote)
        quote = quoted(original, [words.url(one) for one in self._copies(original)]) if original else None
        if asked.type == "mixed":
            return words.mixed(message_id, asked.content, media, quote, code)
        return words.text(message_id, asked.content, quote, code)

    def _copies(self, original: Entry) -> list[Media]:
        """A quoted picture gets a new address, which lives five minutes from now."""
        found = [self.platform.media(one, even_expired=True) for one in original.media]
        return [
            self.platform.keep_media(
                media.kind, media.data, name=media.name, mimetype=media.mimetype, robot=self.robot.name
            )
            for media in found
            if media is not None
        ]

    def _seal(self, payload: Json) -> Request:
        # The platform's own JSON escapes "/" (doc 100719); a parser must not care.
        text = json.dumps(payload, ensure_ascii=False).replace("/", "\\/")
        return self.envelope.seal(text, self.platform.clock.now())

    def _open(self, attempt: Attempt, request: Request) -> Json | None:
        if attempt.status != 200:
            return None
        if not attempt.body.strip():
            return {}
        try:
            return self.envelope.open_json(attempt.body, request.nonce)
        except AnswerError as error:
            self.platform.note_violation(f"robot: {error}")
            return None
