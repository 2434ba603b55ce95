"""The commands of whoever keeps the keys and the copies: vault, audit, backup, restore."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.commandline import CONFIG, plain_errors

_REST = 0.02  # seconds between two batches in which the service of the same SQLite file gets its turn
_MARK = re.compile(r"(\d{4}-\d\d-\d\d):(\d{1,18}):((?:[0-9a-f]{8}-?){8})")


@click.group()
def vault() -> None:
    """Keys, and the values that they seal."""


@vault.command()
@CONFIG
@click.option("--dry-run", is_flag=True, help="open every value and count, write nothing")
@plain_errors
def rotate(config_path: Path, dry_run: bool) -> None:
    """Seal with the newest key what older keys sealed. The service may run; killed, the next run goes on."""
    from bot.bootstrap.columns import EVERY
    from bot.rotation import rotate as each

    service = _service(config_path)
    renewed = unopened = left = 0
    for count in each(service.db, service.seal, EVERY, dry_run=dry_run, rest=lambda: time.sleep(_REST)):
        renewed += count.renewed
        unopened += count.unopened
        left += count.passed_over
        click.echo(f"{count.column}  {count.renewed}{f'  no key opens {count.unopened}' * bool(count.unopened)}")
    click.echo(f"{renewed} values {'would be' if dry_run else 'were'} sealed anew with key {service.seal.key_ids[0]}")
    if renewed and not dry_run:
        _note_rotation(service, renewed)
    if unopened:
        click.echo(f"no configured key opens {unopened} values: is a key missing in [vault] keys?")
    if left:
        click.echo(f"{left} values were changed meanwhile: run this again")
    raise SystemExit(1 if unopened or left else 0)


def _note_rotation(service: Any, values: int) -> None:
    from bot import audit

    entry = {"actor": "operator", "act": "vault.rotated", "subject": service.seal.key_ids[0]}
    with service.db.transaction() as session:
        audit.note(session, service.seal, **entry, now=service.clock.now(), detail={"values": str(values)})


@vault.command()
@CONFIG
@plain_errors
def keys(config_path: Path) -> None:
    """List the keys by id, newest first, and how many values each still seals."""
    from bot.bootstrap.columns import EVERY
    from bot.rotation import count_keys

    service = _service(config_path)
    with service.db.reading() as session:
        found = count_keys(session, EVERY)
    known = service.seal.key_ids
    for number, key in enumerate(known):
        spare = "  seals nothing any more" if number and not found[key] else ""
        click.echo(f"{key}  {'older' if number else 'newest'}  {found[key]}{spare}")
    unknown = sorted(set(found) - set(known))
    for key in unknown:
        click.echo(f"{key}  not configured  {found[key]}")
    raise SystemExit(1 if unknown else 0)


@click.group("audit")
def audit_() -> None:
    """The log of who did what."""


@audit_.command()
@click.option("--anchor", "anchors", multiple=True, metavar="DAY:SEQ:DIGEST", help="as the service's log has it")
@CONFIG
@plain_errors
def verify(config_path: Path, anchors: Sequence[str]) -> None:
    """Prove that no entry was changed, removed, put in or moved. Exit code 1 if one was."""
    from bot import audit

    marks = [_mark(text) for text in anchors]
    service = _service(config_path)
    with service.db.reading() as session:
        verdict = audit.verify(session, service.seal, marks)
    end = f"{verdict.rows} entries, {verdict.anchors} anchors"
    if verdict.is_whole:
        click.echo(f"audit log whole: {end}, last digest {verdict.digest}")
    else:
        click.echo(f"audit log BROKEN: {verdict.fault} (in order up to there: {end})")
    raise SystemExit(0 if verdict.is_whole else 1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@CONFIG
@plain_errors
def backup(file: Path, config_path: Path) -> None:
    """Copy the SQLite database to a new FILE while the service runs. Keep the keys elsewhere."""
    from bot.backup import back_up
    from bot.bootstrap.service import make_database

    size = back_up(make_database(_config(config_path)), file)
    click.echo(f"backup written to {file}: {size} bytes, checked")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="even if the database holds data; that is put aside, not deleted")
@CONFIG
@plain_errors
def restore(file: Path, yes: bool, config_path: Path) -> None:
    """Put a backup in the place of the SQLite database. The service must not run."""
    from bot.backup import restore as put_back
    from bot.schema import newest_version

    service = _raw_service(config_path)
    version, kept = put_back(service.db, file, service.clock.now(), replace=yes)
    click.echo(f"restored from {file}: schema {version}")
    if kept is not None:
        click.echo(f"what was there: {kept}; delete it once you are sure")
    if version != newest_version():
        click.echo("now run: duban migrate")
    click.echo("erase again whoever was erased since this backup was made")


COMMANDS = (vault, audit_, backup, restore)


def _config(config_path: Path) -> Any:
    from bot import config

    return config.load(config_path)


def _raw_service(config_path: Path) -> Any:
    from bot.bootstrap import Service

    return Service(_config(config_path))


def _service(config_path: Path) -> Any:
    from bot.schema import require_current

    service = _raw_service(config_path)
    require_current(service.db)
    return service


def _mark(text: str) -> Any:
    from bot.audit import Mark

    found = _MARK.fullmatch(text)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise click.BadParameter(
            "is DAY:SEQ:DIGEST, as the log has them: audit.anchor day=DAY seq=SEQ digest=DIGEST", param_hint="--anchor"
        )
    return Mark(day, int(found[2]), found[3].replace("-", ""))
