"""The sandbox: a stand-in of the WeCom platform for the demo and for end-to-end and crash tests.

Tests: Platform(...) with `serve()`, and Callbacks(platform) to let people speak, click and repeat; its `customers`
are the people on personal WeChat.
The demo: Sandbox(...).blueprints() on the service's own Flask application.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Blueprint

from bot.clock import Clock
from bot.sandbox.actors import Actors
from bot.sandbox.api import api_blueprint
from bot.sandbox.callbacks import Callbacks
from bot.sandbox.clockhand import Hand
from bot.sandbox.delivery import Delivery
from bot.sandbox.district import bound, settings
from bot.sandbox.entities import App, Chat, Customer, Entry, Json, KfAccount, Member, Robot, State
from bot.sandbox.faults import Fault, Trouble
from bot.sandbox.kf.people import Customers
from bot.sandbox.lines import Manners
from bot.sandbox.pages import FEATURED, Pages
from bot.sandbox.platform import Platform
from bot.sandbox.scenes import all_scenes
from bot.sandbox.stage import PAUSE, Stage

__all__ = [
    "App",
    "Callbacks",
    "Chat",
    "Customer",
    "Customers",
    "Delivery",
    "Entry",
    "Fault",
    "KfAccount",
    "Manners",
    "Member",
    "Platform",
    "Robot",
    "Sandbox",
    "State",
    "Trouble",
    "bound",
    "settings",
]


class Sandbox:
    """The stand-in and its page, to be mounted on the application that also serves the bot.

    on_clock(target) moves the host's clock to target (aware, UTC), does what falls due until then, and raises
    ValueError for a time it does not accept. inbox_rows() returns the bot's inbox, newest first: id, door, state,
    received, handled (aware datetimes or None) and repeats. featured names the conversations at the top of the
    list: group ids, and user ids for their private conversation with the app. pace: how long the scenes let one
    read, 2 is twice as long.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        clock: Clock,
        on_clock: Callable[[datetime], object],
        inbox_rows: Callable[[], Sequence[Json]],
        featured: Sequence[str] = FEATURED,
        pace: float = 1.0,
    ) -> None:
        self.platform = platform
        self.callbacks = Callbacks(platform)
        hand = Hand(clock, on_clock)
        self.actors = Actors(platform, self.callbacks, go_to=hand.move_to, inbox_rows=inbox_rows)
        self.stage = Stage(all_scenes(self.actors), pause=PAUSE * pace)
        self._pages = Pages(
            platform,
            self.callbacks,
            self.stage,
            clock=clock,
            hand=hand,
            inbox_rows=inbox_rows,
            featured=featured,
        )

    def blueprints(self) -> list[Blueprint]:
        """Return the platform's API and the page."""
        return [api_blueprint(self.platform), self._pages.blueprint()]

    def close(self) -> None:
        """Stop what still runs in the background."""
        self.callbacks.close()
