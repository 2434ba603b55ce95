"""The guided scenes of the demo page: each a few steps that a person could do by hand, performed on request."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.actors import Actors, SceneError
from bot.sandbox.complaint_scenes import complaint_scenes
from bot.sandbox.entities import Entry, State
from bot.sandbox.stage import Scene, Step

ZONE = ZoneInfo("Asia/Shanghai")
GROUP = "C-B08"
SPEAKER = "p-s13-1"
REMINDER = "【提醒】T08 校舍安全维修改造 11月30日到期，请回复进展（引用本条，写“60%”即可）。回复请@小督"
_TASK = re.compile(r"\bT\d{2}\b")


def all_scenes(actors: Actors) -> list[Scene]:
    """Return the scenes that the platform's people can play: none if it lacks the group or the speaker."""
    if GROUP not in actors.platform.chats or actors.platform.member(SPEAKER) is None:
        return []
    return [_report(actors), _quote(actors), _triple(actors), *complaint_scenes(actors)]


def _report(actors: Actors) -> Scene:
    return Scene(
        "report",
        "自由汇报 → 回执 → 更正",
        "校长在群里用大白话汇报，小督听懂后记账并回执；说错了，随时更正。",
        GROUP,
        [
            Step("校长在包校群里说：“8号到七成了，其他无变化”", lambda: _say(actors, "8号到七成了，其他无变化")),
            Step("小督回执：记了哪几项、各是多少", lambda: actors.hear(GROUP)),
            Step("发现报低了，直接说：“更正 T08 是75%”", lambda: _say(actors, "更正 T08 是75%")),
            Step("小督确认更正，原来的数字留痕可查", lambda: actors.hear(GROUP)),
        ],
        SPEAKER,
    )


def _quote(actors: Actors) -> Scene:
    intro = "引用提醒，只回“60%”：小督从引用里知道是哪一项。"
    scene = Scene("quote", "提醒 → 引用一句话报数", intro, GROUP, [], SPEAKER)
    scene.steps = [
        Step("时间来到周四 09:00，周督导开始", lambda: _thursday(actors)),
        Step("群里有一条任务提醒", lambda: _remind(actors, scene)),
        Step("校长引用这条提醒，只回：“60%”", lambda: _say(actors, "60%", quote=scene.memory["reminder"])),
        Step("小督认出是 T08，记下 60%", lambda: actors.hear(GROUP)),
    ]
    return scene


def _triple(actors: Actors) -> Scene:
    scene = Scene(
        "triple",
        "同一条消息送达三次 → 只有一条记录",
        "网络不稳时平台会重复送达。三份同时到，收件箱里仍只有一行。",
        GROUP,
        [],
        SPEAKER,
        opens_inbox=True,
    )
    scene.steps = [
        Step("校长汇报一句，平台把它同时送达三次", lambda: _say_thrice(actors, scene)),
        Step("小督只回执一次", lambda: actors.hear(GROUP)),
        Step("收件箱只多了一行，“重复”一栏记着另外两次", lambda: _count_rows(actors, scene)),
    ]
    return scene


def _say(actors: Actors, text: str, *, quote: str = "", deliveries: int = 1) -> None:
    actors.say_in_group(GROUP, SPEAKER, text, quote=quote, deliveries=deliveries)


def _thursday(actors: Actors) -> None:
    now = actors.platform.clock.now().astimezone(ZONE)
    opened = next_instant(now - timedelta(days=7), 3, 9, 0)
    if not opened <= now < opened + timedelta(hours=27):  # the window closes on Friday at noon
        actors.go_to(next_instant(now, 3, 9, 0))


def _remind(actors: Actors, scene: Scene) -> None:
    """Quote the bot's own reminder if it named a single task, else let the group's webhook post one."""
    end = time.monotonic() + actors.patience / 4
    reminder = _find_reminder(actors)
    while reminder is None and time.monotonic() < end:
        time.sleep(0.2)
        reminder = _find_reminder(actors)
    if reminder is None:
        reminder = actors.platform.post(GROUP, actors.platform.chats[GROUP].door, "text", REMINDER)
    scene.memory["reminder"] = reminder.id


def _find_reminder(actors: Actors) -> Entry | None:
    fresh = actors.platform.clock.now() - timedelta(hours=27)
    for entry in reversed(actors.platform.entries(GROUP)):
        is_reminder = entry.sender.startswith(("push/", "robot/")) and "提醒" in entry.content
        is_quotable = entry.type == "text" and entry.state is State.SENT and len(_TASK.findall(entry.content)) == 1
        if is_reminder and is_quotable and entry.at >= fresh and "T08" in entry.content:
            return entry
    return None


def _say_thrice(actors: Actors, scene: Scene) -> None:
    scene.memory["rows"] = {str(row["id"]) for row in actors.inbox_rows()}
    _say(actors, "消防排查完成80%", deliveries=3)


def _count_rows(actors: Actors, scene: Scene) -> None:
    new = [row for row in actors.inbox_rows() if str(row["id"]) not in scene.memory["rows"]]
    if len(new) != 1:
        raise SceneError(f"收件箱多了 {len(new)} 行，本应只多 1 行")
    scene.note = "三次送达，一行记录"


def next_instant(now: datetime, weekday: int, hour: int, minute: int) -> datetime:
    """Return the next given weekday (0 = Monday) and time after now, in the district's zone."""
    local = now.astimezone(ZONE)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
    return found if found > local else found + timedelta(days=7)
