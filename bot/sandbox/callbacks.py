"""What people do in the client: they write, click and open chats, and the platform calls the bot over real HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import requests

from bot.sandbox.delivery import Courier, Delivery
from bot.sandbox.entities import App, Entry, Json, KfAccount, Robot, State, private_key
from bot.sandbox.events import Selected
from bot.sandbox.kf.people import Customers
from bot.sandbox.lines import AppLine, Manners, RobotLine
from bot.sandbox.payloads import picture_type
from bot.sandbox.platform import Platform
from bot.sandbox.wire import Envelope

EXTENSIONS = {"voice": "amr", "video": "mp4", "file": "bin", "image": "png", "mixed": "png"}


class Callbacks:
    """Lets members of a platform speak to one app and one robot (the first ones if not named).

    customers does the same for people on personal WeChat, with all kf accounts.
    Every method returns a Delivery at once and works on in threads; delivery.wait() waits for the bot's
    acknowledgement. pauses are the seconds before the platform's repeats of an app callback; robot_pauses those of a
    robot message, whose number is not documented (card clicks and events of robots are never repeated).
    Use it in a with statement, or close it, so that streams still running are left alone.
    """

    def __init__(self, platform: Platform, *, app: str = "", robot: str = "", manners: Manners | None = None) -> None:
        self.platform = platform
        self.app = platform.apps[app] if app else platform.first_app()
        self.robot = platform.robots[robot] if robot else platform.first_robot()
        self._courier = Courier()
        manners = manners or Manners()
        self._app_line = AppLine(platform, self.app, self._courier, manners)
        self._robot_line = RobotLine(platform, self.robot, self._courier, manners)
        self.customers = Customers(platform, self._courier, manners)
        platform.desk.listeners.append(self.customers.wake)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop repeating and polling."""
        self._courier.closing.set()
        if self.customers.wake in self.platform.desk.listeners:
            self.platform.desk.listeners.remove(self.customers.wake)

    def say_in_group(
        self,
        chat: str,
        userid: str,
        text: str,
        *,
        quote: str = "",
        pictures: Sequence[bytes] = (),
        deliveries: int = 1,
        at_once: bool = False,
    ) -> Delivery:
        """Let a member write into a group; the robot hears it only if the text @-s it.

        quote is the id of an entry. deliveries and at_once: the platform delivers the same message so many times,
        one after another or all at the same moment.
        """
        group = self.platform.chats[chat]
        heard = f"@{self.robot.display_name}" in text
        message = self._write(chat, userid, "mixed" if pictures else "text", text, quote, pictures)
        if not heard:
            self.platform.change(message, state=State.SENT)
            unheard = Delivery(message_id="", entry_id=message.id)
            unheard.done.set()
            return unheard
        self.platform.change(message, heard=True)
        return self._robot_line.tell_message(message, self._robot_line.words(userid, group), deliveries, at_once)

    def say_to_robot(
        self,
        userid: str,
        text: str,
        *,
        quote: str = "",
        pictures: Sequence[bytes] = (),
        deliveries: int = 1,
        at_once: bool = False,
    ) -> Delivery:
        """Let a member write to the robot in private; keywords as in say_in_group."""
        kind = "mixed" if pictures else "text"
        message = self._write(private_key(self.robot.door, userid), userid, kind, text, quote, pictures)
        return self._robot_line.tell_message(message, self._robot_line.words(userid), deliveries, at_once)

    def show_to_robot(self, userid: str, kind: str, data: bytes = b"", *, transcript: str = "") -> Delivery:
        """Let a member send the robot an "image", "file", "video" or "voice" (with its transcript) in private."""
        files = (data,) if kind != "voice" else ()
        message = self._write(private_key(self.robot.door, userid), userid, kind, transcript, "", files)
        return self._robot_line.tell_message(message, self._robot_line.words(userid), 1, at_once=False)

    def say_to_app(self, userid: str, text: str, *, deliveries: int = 1, at_once: bool = False) -> Delivery:
        """Let a member write to the app; deliveries and at_once as in say_in_group."""
        message = self._post_to_app(userid, "text", text)
        message_id = self.platform.new_message_id()
        plain = self._app_line.words(userid).text(message_id, text, message.at)
        return self._app_line.tell(userid, str(message_id), plain, message=message, copies=deliveries, at_once=at_once)

    def show_to_app(self, userid: str, kind: str, data: bytes) -> Delivery:
        """Let a member send the app an "image", "voice" (AMR) or "video"."""
        media = self.platform.keep_media(kind, data, name=f"{kind}.{EXTENSIONS[kind]}", mimetype=picture_type(data))
        message = self._post_to_app(userid, kind, "", media.id)
        message_id = self.platform.new_message_id()
        url = f"{self.platform.base_url}/pic/{media.id}"
        plain = self._app_line.words(userid).media(message_id, media, url, message.at)
        return self._app_line.tell(userid, str(message_id), plain, message=message)

    def enter_agent(self, userid: str) -> Delivery:
        """Let a member open the app."""
        event = self._app_line.words(userid).event("enter_agent", self.platform.clock.now())
        return self._app_line.tell(userid, f"enter-{secrets.token_hex(4)}", event)

    def enter_chat(self, userid: str) -> Delivery:
        """Let a member open the private chat with the robot for the first time that day."""
        event = self._robot_line.words(userid).enter_chat(self.platform.clock.now())
        chat = private_key(self.robot.door, userid)
        answers = self._robot_line.answers
        return self._robot_line.tell_event(event, lambda answer: answers.to_entry(self.robot, chat, answer))

    def give_feedback(
        self, userid: str, feedback_id: str, kind: int, content: str = "", reasons: Sequence[int] = ()
    ) -> Delivery:
        """Let a member judge a robot's answer: kind 1 right, 2 wrong, 3 taken back."""
        words = self._robot_line.words(userid)
        event = words.feedback(feedback_id, kind, content, reasons, self.platform.clock.now())
        return self._robot_line.tell_event(
            event, lambda _: self.platform.note_violation("robot: feedback may be answered with nothing only")
        )

    def click(
        self, task_id: str, userid: str, key: str, selected: Selected | None = None, *, stale: bool = False
    ) -> Delivery:
        """Let a member press a button of the newest card with this task id that the member can see.

        Raises LookupError if there is no such card or button; stale allows a button that has been replaced, as a
        click may cross the update.
        """
        cards = self.platform.cards(task_id, userid)
        if not cards:
            raise LookupError(f"{userid} sees no card {task_id}")
        card = cards[-1]
        if not stale and (card.replaced or key not in keys(card.card or {})):
            raise LookupError(f"card {task_id} has no button {key}")
        if card.sender == self.app.door:
            return self._click_app(card, userid, key, selected or {})
        words = self._robot_line.words(userid, self.platform.chats.get(card.chat))
        code = self._robot_line.answer_code(card)
        event = words.click(card, key, selected or {}, code, self.platform.clock.now())
        answers = self._robot_line.answers
        return self._robot_line.tell_event(event, lambda answer: answers.to_click(card, answer))

    def verify_url(self, door: App | Robot | KfAccount | None = None) -> bool:
        """Do the check of the callback address as when an admin saves it: the exact echo within one second."""
        door = door or self.app
        echo = secrets.token_urlsafe(24)
        params = Envelope(door, self.platform.corp_id).seal_echo(echo, self.platform.clock.now())
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.get(door.callback_url, params=params, timeout=1.0, allow_redirects=False)
            except requests.RequestException:
                return False
        return answer.status_code == 200 and answer.content == echo.encode()

    def _click_app(self, card: Entry, userid: str, key: str, selected: Selected) -> Delivery:
        now = self.platform.clock.now()
        with self.platform.lock:
            code = self.platform.card_codes.issue((card.sender, (card.id,)), now)
        event = self._app_line.words(userid).click(card, key, selected, code, now)
        return self._app_line.tell(userid, f"click-{secrets.token_hex(4)}", event, card=card)

    def _post_to_app(self, userid: str, kind: str, text: str, *media: str) -> Entry:
        chat = private_key(self.app.door, userid)
        return self.platform.post(chat, userid.lower(), kind, text, media=media, state=State.SENDING, heard=True)

    def _write(self, chat: str, userid: str, kind: str, text: str, quote: str, files: Sequence[bytes]) -> Entry:
        media = tuple(
            self.platform.keep_media(
                "image" if kind == "mixed" else kind,
                data,
                name=f"{kind}.{EXTENSIONS[kind]}",
                mimetype=picture_type(data) or "application/octet-stream",
                robot=self.robot.name,
            ).id
            for data in files
        )
        in_group = chat in self.platform.chats
        return self.platform.post(
            chat, userid.lower(), kind, text, quote=quote, media=media, state=State.SENDING, heard=not in_group
        )


def keys(card: Json) -> set[str]:
    """Return the keys that can be pressed on a card: its buttons, its submit button, its corner menu."""
    pressed = [*(card.get("button_list") or ()), *((card.get("action_menu") or {}).get("action_list") or ())]
    if card.get("submit_button"):
        pressed.append(card["submit_button"])
    return {str(button.get("key")) for button in pressed}
