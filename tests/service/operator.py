"""An operator who types commands in one folder."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.bootstrap import Service
from bot.config import load
from tests.dialogues.stage import KEY
from tests.fakes import logs_kept

CONFIG = """
[server]
port = {port}
[database]
url = "sqlite:///{folder}/duban.db"
[vault]
keys = ["env:DUBAN_VAULT_KEY"]
index_key = "{key}"
[wecom]
corp_id = "ww1"
[[wecom.apps]]
name = "office"
agent_id = 1000002
secret = "app-secret"
token = "token"
aes_key = "{aes}"
"""
_WITHOUT_CONFIG = ("demo", "newkey", "understand")


class Operator:
    """Types commands in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.database = folder / "duban.db"
        self.configure()

    def configure(self, port: int = 0) -> None:
        """Write the configuration anew."""
        text = CONFIG.format(folder=self.folder, key=KEY, aes="a" * 43, port=port)
        self.config.write_text(text, encoding="utf-8")

    def types(self, *words: str, stdin: str | bytes = "", environ: dict[str, str] | None = None) -> Result:
        """Run `duban WORDS` with the vault key in the environment."""
        with_config = () if words[0] in _WITHOUT_CONFIG else ("--config", str(self.config))
        env = {"DUBAN_VAULT_KEY": KEY} if environ is None else environ
        with logs_kept():
            return CliRunner(env={"DUBAN_VAULT_KEY": "", **env}).invoke(main, [*words, *with_config], input=stdin)

    def service(self) -> Service:
        """Return the service of the folder, not started."""
        return self.service_with({"DUBAN_VAULT_KEY": KEY})

    def service_with(self, environ: dict[str, str]) -> Service:
        """Return the service of the folder with other keys in the environment, not started."""
        return Service(load(self.config, environ))
