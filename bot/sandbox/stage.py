"""The stage of the demo page: performs one guided scene at a time and tells the page how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.actors import SceneError, words_of
from bot.sandbox.entities import Entry, Json

PAUSE = 0.9  # so that one can follow with the eyes
_GLANCE = 70  # signs that are taken in during one pause
_LONGEST_READ = 3.5  # pauses


@dataclass
class Step:
    """One step: what happens, in words, the act itself, and where it is to be seen if not where the scene is.

    What the act returns, if it is a message, is left before the eyes as long as it takes to read; looks is for how many
    pauses it is to be seen at least.
    """

    hint: str
    act: Callable[[], object]
    chat: str = ""
    looks: float = 1.0


@dataclass
class Scene:
    """A scene with its progress: done steps, and the state idle, running, done or failed.

    chat is where it begins; speaker is who then speaks, if that is a group. prepare is called before each play, as
    for somebody new to come: it may set chat, which is "" until then.
    """

    id: str
    title: str
    intro: str
    chat: str
    steps: list[Step]
    speaker: str = ""
    opens_inbox: bool = False
    prepare: Callable[[], object] = lambda: None
    done: int = 0
    state: str = "idle"
    note: str = ""
    memory: dict[str, Any] = field(default_factory=dict)

    def view(self) -> Json:
        """Return the scene for the page; chat is where to look now."""
        step = self.steps[min(self.done, len(self.steps) - 1)]
        return {
            "id": self.id,
            "title": self.title,
            "intro": self.intro,
            "chat": step.chat or self.chat,
            "speaker": self.speaker,
            "steps": [step.hint for step in self.steps],
            "done": self.done,
            "state": self.state,
            "note": self.note,
            "opens_inbox": self.opens_inbox,
        }


class Stage:
    """Performs scenes."""

    def __init__(self, scenes: Iterable[Scene], *, pause: float = PAUSE) -> None:
        self.pause = pause
        self.scenes = {scene.id: scene for scene in scenes}
        self._lock = threading.Lock()

    def view(self) -> list[Json]:
        """Return the scenes for the page."""
        return [scene.view() for scene in self.scenes.values()]

    def start(self, scene_id: str) -> bool:
        """Begin a scene in a thread; False if one is running. Raises KeyError for an unknown scene."""
        scene = self.scenes[scene_id]
        if not self._lock.acquire(blocking=False):
            return False
        scene.done, scene.state, scene.note = 0, "running", ""
        scene.prepare()
        threading.Thread(target=self._perform, args=(scene,), name=f"scene {scene.id}", daemon=True).start()
        return True

    def _perform(self, scene: Scene) -> None:
        try:
            for step in scene.steps:
                # Only then the next step, which may lead the page to another conversation.
                time.sleep(self.pause * max(step.looks, _pauses(step.act())))
                scene.done += 1
            scene.state = "done"
        except SceneError as error:
            scene.state, scene.note = "failed", str(error)
        except Exception as error:  # the page must say that the scene ended, whatever the reason
            scene.state, scene.note = "failed", f"演示中断：{type(error).__name__}"
        finally:
            self._lock.release()


def _pauses(shown: object) -> float:
    """How many pauses it takes to see what a step has brought."""
    return min(_LONGEST_READ, 1 + len(words_of(shown)) / _GLANCE) if isinstance(shown, Entry) else 1.0
