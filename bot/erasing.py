"""The commands that erase a complainant, and that keep a case from it: erase, hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.commandline import CONFIG, plain_errors

_NAMES = {
    "cases": "cases: state, number and dates stay",
    "texts": "texts under the person's own key: unreadable for ever",
    "media": "pictures and files: deleted",
    "outbox": "messages that wait or failed: their text deleted",
    "inbox": "received messages that wait or failed: their text deleted",
    "dialogues": "open dialogue: deleted",
}


@click.command()
@click.argument("number")
@click.option("--yes", is_flag=True, help="erase; without it only show what would go")
@click.option("--force", is_flag=True, help="although a case is open or held by law; needs --reason")
@click.option(
    "--reason", default="", help="a reference, e.g. the number of the request; stays readable in the audit log"
)
@CONFIG
@plain_errors
def erase(number: str, yes: bool, force: bool, reason: str, config_path: Path) -> None:
    """Erase for ever who stands behind the case NUMBER, with all the cases of that person. Shows counts, no content."""
    from bot.bootstrap import keeping

    if force != bool(reason.strip()):
        raise click.UsageError("--force and --reason go together")
    service = _service(config_path)
    if not yes:
        _show(keeping.look(service, number))
        return
    trace, is_scrubbed = keeping.erase(service, number, reason.strip())
    if trace is None:
        click.echo("erased before")
    else:
        _list(trace)
        click.echo(f"erased, with cases {', '.join(trace.cases)}")
    if not is_scrubbed:
        click.echo("the database is in use: traces in its files are overwritten by the nightly job complaints.erase")
    click.echo("Backups made before still hold it: delete them when their time is over")


@click.command()
@click.argument("number")
@click.option("--lift", is_flag=True, help="let it go again")
@CONFIG
@plain_errors
def hold(number: str, lift: bool, config_path: Path) -> None:
    """Keep the case NUMBER by law (a dispute, an inquiry): whoever is behind it is not erased meanwhile."""
    from bot.bootstrap import keeping

    is_new = keeping.hold(_service(config_path), number, lift=lift)
    said = "not held any more" if lift else "held"
    click.echo(said if is_new else f"{said}: it was so before")


COMMANDS = (erase, hold)


def _show(trace: Any) -> None:
    if trace is None:
        click.echo("erased before")
        return
    _list(trace)
    for numbers, why in ((trace.open, "open"), (trace.held, "held by law")):
        if numbers:
            click.echo(f"{why}: {', '.join(numbers)}; only with --force --reason")
    click.echo(f"Nothing is erased yet. Whoever is behind {', '.join(trace.cases)} goes for ever with --yes")


def _list(trace: Any) -> None:
    for name, count in trace.counts.items():
        click.echo(f"{count:>6}  {_NAMES[name]}")


def _service(config_path: Path) -> Any:
    from bot import config
    from bot.bootstrap import Service
    from bot.schema import require_current

    service = Service(config.load(config_path))
    require_current(service.db)
    return service
