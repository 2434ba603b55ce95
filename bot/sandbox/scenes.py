"""The guided scenes of the demo page: each a few steps that a person could do by hand, performed on request."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.callbacks import Callbacks
from bot.sandbox.entities import Entry, Json, State
from bot.sandbox.platform import Platform

ZONE = ZoneInfo("Asia/Shanghai")
GROUP = "C-B08"
SPEAKER = "p-s13-1"
PATIENCE = 12.0  # seconds for the bot to answer before a scene gives up
PAUSE = 0.9  # so that one can follow with the eyes
REMINDER = "【提醒】T08 校舍安全维修改造 11月30日到期，请回复进展（引用本条，写“60%”即可）。回复请@小督"
_TASK = re.compile(r"\bT\d{2}\b")


class SceneError(Exception):
    """A scene cannot go on; the text is shown on the page."""


@dataclass
class Step:
    """One step: what happens, in words, and the act itself."""

    hint: str
    act: Callable[[], None]


@dataclass
class Scene:
    """A scene with its progress: done steps, and the state idle, running, done or failed."""

    id: str
    title: str
    intro: str
    chat: str
    steps: list[Step]
    opens_inbox: bool = False
    done: int = 0
    state: str = "idle"
    note: str = ""
    memory: dict[str, Any] = field(default_factory=dict)


class Stage:
    """Performs the scenes, one at a time, on a platform whose district has the group and the speaker."""

    def __init__(
        self,
        platform: Platform,
        callbacks: Callbacks,
        *,
        go_to: Callable[[datetime], object],
        inbox_rows: Callable[[], Sequence[Json]],
        pause: float = PAUSE,
        patience: float = PATIENCE,
    ) -> None:
        self.platform = platform
        self.callbacks = callbacks
        self.go_to = go_to
        self.inbox_rows = inbox_rows
        self.pause = pause
        self.patience = patience
        self.robot_name = platform.first_robot().display_name
        self._lock = threading.Lock()
        self._spoken_at = 0
        can_play = GROUP in platform.chats and platform.member(SPEAKER) is not None
        self.scenes = {scene.id: scene for scene in (self._report(), self._quote(), self._triple())} if can_play else {}

    def view(self) -> list[Json]:
        """Return the scenes for the page."""
        return [
            {
                "id": scene.id,
                "title": scene.title,
                "intro": scene.intro,
                "chat": scene.chat,
                "speaker": SPEAKER,
                "steps": [step.hint for step in scene.steps],
                "done": scene.done,
                "state": scene.state,
                "note": scene.note,
                "opens_inbox": scene.opens_inbox,
            }
            for scene in self.scenes.values()
        ]

    def start(self, scene_id: str) -> bool:
        """Begin a scene in a thread; False if one is running. Raises KeyError for an unknown scene."""
        scene = self.scenes[scene_id]
        if not self._lock.acquire(blocking=False):
            return False
        scene.done, scene.state, scene.note = 0, "running", ""
        threading.Thread(target=self._perform, args=(scene,), name=f"scene {scene.id}", daemon=True).start()
        return True

    def _perform(self, scene: Scene) -> None:
        try:
            for step in scene.steps:
                step.act()
                scene.done += 1
                time.sleep(self.pause)
            scene.state = "done"
        except SceneError as error:
            scene.state, scene.note = "failed", str(error)
        except Exception as error:  # the page must say that the scene ended, whatever the reason
            scene.state, scene.note = "failed", f"演示中断：{type(error).__name__}"
        finally:
            self._lock.release()

    def _report(self) -> Scene:
        return Scene(
            "report",
            "自由汇报 → 回执 → 更正",
            "校长在群里用大白话汇报，小督听懂后记账并回执；说错了，随时更正。",
            GROUP,
            [
                Step("校长在包校群里说：“8号到七成了，其他无变化”", lambda: self._say("8号到七成了，其他无变化")),
                Step("小督回执：记了哪几项、各是多少", self._hear),
                Step("发现报低了，直接说：“更正 T08 是75%”", lambda: self._say("更正 T08 是75%")),
                Step("小督确认更正，原来的数字留痕可查", self._hear),
            ],
        )

    def _quote(self) -> Scene:
        scene = Scene("quote", "提醒 → 引用一句话报数", "引用提醒，只回“60%”：小督从引用里知道是哪一项。", GROUP, [])
        scene.steps = [
            Step("时间来到周四 09:00，周督导开始", self._thursday),
            Step("群里有一条任务提醒", lambda: self._remind(scene)),
            Step("校长引用这条提醒，只回：“60%”", lambda: self._say("60%", quote=scene.memory["reminder"])),
            Step("小督认出是 T08，记下 60%", self._hear),
        ]
        return scene

    def _triple(self) -> Scene:
        scene = Scene(
            "triple",
            "同一条消息送达三次 → 只有一条记录",
            "网络不稳时平台会重复送达。三份同时到，收件箱里仍只有一行。",
            GROUP,
            [],
            opens_inbox=True,
        )
        scene.steps = [
            Step("校长汇报一句，平台把它同时送达三次", lambda: self._say_thrice(scene)),
            Step("小督只回执一次", self._hear),
            Step("收件箱只多了一行，“重复”一栏记着另外两次", lambda: self._count_rows(scene)),
        ]
        return scene

    def _say(self, text: str, *, quote: str = "", deliveries: int = 1) -> None:
        self._spoken_at = self.platform.revision
        said = f"@{self.robot_name} {text}"
        delivery = self.callbacks.say_in_group(
            GROUP, SPEAKER, said, quote=quote, deliveries=deliveries, at_once=deliveries > 1
        )
        try:
            delivery.wait(self.patience)
        except TimeoutError:
            raise SceneError("消息没有送到小督：服务没有应答") from None
        if not delivery.is_acknowledged:
            raise SceneError("消息没有送到小督：服务没有应答")

    def _hear(self) -> None:
        door = self.platform.first_robot().door
        try:
            self.platform.wait_entry(GROUP, sender=door, after=self._spoken_at, seconds=self.patience)
        except TimeoutError:
            raise SceneError("小督还没有回话，请稍后在群里查看") from None

    def _thursday(self) -> None:
        now = self.platform.clock.now().astimezone(ZONE)
        opened = next_instant(now - timedelta(days=7), 3, 9, 0)
        if not opened <= now < opened + timedelta(hours=27):  # the window closes on Friday at noon
            try:
                self.go_to(next_instant(now, 3, 9, 0).astimezone(UTC))
            except ValueError:
                raise SceneError("时间没有推进，请再试一次") from None

    def _remind(self, scene: Scene) -> None:
        """Quote the bot's own reminder if it named a single task, else let the group's webhook post one."""
        end = time.monotonic() + self.patience / 4
        reminder = self._find_reminder()
        while reminder is None and time.monotonic() < end:
            time.sleep(0.2)
            reminder = self._find_reminder()
        if reminder is None:
            reminder = self.platform.post(GROUP, self.platform.chats[GROUP].door, "text", REMINDER)
        scene.memory["reminder"] = reminder.id

    def _find_reminder(self) -> Entry | None:
        fresh = self.platform.clock.now() - timedelta(hours=27)
        for entry in reversed(self.platform.entries(GROUP)):
            is_reminder = entry.sender.startswith(("push/", "robot/")) and "提醒" in entry.content
            is_quotable = entry.type == "text" and entry.state is State.SENT and len(_TASK.findall(entry.content)) == 1
            if is_reminder and is_quotable and entry.at >= fresh and "T08" in entry.content:
                return entry
        return None

    def _say_thrice(self, scene: Scene) -> None:
        scene.memory["rows"] = {str(row["id"]) for row in self.inbox_rows()}
        self._say("消防排查完成80%", deliveries=3)

    def _count_rows(self, scene: Scene) -> None:
        new = [row for row in self.inbox_rows() if str(row["id"]) not in scene.memory["rows"]]
        if len(new) != 1:
            raise SceneError(f"收件箱多了 {len(new)} 行，本应只多 1 行")
        scene.note = "三次送达，一行记录"


def next_instant(now: datetime, weekday: int, hour: int, minute: int) -> datetime:
    """Return the next given weekday (0 = Monday) and time after now, in the district's zone."""
    local = now.astimezone(ZONE)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
    return found if found > local else found + timedelta(days=7)
