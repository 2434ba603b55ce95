"""What customers do on personal WeChat, and receptionists in the client (docs 94665, 94670)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Unpack
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.delivery import Courier, Delivery
from bot.sandbox.entities import Json, KfAccount, State, kf_key
from bot.sandbox.kf import items
from bot.sandbox.kf.api_account import LATE_CODE, LINK, QUICK_CODE
from bot.sandbox.kf.desk import ServiceState
from bot.sandbox.kf.line import KfLine, Waking
from bot.sandbox.kf.message import options
from bot.sandbox.lines import Manners
from bot.sandbox.payloads import picture_type

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

MIB = 1024 * 1024
# Above these a customer's file comes as a text notice, whose words are not documented.
MEDIA_LIMITS = {"image": 2 * MIB, "voice": 2 * MIB, "video": 10 * MIB, "file": 20 * MIB}
TOO_LARGE = "[文件过大，无法接收]"
EXTENSIONS = {"image": "jpg", "voice": "amr", "video": "mp4", "file": "bin"}
RECALL_LIFE = timedelta(minutes=2)
LONGEST_SCENE_PARAM = 128
_SCENE = re.compile(r"[0-9a-zA-Z_-]{0,32}\Z")


class Customers:
    """Lets customers write to kf accounts (the first one if not named).

    Every method returns a Delivery, that of the wake-up, at once. What was done can be pulled from that moment on,
    whether or not the wake-up arrives. customer is an external_userid. Raises KeyError for an unknown one.
    """

    def __init__(self, platform: Platform, courier: Courier, manners: Manners) -> None:
        self.platform = platform
        self._line = KfLine(platform, courier, manners)

    def say(self, customer: str, text: str, *, account: str = "", **waking: Unpack[Waking]) -> Delivery:
        """Let a customer write a text."""
        return self._write(self._account(account), customer, "text", text, {"content": text}, **waking)

    def show(
        self, customer: str, kind: str, data: bytes, *, account: str = "", name: str = "", **waking: Unpack[Waking]
    ) -> Delivery:
        """Let a customer send an "image", "voice" (AMR), "video" or "file"."""
        at = self._account(account)
        if len(data) > MEDIA_LIMITS[kind]:
            return self._write(at, customer, "text", TOO_LARGE, {"content": TOO_LARGE}, **waking)
        mimetype = picture_type(data) or "application/octet-stream"
        media = self.platform.keep_media(kind, data, name=name or f"{kind}.{EXTENSIONS[kind]}", mimetype=mimetype)
        return self._write(at, customer, kind, media.name, {"media_id": media.id}, media.id, **waking)

    def send(self, customer: str, kind: str, part: Json, *, account: str = "", **waking: Unpack[Waking]) -> Delivery:
        """Let a customer send anything else, such as a location, a link, or a note, which comes without content."""
        return self._write(self._account(account), customer, kind, "", part, **waking)

    def happen(
        self, customer: str, event_type: str, fields: Json, *, account: str = "", **waking: Unpack[Waking]
    ) -> Delivery:
        """Let an event of any type happen; fields stand beside its ids."""
        at = self._account(account)
        self._check(customer)
        now = self.platform.clock.now()
        with self.platform.lock:
            self.platform.desk.tell(at, items.event(at, customer, event_type, now, **fields), now)
        return self._line.wake(at, **waking)

    def choose(self, customer: str, entry_id: str, option: str, **waking: Unpack[Waking]) -> Delivery:
        """Let a customer tap the option with this id on a menu. Raises LookupError if there is none."""
        menu = self.platform.entry(entry_id)
        account = next((one for one in self.platform.kf.values() if menu and menu.chat == kf_key(one, customer)), None)
        words = options(menu.card or {}).get(option) if menu is not None else None
        if account is None or words is None:
            raise LookupError(f"no menu {entry_id} with {option} before this customer")
        return self._write(account, customer, "text", words, {"content": words, "menu_id": option}, **waking)

    def enter(
        self,
        customer: str,
        scene: str | None = None,
        scene_param: str = "",
        *,
        account: str = "",
        **waking: Unpack[Waking],
    ) -> Delivery:
        """Let a customer open the chat: by a link with a scene ("" for one without), or from the list of chats (None).

        Only by a link the event has scene, scene_param and, if the rules allow, a welcome_code. Raises ValueError for
        what no link can carry.
        """
        if not _SCENE.match(scene or "") or len(scene_param.encode()) > LONGEST_SCENE_PARAM:
            raise ValueError("a link cannot carry this scene or parameter")
        at = self._account(account)
        self._check(customer)
        now = self.platform.clock.now()
        desk = self.platform.desk
        with self.platform.lock:
            session = desk.session(at, customer, now)
            code = ""
            if scene is not None:
                session.scene, session.scene_param = scene, scene_param
                if session.may_be_welcomed(now):
                    code = desk.issue_code(at, customer, QUICK_CODE, now)
            more = {"scene": scene, "scene_param": scene_param, "welcome_code": code}
            desk.tell(at, items.event(at, customer, "enter_session", now, **more), now)
        return self._line.wake(at, **waking)

    def follow(self, customer: str, url: str, **waking: Unpack[Waking]) -> Delivery:
        """Let a customer open a link of add_contact_way. Raises LookupError for a link the platform never gave."""
        query = parse_qs(urlsplit(url).query)
        found = self.platform.desk.links.get(query.get("enc_scene", [""])[0])
        if found is None or not url.startswith(LINK):
            raise LookupError("no such link")
        account, scene = found
        return self.enter(customer, scene, query.get("scene_param", [""])[0], account=account, **waking)

    def recall(self, entry_id: str, **waking: Unpack[Waking]) -> Delivery:
        """Let a customer take back a message of the last two minutes. Raises LookupError if that is not possible."""
        entry = self.platform.entry(entry_id)
        now = self.platform.clock.now()
        with self.platform.lock:
            message_id = self.platform.desk.message_ids.get(entry_id)
            is_own = entry is not None and entry.sender in self.platform.customers
            if entry is None or message_id is None or not is_own or entry.state is State.RECALLED:
                raise LookupError("nothing to take back")
            if now - entry.at > RECALL_LIFE:
                raise LookupError("too late to take back")
            account = next(one for one in self.platform.kf.values() if entry.chat == kf_key(one, entry.sender))
            self.platform.change(entry, state=State.RECALLED, content="", media=())
            happened = items.event(account, entry.sender, "user_recall_msg", now, recall_msgid=message_id)
            self.platform.desk.tell(account, happened, now)
        return self._line.wake(account, **waking)

    def wake(self, account: KfAccount) -> Delivery:
        """Call the bot because an account has something new."""
        return self._line.wake(account)

    def take_over(self, customer: str, servicer: str, *, account: str = "", **waking: Unpack[Waking]) -> Delivery:
        """Let a receptionist take the session from the pool in the client; the event has a code for one text."""
        return self._change(customer, account, ServiceState.HUMAN, LATE_CODE, 1, servicer, **waking)

    def end(self, customer: str, *, account: str = "", **waking: Unpack[Waking]) -> Delivery:
        """Let the receptionist end the session in the client; the event has a code for one text or menu."""
        return self._change(customer, account, ServiceState.ENDED, QUICK_CODE, 3, "", **waking)

    def answer_by_hand(self, customer: str, text: str, *, account: str = "", **waking: Unpack[Waking]) -> Delivery:
        """Let the receptionist write to the customer in the client; the bot pulls it with origin 5."""
        at = self._account(account)
        self._check(customer)
        now = self.platform.clock.now()
        with self.platform.lock:
            servicer = self.platform.desk.session(at, customer, now).servicer
            self.platform.post(kf_key(at, customer), at.door, "text", text)
            self.platform.desk.tell(at, items.said_by_hand(at, customer, servicer, text, now), now)
        return self._line.wake(at, **waking)

    def _write(
        self,
        account: KfAccount,
        customer: str,
        kind: str,
        shown: str,
        part: Json,
        *media: str,
        **waking: Unpack[Waking],
    ) -> Delivery:
        self._check(customer)
        now = self.platform.clock.now()
        desk = self.platform.desk
        state = State.SENDING if waking.get("deliveries", 1) else State.SENT
        with self.platform.lock:
            item = items.said(account, customer, kind, part, now)
            message = self.platform.post(
                kf_key(account, customer), customer, kind, shown, media=media, state=state, heard=True
            )
            desk.message_ids[message.id] = item["msgid"]
            desk.hear(account, customer, now)
            desk.tell(account, item, now)
        return self._line.wake(account, message, **waking)

    def _change(
        self,
        customer: str,
        account: str,
        state: ServiceState,
        life: timedelta,
        change_type: int,
        servicer: str,
        **waking: Unpack[Waking],
    ) -> Delivery:
        at = self._account(account)
        self._check(customer)
        now = self.platform.clock.now()
        desk = self.platform.desk
        with self.platform.lock:
            session = desk.session(at, customer, now)
            before, session.state, session.servicer = session.servicer, state, servicer
            code = desk.issue_code(at, customer, life, now, state)
            people = {"new_servicer_userid": servicer, "old_servicer_userid": before if not servicer else ""}
            happened = items.event(
                at, customer, "session_status_change", now, change_type=change_type, msg_code=code, **people
            )
            desk.tell(at, happened, now)
        return self._line.wake(at, **waking)

    def _account(self, name: str) -> KfAccount:
        return self.platform.kf[name] if name else self.platform.first_kf()

    def _check(self, customer: str) -> None:
        if customer not in self.platform.customers:
            raise KeyError(customer)
