"""The command line `duban` (same as `python -m bot`): one function for each command."""

from __future__ import annotations

import base64
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from bot import config as settings
from bot import erasing, inbox, logs, operation, schema, stuck
from bot.commandline import CONFIG as _CONFIG
from bot.commandline import make_lenient, parse_time, plain_errors, read_lines
from bot.errors import ConfigError
from bot.files import read_json


def _service(config_path: Path) -> Any:
    from bot.bootstrap import Service

    return Service(settings.load(config_path))


def _run(config_path: Path, part: str = "", port: int | None = None) -> None:
    from bot.bootstrap.parts import EVERY, Part
    from bot.bootstrap.roles import run

    config = settings.load(config_path)
    logs.configure()
    run(config, [Part(part)] if part else EVERY, lambda line: click.echo(line), port=port)


_PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="instead of [server] port; worker and timetable: where their health pages and numbers are (default: nowhere)",
)
_ROW = click.IntRange(1, 2**31 - 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """小督: the district's supervision bot for WeCom."""
    # The database, its lock, exports and the demo's keys are for the service's user alone. Set back at the end, for
    # callers that run a command within a process of their own.
    context.call_on_close(partial(os.umask, os.umask(0o077)))
    make_lenient()


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--data", "folder", default="var/demo", show_default=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--pace", default=1.0, show_default=True, type=click.FloatRange(0.5, 10), help="Time to read in scenes.")
@plain_errors
def demo(port: int, folder: Path, pace: float) -> None:
    """Run everything with a sample district and a stand-in of WeCom; needs no settings and no network."""
    from bot import demo as demonstration

    folder.mkdir(parents=True, exist_ok=True)
    # The terminal shows the one thing that matters; everything else is in the log.
    with (folder / "duban.log").open("a", encoding="utf-8", errors="backslashreplace") as log:
        logs.configure(log)
        ready = "小督 demo: open {}  (log: {}/duban.log)"
        demonstration.run(port, folder, lambda url: click.echo(ready.format(url, folder)), pace)


@main.command()
@_CONFIG
@plain_errors
def serve(config_path: Path) -> None:
    """Run web, workers and timetable in one process."""
    _run(config_path)


@main.command()
@_CONFIG
@_PORT
@plain_errors
def web(config_path: Path, port: int | None) -> None:
    """Run the web server alone: one of several processes on PostgreSQL."""
    _run(config_path, "web", port)


@main.command()
@_CONFIG
@_PORT
@plain_errors
def worker(config_path: Path, port: int | None) -> None:
    """Run a worker alone, which handles and sends: one of several processes on PostgreSQL."""
    _run(config_path, "worker", port)


@main.command()
@_CONFIG
@_PORT
@plain_errors
def scheduler(config_path: Path, port: int | None) -> None:
    """Run the timetable alone: one of several processes on PostgreSQL."""
    _run(config_path, "scheduler", port)


@main.command()
@_CONFIG
@click.option("--offline", is_flag=True, help="ask nobody")
@plain_errors
def check(config_path: Path, offline: bool) -> None:
    """List what is in order and what is not, with what to do."""
    from bot.check import findings

    bad = False
    for finding in findings(_service(config_path), offline=offline):
        click.echo(str(finding))
        bad = bad or finding.fine is False
    raise SystemExit(1 if bad else 0)


@main.command()
@_CONFIG
@plain_errors
def migrate(config_path: Path) -> None:
    """Bring the database to the current schema."""
    service = _service(config_path)
    click.echo(f"schema {schema.migrate(service.db)}")


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="write; without it only show what would change")
@_CONFIG
@plain_errors
def import_(file: Path, yes: bool, config_path: Path) -> None:
    """Load a district file: units, people, ledger, groups. Shows what changes, cell by cell."""
    from bot.bootstrap.operator import import_file

    service = _service(config_path)
    schema.require_current(service.db)
    lines, changed = import_file(service.db, service.config, read_json(file), service.clock.now(), write=yes)
    for line in lines:
        click.echo(line)
    if changed and not yes:
        click.echo("Nothing is written yet. To write: add --yes")


@main.command()
@click.argument("what", type=click.Choice(["district"]))
@click.argument("file", type=click.Path(path_type=Path))
@_CONFIG
@plain_errors
def export(what: str, file: Path, config_path: Path) -> None:
    """Write the district as a file that `import` reads; push addresses are left out."""
    from bot.bootstrap.operator import export_district

    service = _service(config_path)
    schema.require_current(service.db)
    text = json.dumps(export_district(service.db), ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
    click.echo(f"{what} written to {file}")


@main.command()
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366))
@_CONFIG
@plain_errors
def jobs(days: int, config_path: Path) -> None:
    """Show the timetable with the next times."""
    from bot.bootstrap.operator import list_jobs

    service = _service(config_path)
    schema.require_current(service.db)
    for line in list_jobs(service, days):
        click.echo(line)


@main.command()
@click.argument("key")
@click.option("--due", help="the due time (ISO; local if without zone); default: the last one that has passed")
@click.option("--dry-run", is_flag=True, help="show what would be sent, send nothing")
@_CONFIG
@plain_errors
def job(key: str, due: str | None, dry_run: bool, config_path: Path) -> None:
    """Run one job for one due time; running it again sends nothing twice."""
    from bot.bootstrap.operator import run_job

    service = _service(config_path)
    schema.require_current(service.db)
    lines, done = run_job(service, key, parse_time(due, "--due") if due is not None else None, dry_run=dry_run)
    for line in lines:
        click.echo(line, err=not done)
    raise SystemExit(0 if done else 2)


@main.command()
@click.option("--district", "district_file", type=click.Path(path_type=Path), help="default: the sample district")
@click.option("--group", "grouped", is_flag=True, help="adds issue: the same number may be the same matter")
@plain_errors
def understand(district_file: Path | None, grouped: bool) -> None:
    """JSON lines in (text, sender, now, quote) to JSON lines out: what the bot would understand. Writes nothing.

    FILE is a district, or only its schools: {"district", "schools": [{"name", "aliases", "kind"}]}.
    """
    from bot.bootstrap.operator import make_understander
    from bot.demo import SAMPLE

    answer = make_understander(read_json(district_file or SAMPLE))
    lines = read_lines(sys.stdin.buffer if sys.stdin else ())
    for found in answer.answer_all(lines) if grouped else map(answer, lines):
        click.echo(json.dumps(found, ensure_ascii=False))


@main.command()
@_CONFIG
@plain_errors
def failed(config_path: Path) -> None:
    """List messages that could not be handled and sends that failed or are doubtful."""
    service = _service(config_path)
    schema.require_current(service.db)
    with service.db.reading() as session:
        for row in inbox.list_failed(session):
            click.echo(f"inbox {row.id}  {row.received_at:%Y-%m-%d %H:%M}Z  {row.door}  {row.reason}  id={row.uid}")
        for sent in stuck.list_stuck(session):
            click.echo(
                f"outbox {sent.id}  {sent.created_at:%Y-%m-%d %H:%M}Z  {sent.door}  {sent.audience or '-'}  "
                f"{sent.purpose}  {sent.state}  {sent.reason}  id={sent.uid}"
            )


@main.command()
@click.argument("box", type=click.Choice(["inbox", "outbox"]))
@click.argument("number", type=_ROW, required=False)
@click.option("--all", "everything", is_flag=True, help="every failed one; doubtful sends only by number")
@_CONFIG
@plain_errors
def replay(box: str, number: int | None, everything: bool, config_path: Path) -> None:
    """Handle a failed message, or send a failed or doubtful one, once more."""
    if everything == (number is not None):
        raise ConfigError([("replay", "give one number, or --all")])
    service = _service(config_path)
    schema.require_current(service.db)
    room = inbox.replay if box == "inbox" else stuck.resend
    with service.db.transaction() as session:
        numbers = _failed_numbers(session, box) if number is None else [number]
        done = [each for each in numbers if room(session, each, service.clock.now())]
    for each in done:
        click.echo(f"{box} {each} waits again")
    if number is not None and not done:
        click.echo(f"{box} {number} is not failed, or its body is gone")
    raise SystemExit(0 if done or number is None else 1)


@main.command()
@click.argument("box", type=click.Choice(["inbox", "outbox"]))
@click.argument("number", type=_ROW)
@_CONFIG
@plain_errors
def dismiss(box: str, number: int, config_path: Path) -> None:
    """Let a failed message or a failed or doubtful send rest; its text is deleted."""
    service = _service(config_path)
    schema.require_current(service.db)
    room = inbox.dismiss if box == "inbox" else stuck.dismiss
    with service.db.transaction() as session:
        done = room(session, number)
    click.echo(f"{box} {number} is dismissed" if done else f"{box} {number} is not failed")
    raise SystemExit(0 if done else 1)


@main.command()
@plain_errors
def newkey() -> None:
    """Print a fresh key for [vault]."""
    click.echo(base64.b64encode(os.urandom(32)).decode())


for _command in (*operation.COMMANDS, *erasing.COMMANDS):
    main.add_command(_command)


def _failed_numbers(session: Session, box: str) -> list[int]:
    if box == "inbox":
        return [row.id for row in inbox.list_failed(session)]
    return [row.id for row in stuck.list_stuck(session) if row.state == "failed"]


if __name__ == "__main__":
    main()
