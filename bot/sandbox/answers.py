"""What the bot answers to a callback, held against the rules of the platform and shown in the conversation."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import xmltodict

from bot.sandbox import payloads
from bot.sandbox.api_message import replace
from bot.sandbox.entities import ApiError, Entry, Json, Robot, State
from bot.sandbox.payloads import STREAM_LIMIT, cut
from bot.sandbox.platform import Platform

# Sends one stream poll with the given stream id; returns the decrypted answer, {} for an empty one, None for none.
Poll = Callable[[str], Json | None]


class RobotAnswers:
    """Shows a robot's passive answers. closing stops the polls of unfinished streams."""

    def __init__(
        self, platform: Platform, closing: threading.Event, poll_seconds: float, stream_seconds: float
    ) -> None:
        self.platform = platform
        self.closing = closing
        self.poll_seconds = poll_seconds
        self.stream_seconds = stream_seconds
        self._answered: set[str] = set()

    def to_message(self, robot: Robot, asked: Entry, answer: Json, poll: Poll) -> Callable[[], None] | None:
        """Show the answer to a message once, however often the message was delivered.

        Returns what follows an unfinished stream to its end.
        """
        with self.platform.lock:
            if asked.id in self._answered:
                return None
            self._answered.add(asked.id)
        kind = answer.get("msgtype")
        if kind == "template_card":
            self._show_card(robot, asked.chat, answer)
        elif kind in ("stream", "stream_with_template_card"):
            stream = _dict(answer, "stream")
            entry = self.platform.post(asked.chat, robot.door, "markdown", state=State.STREAMING)
            stream_id = str(stream.get("id") or "")
            if not stream_id:
                self.platform.note_violation("robot: the first stream answer has no id")
            if not self._show_stream(robot, entry, answer):
                return partial(self._follow, robot, entry, stream_id, poll)
        else:
            self.platform.note_violation(f"robot: msgtype {kind!r} may not answer a message")
        return None

    def to_entry(self, robot: Robot, chat: str, answer: Json) -> None:
        """Show the answer to enter_chat: a text or a card."""
        if answer.get("msgtype") == "text":
            self.platform.post(chat, robot.door, "text", str(_dict(answer, "text").get("content") or ""))
        elif answer.get("msgtype") == "template_card":
            self._show_card(robot, chat, answer)
        else:
            self.platform.note_violation("robot: enter_chat may be answered with text or template_card only")

    def to_click(self, card: Entry, answer: Json) -> None:
        """Replace the clicked card."""
        new = answer.get("template_card")
        if answer.get("response_type") != "update_template_card" or not isinstance(new, dict):
            self.platform.note_violation("robot: a click may be answered with update_template_card only")
        elif new.get("task_id") != card.task_id:
            self.platform.note_violation("robot: the updated card has another task_id")
        elif self._check(new):
            replace(self.platform, card, new, "")

    def _follow(self, robot: Robot, entry: Entry, stream_id: str, poll: Poll) -> None:
        end = time.monotonic() + self.stream_seconds
        while time.monotonic() < end:
            if self.closing.wait(self.poll_seconds):
                return
            answer = poll(stream_id)
            if not answer:
                continue  # nobody there, or nothing new
            if answer.get("msgtype") not in ("stream", "stream_with_template_card"):
                self.platform.note_violation("robot: a stream poll may be answered with a stream only")
            elif self._show_stream(robot, entry, answer):
                return
        self.platform.note_violation("robot: a stream was not finished within six minutes")
        self.platform.change(entry, state=State.FAILED)

    def _show_stream(self, robot: Robot, entry: Entry, answer: Json) -> bool:
        stream = _dict(answer, "stream")
        content = str(stream.get("content") or "")
        if len(content.encode()) > STREAM_LIMIT:
            self.platform.note_violation("robot: stream content exceeds 20480 bytes")
            content = cut(content, STREAM_LIMIT)
        finished = bool(stream.get("finish"))
        media = self._pictures(stream, finished)
        state = State.SENT if finished else State.STREAMING
        self.platform.change(entry, content=content, media=media, state=state)
        if answer.get("msgtype") == "stream_with_template_card" and "template_card" in answer:
            self._show_card(robot, entry.chat, answer)
        return finished

    def _pictures(self, stream: Json, finished: bool) -> tuple[str, ...]:
        items = stream.get("msg_item") or []
        if items and (not finished or len(items) > 10):
            self.platform.note_violation("robot: msg_item needs finish=true and at most ten pictures")
            return ()
        try:
            return tuple(payloads.picture(self.platform, _dict(item, "image"), 10 * 1024 * 1024) for item in items)
        except ApiError as error:
            self.platform.note_violation(f"robot: a picture in a stream is refused, {error.errmsg}")
            return ()

    def _show_card(self, robot: Robot, chat: str, answer: Json) -> None:
        card = _dict(answer, "template_card")
        if self._check(card):
            self.platform.post(chat, robot.door, "template_card", card=card)

    def _check(self, card: Json) -> bool:
        try:
            payloads.check_card(card, payloads.INTERACTIVE | payloads.NOTICES)
        except ApiError as error:
            self.platform.note_violation(f"robot: {error.errmsg}")
            return False
        return True


class AppAnswers:
    """Shows an app's passive answers."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._answered: set[str] = set()

    def show(self, door: str, chat: str, asked: str, text: str, card: Entry | None) -> None:
        """Show the XML text that answers message or event asked; card is the clicked one."""
        with self.platform.lock:
            if asked in self._answered:
                return
            self._answered.add(asked)
        fields: Json = xmltodict.parse(text)["xml"]
        kind = fields.get("MsgType")
        if kind == "text":
            self.platform.post(chat, door, "text", cut(str(fields.get("Content") or ""), 2048))
        elif kind == "update_button" and card is not None:
            replace(self.platform, card, None, str(_dict(fields, "Button").get("ReplaceName") or ""))
        elif kind == "update_template_card" and card is not None:
            replace(self.platform, card, snake(_dict(fields, "TemplateCard")), "")
        elif kind not in ("image", "voice", "video", "news"):
            self.platform.note_violation(f"app: MsgType {kind!r} may not answer this")


def snake(value: Any) -> Any:
    """Return a template card's CamelCase XML as the snake_case JSON that message/send takes."""
    if isinstance(value, list):
        return [snake(item) for item in value]
    if not isinstance(value, dict):
        return value
    result: Json = {}
    for name, item in value.items():
        key = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().replace("key_name", "keyname")
        result[key] = snake(item if not key.endswith("_list") or isinstance(item, list) else [item])
    return result


def _dict(value: Json, key: str) -> Json:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
