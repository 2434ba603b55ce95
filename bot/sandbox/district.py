"""A company made from a district file: its people as members, its chats as groups, with secrets of their own."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Required, TypedDict
from urllib.parse import urlsplit

from bot.sandbox.entities import App, Chat, Customer, Json, KfAccount, Member, Robot

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

APP_NAME = "office"
ROBOT_NAME = "duban"
KF_NAME = "parents"
AGENT_ID = 1000002
KF_DISPLAY_NAME = "家长之声"
ANY_SCHOOL = "教育局（不分学校）"
# Names as people call themselves on WeChat: none of them is in the district file.
NICKNAMES = ("朵朵妈妈", "向日葵", "老魏", "静待花开")


class Company(TypedDict, total=False):
    """What a platform is made of. posters are the kf links hung up somewhere: scene -> what it says."""

    corp_id: Required[str]
    apps: Iterable[App]
    robots: Iterable[Robot]
    kf: Iterable[KfAccount]
    members: Iterable[Member]
    customers: Iterable[Customer]
    chats: Iterable[Chat]
    posters: Mapping[str, str]


def company(district: Mapping[str, Any], *, callback_base: str, chats: Iterable[str] | None = None) -> Company:
    """Return the company of a district file (schema district-sample/2).

    callback_base is the bot's base URL. chats narrows it to some groups. Keys and chat ids written plainly in the
    file are kept, all others are random. Raises ValueError if a chat's members cannot be told.
    """
    wanted = None if chats is None else set(chats)
    units = {unit["id"]: unit for unit in [*district["sections"], *district["schools"]]}
    base = f"{callback_base.rstrip('/')}/wecom"
    return {
        "corp_id": f"ww{secrets.token_hex(8)}",
        "apps": [App(APP_NAME, AGENT_ID, secrets.token_urlsafe(32), *_lock(), f"{base}/app/{APP_NAME}")],
        "robots": [Robot(ROBOT_NAME, f"aib{secrets.token_hex(12)}", *_lock(), f"{base}/robot/{ROBOT_NAME}")],
        "kf": [_kf(district, base)],
        "members": [_member(person, units) for person in district["people"]],
        "customers": [Customer(_external_userid(nickname), nickname) for nickname in NICKNAMES],
        "chats": [_chat(chat, district) for chat in district["chats"] if wanted is None or chat["id"] in wanted],
        "posters": {"": ANY_SCHOOL} | {school["id"]: school["name"] for school in district["schools"]},
    }


def settings(platform: Platform) -> Json:
    """Return the [wecom] section of the bot's configuration that fits the platform."""
    return {
        "corp_id": platform.corp_id,
        "api_base": platform.base_url,
        "media_hosts": [urlsplit(platform.base_url).hostname or ""],
        "apps": [
            {
                "name": app.name,
                "agent_id": app.agent_id,
                "secret": app.secret,
                "token": app.token,
                "aes_key": app.aes_key,
            }
            for app in platform.apps.values()
        ],
        "robots": [
            {
                "name": robot.name,
                "display_name": robot.display_name,
                "mode": "webhook",
                "bot_id": robot.bot_id,
                "token": robot.token,
                "aes_key": robot.aes_key,
            }
            for robot in platform.robots.values()
        ],
        "kf": [
            {
                "name": account.name,
                "app": account.app,
                "open_kfid": account.open_kfid,
                "token": account.token,
                "aes_key": account.aes_key,
            }
            for account in platform.kf.values()
        ],
    }


def bound(district: Mapping[str, Any], platform: Platform) -> Json:
    """Return the district file with the webhook key and chat id of each group filled in."""
    groups = platform.chats
    chats = [
        {**chat, "webhook_key": groups[chat["id"]].webhook_key, "robot_chatid": groups[chat["id"]].robot_chatid}
        if chat["id"] in groups
        else dict(chat)
        for chat in district["chats"]
    ]
    return {**district, "chats": chats}


def userid(person: Mapping[str, Any]) -> str:
    """Return the member id of a person: the one given, or the person's id in lower case."""
    return str(person.get("wecom_userid") or person["id"].lower())


def _lock() -> tuple[str, str]:
    """A callback's token and EncodingAESKey."""
    key = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(43))
    return secrets.token_hex(16), key


def _kf(district: Mapping[str, Any], base: str) -> KfAccount:
    own = district.get("district") or {}
    bureau = f"{own.get('name', '')[-3:]}{own.get('short', '').removeprefix('区')}"  # 清陵区 + 教科局
    display_name = f"{bureau} {KF_DISPLAY_NAME}".strip()
    open_kfid = f"wk{secrets.token_hex(15)}"
    return KfAccount(KF_NAME, APP_NAME, open_kfid, *_lock(), f"{base}/kf/{KF_NAME}", display_name=display_name)


def _external_userid(nickname: str) -> str:
    """An id that is the same after a restart: a person's chats go on."""
    return f"wm{hashlib.sha256(nickname.encode()).hexdigest()[:30]}"


def _member(person: Mapping[str, Any], units: Mapping[str, Any]) -> Member:
    unit = units.get(person["unit"], {}).get("name", "")
    return Member(userid(person), person["name"], f"{unit}{person.get('title', '')}")


def _chat(chat: Mapping[str, Any], district: Mapping[str, Any]) -> Chat:
    return Chat(
        id=chat["id"],
        robot_chatid=_plain(chat, "robot_chatid") or f"wr{secrets.token_hex(14)}",
        name=chat["name"],
        members=tuple(userid(person).lower() for person in _people_of(chat, district)),
        webhook_key=_plain(chat, "webhook_key") or f"demo-{chat['id']}-{secrets.token_hex(12)}",
    )


def _plain(chat: Mapping[str, Any], key: str) -> str:
    value = str(chat.get(key) or "")
    return "" if value.startswith(("env:", "file:")) else value


def _people_of(chat: Mapping[str, Any], district: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    people: list[Mapping[str, Any]] = district["people"]
    rule = chat.get("members") or ""
    if isinstance(rule, list):
        return [person for person in people if person["id"] in rule]
    if rule.startswith("assigned schools"):
        section = chat.get("unit") or chat["id"].removeprefix("C-")
        schools = {school["id"] for school in district["schools"] if school.get("assigned_section") == section}
        return [person for person in people if person["unit"] in schools | {section}]
    if rule == "leaders":
        return [person for person in people if person["role"] == "leader"]
    if rule == "principals+section_heads":
        return [person for person in people if person["role"] in ("principal", "section_head")]
    units = {unit.strip() for unit in rule.split(",") if unit.strip()} or {chat.get("unit")}
    found = [person for person in people if person["unit"] in units]
    if not found:
        raise ValueError(f"chat {chat['id']}: its members {rule!r} are no units of the district")
    return found
