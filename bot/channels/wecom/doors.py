"""The channel instances of the configuration, as the WeCom code sees them. No secret shows in a repr."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AppDoor:
    """One self-built app. token and aes_key belong to its callback URL, secret to its calls."""

    name: str
    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)

    @property
    def label(self) -> str:
        """The name of this door in messages, rows and logs."""
        return f"app/{self.name}"

    @property
    def token_key(self) -> str:
        """Where the access token of this app is kept: by app, not by name, so that a renamed door shares it."""
        return f"{self.corp_id}:{self.agent_id}"


@dataclass(frozen=True, slots=True)
class RobotDoor:
    """One 智能机器人 in webhook mode. bot_id empty: messages of any robot with this key are taken."""

    name: str
    display_name: str
    bot_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)

    @property
    def label(self) -> str:
        """The name of this door in messages, rows and logs."""
        return f"robot/{self.name}"


@dataclass(frozen=True, slots=True)
class KfDoor:
    """One account of 微信客服. Its calls use the token of app; token and aes_key belong to its callback URL."""

    name: str
    app: AppDoor
    open_kfid: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)

    @property
    def label(self) -> str:
        """The name of this door in messages, rows and logs."""
        return f"kf/{self.name}"

    @property
    def corp_id(self) -> str:
        """The company, whose id ends every callback."""
        return self.app.corp_id
