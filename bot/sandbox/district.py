"""A company made from a district file: its people as members, its chats as groups, with secrets of their own."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.sandbox.entities import App, Chat, Json, Member, Robot
from bot.sandbox.platform import Platform

APP_NAME = "office"
ROBOT_NAME = "duban"
AGENT_ID = 1000002


def build(
    district: Mapping[str, Any], *, callback_base: str, chats: Iterable[str] | None = None, clock: Clock | None = None
) -> Platform:
    """Return a platform for a district file (schema district-sample/2).

    callback_base is the bot's base URL; the platform takes it for its own too, as in the demo both share a server.
    chats narrows it to some groups. Keys and chat ids written plainly in the file are kept, all others are random.
    Raises ValueError if a chat's members cannot be told.
    """
    wanted = None if chats is None else set(chats)
    units = {unit["id"]: unit for unit in [*district["sections"], *district["schools"]]}
    base = callback_base.rstrip("/")
    return Platform(
        corp_id=f"ww{secrets.token_hex(8)}",
        apps=[
            App(
                name=APP_NAME,
                agent_id=AGENT_ID,
                secret=secrets.token_urlsafe(32),
                token=secrets.token_hex(16),
                aes_key=_aes_key(),
                callback_url=f"{base}/wecom/app/{APP_NAME}",
            )
        ],
        robots=[
            Robot(
                name=ROBOT_NAME,
                bot_id=f"aib{secrets.token_hex(12)}",
                token=secrets.token_hex(16),
                aes_key=_aes_key(),
                callback_url=f"{base}/wecom/robot/{ROBOT_NAME}",
            )
        ],
        members=[_member(person, units) for person in district["people"]],
        chats=[_chat(chat, district) for chat in district["chats"] if wanted is None or chat["id"] in wanted],
        clock=clock,
        base_url=base,
    )


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


def _aes_key() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(43))


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
