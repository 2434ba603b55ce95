"""帮助, 你好, or somebody opening the chat: what one can say, by role."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.messages import Kind, Outgoing
from bot.router import Context, Ignore, Reading, Routes
from bot.workdays import SHANGHAI
from handlers.help import texts

routes = Routes("help")

_MENTION = re.compile(r"^\s*@\S+\s*")
_HELP = re.compile(
    r"(?:请问|请|你好|您好|小督)*(?:帮助|帮帮我|help|使用说明|说明书?|使用方法|菜单|功能|指南|教程|"
    r"(?:这个|你|小督|机器人|我)?(?:怎么|如何|咋)(?:用|使用|操作|报|填报|上报|说|弄|做)|"
    r"(?:你|小督|我)?(?:能|会|可以)(?:做|干|帮我做)?(?:什么|啥|些什么|点什么)|你是谁|有什么功能)(?:吗|呢|啊|呀|一下|的)*"
)
_HELLO = re.compile(
    r"(?:小督)*(?:你好|您好|hi|hello|hey|在吗|在不在|在么|早上好|上午好|下午好|晚上好|早|哈喽|嗨|小督)(?:小督|呀|啊|吗|哦)*"
)
# Nobody greets or asks for help at greater length.
_SHORT = 60
_DROP = re.compile(r"[\s,.;:!?~。、…“”\"']+")


def read(reading: Reading) -> bool | Ignore | None:
    """Recognise a call for help, a greeting, a bare mention, an opened chat of a known person; True once opened."""
    message = reading.message
    if reading.sender is None:
        return None
    if message.kind is Kind.ENTER:
        return True
    if message.kind not in (Kind.TEXT, Kind.VOICE) or (message.kind is Kind.VOICE and not message.text.strip()):
        return None
    plain = _DROP.sub("", unicodedata.normalize("NFKC", _MENTION.sub("", message.text))).lower()
    if len(plain) > _SHORT:
        return None
    return False if not plain or _HELP.fullmatch(plain) or _HELLO.fullmatch(plain) else None


@routes.on(read)
def guide(ctx: Context, has_entered: bool) -> list[Outgoing]:
    """Say what the sender's role can say; to somebody who opens the app, once a month."""
    has_cases = _has_cases(ctx.directory.facts, ctx.sender.id)
    answer = ctx.reply(texts.guide(ctx.sender.greeting, ctx.sender.role, has_cases=has_cases))
    if not has_entered or ctx.message.door.startswith("robot/"):
        return [answer]
    month = ctx.now.astimezone(SHANGHAI).strftime("%Y-%m")
    return [replace(answer, key=f"welcome/{ctx.sender.id}/{month}", purpose="welcome")]


def _has_cases(facts: Mapping[str, Any], person: str) -> bool:
    """Whether the district file gives a person a role in complaints, or duty. Help stands below that subject."""
    listed = (*facts.get("case_roles", ()), facts.get("duty", {}))
    return any(person in entry.get("people", ()) for entry in listed)
