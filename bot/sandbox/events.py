"""The words of callbacks, inside the envelope: app XML (docs 90239, 90240) and robot JSON (docs 100719, 101027)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.sandbox.entities import App, Chat, Entry, Json, Media, Robot
from bot.sandbox.wire import Element, xml

Selected = Mapping[str, Sequence[str]]


def new_robot_message_id() -> str:
    """Return a message id as robots get it: base64 with all its signs."""
    return base64.b64encode(secrets.token_bytes(22)).decode()


def _selected_item(question: str, options: Sequence[str]) -> Element:
    chosen: list[Element] = [("OptionId", option) for option in options]
    return ("SelectedItem", [("QuestionKey", question), ("OptionIds", chosen)])


class AppWords:
    """Callbacks of one app about one member."""

    def __init__(self, app: App, corp_id: str, userid: str) -> None:
        self.app = app
        self.corp_id = corp_id
        self.userid = userid

    def text(self, message_id: int, text: str, now: datetime) -> str:
        """Somebody wrote a text."""
        return xml([*self._head("text", now), ("Content", text), *self._tail(message_id)])

    def media(self, message_id: int, media: Media, url: str, now: datetime) -> str:
        """Somebody sent a picture, voice or video."""
        own: list[Element] = [("MediaId", media.id)]
        if media.kind == "image":
            own.insert(0, ("PicUrl", url))
        elif media.kind == "voice":
            own.append(("Format", media.name.rpartition(".")[2] or "amr"))
        else:
            own.append(("ThumbMediaId", media.id))
        return xml([*self._head(media.kind, now), *own, *self._tail(message_id)])

    def event(self, name: str, now: datetime, extra: Sequence[Element] = (), key: str = "") -> str:
        """Something happened that is no message; it carries no MsgId."""
        return xml(
            [
                *self._head("event", now),
                ("Event", name),
                ("EventKey", key),
                *extra,
                ("AgentID", self.app.agent_id),
            ]
        )

    def click(self, card: Entry, key: str, selected: Selected, response_code: str, now: datetime) -> str:
        """Somebody clicked a card."""
        extra: list[Element] = [
            ("TaskId", card.task_id),
            ("CardType", str((card.card or {}).get("card_type") or "")),
            ("ResponseCode", response_code),
        ]
        if selected:
            extra.append(("SelectedItems", [_selected_item(*answer) for answer in selected.items()]))
        return self.event("template_card_event", now, extra, key)

    def _head(self, kind: str, now: datetime) -> list[Element]:
        return [
            ("ToUserName", self.corp_id),
            ("FromUserName", self.userid),
            ("CreateTime", int(now.timestamp())),
            ("MsgType", kind),
        ]

    def _tail(self, message_id: int) -> list[Element]:
        return [("MsgId", message_id), ("AgentID", self.app.agent_id)]


class RobotWords:
    """Callbacks of one robot about one member, in a group or alone. base_url is where the platform answers."""

    def __init__(self, robot: Robot, userid: str, chat: Chat | None, base_url: str) -> None:
        self.robot = robot
        self.userid = userid
        self.chat = chat
        self.base_url = base_url

    def text(self, message_id: str, text: str, quote: Json | None, code: str) -> Json:
        """Somebody wrote a text, in a group with an @."""
        own = {"text": {"content": text}} | ({"quote": quote} if quote else {})
        return self._head(message_id, code) | {"msgtype": "text"} | own

    def mixed(self, message_id: str, text: str, pictures: Sequence[Media], quote: Json | None, code: str) -> Json:
        """Somebody wrote a text with pictures."""
        items: list[Json] = [{"msgtype": "text", "text": {"content": text}}]
        items += [{"msgtype": "image", "image": {"url": self.url(media)}} for media in pictures]
        own = {"mixed": {"msg_item": items}} | ({"quote": quote} if quote else {})
        return self._head(message_id, code) | {"msgtype": "mixed"} | own

    def media(self, message_id: str, media: Media, code: str) -> Json:
        """Somebody sent a picture, file or video."""
        return self._head(message_id, code) | {"msgtype": media.kind, media.kind: {"url": self.url(media)}}

    def voice(self, message_id: str, transcript: str, code: str) -> Json:
        """Somebody spoke; robots get the transcript only."""
        return self._head(message_id, code) | {"msgtype": "voice", "voice": {"content": transcript}}

    def stream_poll(self, stream_id: str) -> Json:
        """The platform asks how a stream goes on; with a message id of its own and no response_url."""
        return self._head(new_robot_message_id(), "") | {"msgtype": "stream", "stream": {"id": stream_id}}

    def enter_chat(self, now: datetime) -> Json:
        """Somebody opened the private chat for the first time today; the platform leaves chattype out."""
        head = self._event_head("", now)
        del head["chattype"]
        return head | {"event": {"eventtype": "enter_chat"}}

    def click(self, card: Entry, key: str, selected: Selected, code: str, now: datetime) -> Json:
        """Somebody clicked a card."""
        detail: Json = {
            "card_type": str((card.card or {}).get("card_type") or ""),
            "event_key": key,
            "task_id": card.task_id,
        }
        if selected:
            items = [
                {"question_key": question, "option_ids": {"option_id": list(options)}}
                for question, options in selected.items()
            ]
            detail["selected_items"] = {"selected_item": items}
        event = {"eventtype": "template_card_event", "template_card_event": detail}
        return self._event_head(code, now) | {"event": event}

    def feedback(self, feedback_id: str, kind: int, content: str, reasons: Sequence[int], now: datetime) -> Json:
        """Somebody marked an answer as right (1), wrong (2), or took that back (3)."""
        detail: Json = {"id": feedback_id, "type": kind}
        if kind == 2:
            detail |= {"content": content, "inaccurate_reason_list": list(reasons)}
        return self._event_head("", now) | {"event": {"eventtype": "feedback_event", "feedback_event": detail}}

    def url(self, media: Media) -> str:
        """Where the bot finds a file for five minutes."""
        return f"{self.base_url}/aibot-media/{media.id}"

    def _head(self, message_id: str, code: str) -> Json:
        head: Json = {"msgid": message_id, "aibotid": self.robot.bot_id}
        if self.chat is not None:
            head |= {"chatid": self.chat.robot_chatid}
        head |= {"chattype": "group" if self.chat is not None else "single", "from": {"userid": self.userid}}
        if code:
            head["response_url"] = f"{self.base_url}/cgi-bin/aibot/response?response_code={code}"
        return head

    def _event_head(self, code: str, now: datetime) -> Json:
        return self._head(new_robot_message_id(), code) | {"create_time": int(now.timestamp()), "msgtype": "event"}


def quoted(entry: Entry, urls: Sequence[str]) -> Json | None:
    """Return what the bot learns of a quoted message: words and pictures, no id and no sender.

    Markdown and cards are not delivered: the documents name text, image, mixed, voice, file and video only.
    """
    if entry.type == "text":
        return {"msgtype": "text", "text": {"content": entry.content}}
    if entry.type == "mixed":
        items: list[Json] = [{"msgtype": "text", "text": {"content": entry.content}}]
        return {
            "msgtype": "mixed",
            "mixed": {"msg_item": items + [{"msgtype": "image", "image": {"url": url}} for url in urls]},
        }
    if entry.type == "voice":
        return {"msgtype": "voice", "voice": {"content": entry.content}}
    if entry.type in ("image", "file", "video") and urls:
        return {"msgtype": entry.type, entry.type: {"url": urls[0]}}
    return None
