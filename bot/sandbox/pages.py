"""The demo page: a WeCom-like client for the platform's members, with its JSON endpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, render_template, request

from bot.clock import Clock
from bot.sandbox.callbacks import Callbacks, keys
from bot.sandbox.clockhand import FARTHEST, BusyError, Hand
from bot.sandbox.entities import Entry, Json, private_key
from bot.sandbox.forms import LONGEST_TEXT, is_sendable, read_body, refuse
from bot.sandbox.kf.pages import KfPages
from bot.sandbox.platform import Platform
from bot.sandbox.scenes import ZONE, next_instant
from bot.sandbox.stage import Stage

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
WEEKDAYS = "一二三四五六日"
JUMPS = (("到周四 09:00", 3, 9, 0), ("到周五 10:00", 4, 10, 0), ("到周一 08:30", 0, 8, 30))
FEATURED = ("C-ALL", "C-B08", "p-s13-1", "p-s13-2", "p-l1", "C-OFF", "C-LEAD")
# Who meets complaints first: who takes them in, who signs, and who is on duty for dangers.
OFFICE = ("p-b01-2", "p-b01-1", "p-b08-1")
MOST_ENTRIES = 400


class Pages:
    """What the page shows and does. Every write needs JSON, which other sites cannot send without being asked."""

    def __init__(
        self,
        platform: Platform,
        callbacks: Callbacks,
        stage: Stage,
        *,
        clock: Clock,
        hand: Hand,
        inbox_rows: Callable[[], Sequence[Json]],
        featured: Sequence[str] = FEATURED,
    ) -> None:
        self.platform = platform
        self.callbacks = callbacks
        self.stage = stage
        self.clock = clock
        self.hand = hand
        self.inbox_rows = inbox_rows
        self.featured = featured
        self.kf = KfPages(platform, callbacks.customers)

    def blueprint(self) -> Blueprint:
        """Return the page and its endpoints under /sandbox."""
        blueprint = Blueprint(
            "sandbox",
            __package__ or __name__,
            url_prefix="/sandbox",
            template_folder="templates",
            static_folder="static/sandbox",
            static_url_path="/static",
        )
        blueprint.add_url_rule("/", "page", self.page)
        blueprint.add_url_rule("/api/state", "state", self.state)
        blueprint.add_url_rule("/api/changes", "changes", self.changes)
        blueprint.add_url_rule("/api/inbox", "inbox", self.inbox)
        blueprint.add_url_rule("/api/picture/<media_id>", "picture", self.picture)
        blueprint.add_url_rule("/api/say", "say", self.say, methods=["POST"])
        blueprint.add_url_rule("/api/click", "click", self.click, methods=["POST"])
        blueprint.add_url_rule("/api/scene", "scene", self.scene, methods=["POST"])
        blueprint.add_url_rule("/clock", "clock", self.set_clock, methods=["POST"])
        self.kf.register(blueprint)
        blueprint.after_request(_protect)
        return blueprint

    def page(self) -> str:
        """The page itself; everything in it is fetched afterwards."""
        return render_template("sandbox/index.html")

    def state(self) -> Response:
        """All that seldom changes: members, conversations, scenes."""
        robot = self.platform.first_robot()
        members = {
            userid: {"name": member.name, "title": member.title} for userid, member in self.platform.members.items()
        }
        return jsonify(
            epoch=self.platform.epoch,
            robot={"door": robot.door, "name": robot.display_name},
            app={"door": self.platform.first_app().door, "name": self.platform.first_app().display_name},
            members=members,
            chats=[
                {"key": chat.id, "name": chat.name, "members": list(chat.members), "push": chat.push_name}
                for chat in self.platform.chats.values()
            ],
            featured=self._featured(),
            sections=self._sections(),
            **self.kf.state(),
            **self._now(),
        )

    def changes(self) -> Response:
        """What was said or changed after ?since=, oldest first, and where the clock and the scenes stand."""
        since = request.args.get("since", 0, type=int)
        with self.platform.lock:
            found = sorted(self.platform.entries(since=since), key=lambda entry: entry.revision)
            revision = self.platform.revision
        more = len(found) > MOST_ENTRIES
        found = found[:MOST_ENTRIES]
        return jsonify(
            epoch=self.platform.epoch,
            revision=found[-1].revision if more else revision,
            more=more,
            entries=[_entry_view(entry) for entry in found],
            **self._now(),
        )

    def inbox(self) -> Response:
        """The bot's inbox rows, as the host gives them."""
        rows = [
            {key: _moment(value) if isinstance(value, datetime) else value for key, value in row.items()}
            for row in self.inbox_rows()
        ]
        return jsonify(rows=rows)

    def picture(self, media_id: str) -> Response:
        """A picture of the transcript."""
        media = self.platform.media(media_id, even_expired=True)
        if media is None or not media.mimetype.startswith("image/"):
            abort(404)
        return Response(media.data, mimetype=media.mimetype, headers={"Cache-Control": "private, max-age=86400"})

    def say(self) -> tuple[Response, int] | Response:
        """Let somebody say something: {chat, userid, text, quote?}."""
        body = read_body()
        chat, userid, text = str(body.get("chat", "")), str(body.get("userid", "")), str(body.get("text", "")).strip()
        if not text or len(text) > LONGEST_TEXT or not is_sendable(text):
            return refuse("消息为空、过长，或有发不出去的字符")
        if (account := self.kf.account(chat, userid)) is not None:
            return jsonify(entry=self.callbacks.customers.say(userid, text, account=account.name).entry_id)
        if self.platform.member(userid) is None:
            return refuse("发言人不存在")
        quote = str(body.get("quote") or "")
        group = self.platform.chats.get(chat)
        if group is not None and userid in group.members:
            delivery = self.callbacks.say_in_group(chat, userid, text, quote=quote)
        elif chat == private_key(self.platform.first_app().door, userid):
            delivery = self.callbacks.say_to_app(userid, text)
        elif chat == private_key(self.platform.first_robot().door, userid):
            delivery = self.callbacks.say_to_robot(userid, text, quote=quote)
        else:
            return refuse("没有这个会话")
        return jsonify(entry=delivery.entry_id)

    def click(self) -> tuple[Response, int] | Response:
        """Let a member press a card's button: {entry, userid, key, selected?}."""
        body = read_body()
        entry = self.platform.entry(str(body.get("entry", "")))
        key, userid = str(body.get("key", "")), str(body.get("userid", ""))
        if entry is None or key not in keys(entry.card or {}) or self.platform.member(userid) is None:
            return refuse("没有这张卡片或按钮")
        selected = body.get("selected") or {}
        if not _is_selection(selected):
            return refuse("选项无效")
        try:
            self.callbacks.click(entry.task_id, userid, key, selected)
        except LookupError:
            return refuse("这张卡片已经处理过了")
        return jsonify(ok=True)

    def scene(self) -> tuple[Response, int] | Response:
        """Begin a guided scene: {scene}."""
        scene = str(read_body().get("scene", ""))
        if scene not in self.stage.scenes:
            return refuse("没有这个场景")
        if not self.stage.start(scene):
            return refuse("另一个场景正在演示，请稍候")
        return jsonify(**self._now())

    def set_clock(self) -> tuple[Response, int] | Response:
        """Move the clock: {"now": ISO} or {"advance": seconds}. Answers with the new time."""
        body = read_body()
        try:
            if "now" in body:
                target = datetime.fromisoformat(str(body["now"]))
                target = target.replace(tzinfo=ZONE) if target.tzinfo is None else target
            else:
                target = self.clock.now() + timedelta(seconds=float(body["advance"]))
            self.hand.move_to(target.astimezone(UTC))
        except BusyError:
            return refuse("时间正在推进，请稍候", 409)
        except (KeyError, TypeError, ValueError, OverflowError):
            return refuse(f"时间无效、早于现在，或一次超过{FARTHEST.days}天")
        return jsonify(**self._now())

    def _now(self) -> Json:
        now = self.clock.now().astimezone(ZONE)
        jumps = [
            {"label": label, "target": next_instant(now, weekday, hour, minute).isoformat()}
            for label, weekday, hour, minute in JUMPS
        ]
        return {
            "now": now.isoformat(timespec="seconds"),
            "weekday": f"星期{WEEKDAYS[now.weekday()]}",
            "jumps": jumps,
            "scenes": self.stage.view(),
        }

    def _featured(self) -> list[str]:
        app = self.platform.first_app().door
        found = [
            key if key in self.platform.chats else private_key(app, key)
            for key in self.featured
            if key in self.platform.chats or self.platform.member(key) is not None
        ]
        return found or list(self.platform.chats)[:8]

    def _sections(self) -> list[Json]:
        """The parts of the list at the left, under their titles."""
        app = self.platform.first_app().door
        office = [private_key(app, userid) for userid in OFFICE if self.platform.member(userid) is not None]
        own = self._featured()
        sections: list[Json] = [
            {"title": "工作群与同事", "keys": [key for key in own if key not in office]},
            {"title": "投诉经办", "keys": office},
            {"title": "家长（个人微信）", "keys": self.kf.keys()},
        ]
        return [section for section in sections if section["keys"]]


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_selection(value: object) -> bool:
    """Whether value maps the keys of questions to lists of the options chosen."""
    if not isinstance(value, dict) or not all(isinstance(options, list) for options in value.values()):
        return False
    words = [*value, *(option for options in value.values() for option in options)]
    return all(isinstance(word, str) and is_sendable(word) for word in words)


def _moment(value: datetime) -> str:
    return value.astimezone(ZONE).isoformat(timespec="seconds")


def _entry_view(entry: Entry) -> Json:
    return {
        "id": entry.id,
        "revision": entry.revision,
        "order": entry.order,
        "chat": entry.chat,
        "sender": entry.sender,
        "at": _moment(entry.at),
        "type": entry.type,
        "content": entry.content,
        "card": entry.card,
        "replaced": entry.replaced,
        "quote": entry.quote,
        "mentions": list(entry.mentions),
        "media": list(entry.media),
        "state": entry.state,
        "heard": entry.heard,
    }
