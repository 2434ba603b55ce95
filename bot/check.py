"""What `duban check` looks at: each finding is a ✓ or ✗ with what to do. Asks the platform unless told not to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot import inbox, parked, pulls, stuck
from bot.bootstrap import Service
from bot.breakdown import explain
from bot.channels.wecom.doors import AppDoor
from bot.channels.wecom.kf.accounts import Account, list_accounts
from bot.errors import BotError, SealError, SendError
from bot.lanes import DeadTargetRow, PauseRow
from bot.people import ChatRow, Directory
from bot.schema import find_fault, newest_version, try_write
from bot.steps import identify
from bot.workdays import SHANGHAI, DayKind

# What a person may be to a case, as district files name it (the parts that nobody is given left out).
_OFFICE = frozenset(("INTAKE", "CASE", "VERIFIER", "DIRECTOR", "LEADER", "CUSTODIAN", "DISCIPLINE", "AUDITOR"))
_CASE_ROLES = _OFFICE | {"UNIT", "UNITHEAD", "ADMIN", "PUBLISH"}
_NEEDED_ROLES = ("INTAKE", "DIRECTOR")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list: advice says what to do where it is not fine. An unknown (fine None) is only told."""

    fine: bool | None
    subject: str
    advice: str = ""

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "·"}[self.fine]
        return f"{mark} {self.subject}" + (f" — {self.advice}" if self.advice else "")


def findings(service: Service, *, offline: bool) -> Iterator[Finding]:
    """Look at everything that can be looked at without changing it."""
    yield Finding(True, "configuration and keys can be read")
    try:
        yield from _looks(service, offline=offline)
    except SQLAlchemyError as error:
        fault, advice = explain(error)
        yield Finding(False, f"database: {fault}", advice)


def _looks(service: Service, *, offline: bool) -> Iterator[Finding]:
    fault = find_fault(service.db)
    if fault is not None:
        yield Finding(False, f"database: {fault[0]}", fault[1])
        return
    try_write(service.db)
    yield Finding(True, f"database schema {newest_version()}")
    yield from _rows(service)
    yield from _keys(service)
    with service.db.reading() as session:
        directory = service.house.directories.get(session)
    yield from _district(directory)
    yield from _case_roles(directory)
    yield from _public(service)
    yield from _calendar(directory, service.clock.now())
    yield from _doors(service, offline=offline)


def _rows(service: Service) -> Iterator[Finding]:
    with service.db.reading() as session:
        failed, unsent = inbox.list_failed(session), stuck.list_stuck(session)
        waiting, troubled = parked.count(session), pulls.list_troubled(session)
        dead = session.scalar(select(func.count()).select_from(DeadTargetRow)) or 0
        pauses = list(session.scalars(select(PauseRow).where(PauseRow.until > service.clock.now())))
    advice = "see: duban failed" if failed or unsent else ""
    yield Finding(not failed, f"messages that could not be handled: {len(failed)}", advice)
    yield Finding(not unsent, f"sends that failed or are doubtful: {len(unsent)}", advice)
    if waiting:
        yield Finding(None, f"messages that wait until a parent writes again (待联系): {waiting}")
    for account in troubled:
        yield Finding(False, f"{account.door}: the last pull failed", account.reason)
    yield Finding(not dead, f"recipients that cannot be reached: {dead}", "import or bind them anew" if dead else "")
    for row in pauses:
        if "/" in row.name or row.name == "push":
            yield Finding(False, f"door {row.name} rests", row.reason)


def _keys(service: Service) -> Iterator[Finding]:
    """Whether the keys are those that sealed the push addresses: only a wrong key makes a finding."""
    with service.db.reading() as session:
        sealed = session.execute(select(ChatRow.id, ChatRow.webhook_key).where(ChatRow.webhook_key.is_not(None)))
        unread = sum(not _opens(service, chat, key) for chat, key in sealed)
    if unread:
        advice = "put the key that sealed them back into [vault] keys, or bind the groups anew"
        yield Finding(False, f"push addresses that no key opens: {unread}", advice)


def _opens(service: Service, chat: str, sealed: bytes | None) -> bool:
    try:
        service.seal.open(sealed or b"", f"chat/{chat}")
    except SealError:
        return False
    return True


def _district(directory: Directory) -> Iterator[Finding]:
    if not directory.units:
        yield Finding(False, "no district is loaded", "run: duban import FILE --yes")
        return
    yield Finding(True, f"district: {len(directory.units)} units, {len(directory.people)} people")
    clerks = directory.list_clerks()
    advice = "" if clerks else "give one person the role clerk"
    yield Finding(bool(clerks), f"clerks who receive the service's own notices: {len(clerks)}", advice)
    unbound = [chat.name for chat in directory.chats.values() if not chat.is_bound]
    advice = f"@小督 绑定本群 in: {'、'.join(unbound[:5])}{'…' if len(unbound) > 5 else ''}" if unbound else ""
    yield Finding(
        not unbound, f"groups with a push address: {len(directory.chats) - len(unbound)}/{len(directory.chats)}", advice
    )


def _case_roles(directory: Directory) -> Iterator[Finding]:
    """Whether somebody is told of complaints, and of people in danger."""
    if not directory.units:
        return
    entries = directory.facts.get("case_roles", ())
    named = {entry["role"] for entry in entries if any(person in directory.people for person in entry["people"])}
    if missing := [role for role in _NEEDED_ROLES if role not in named]:
        yield Finding(False, f"nobody has the case role {'、'.join(missing)}", "add case_roles to the district file")
    if unknown := sorted({entry["role"] for entry in entries} - _CASE_ROLES):
        yield Finding(False, f"unknown case roles: {'、'.join(unknown)}", f"known: {'、'.join(sorted(_CASE_ROLES))}")
    duty = directory.facts.get("duty", {}).get("people", ())
    if not any(person in directory.people for person in duty):
        yield Finding(False, "nobody is on duty for people in danger", "add duty.people to the district file")


def _public(service: Service) -> Iterator[Finding]:
    """Whether parents who write by kf can be given a place to look their case up, and a number to call."""
    settings = {"[server] public_url": service.config.server.public_url}
    settings["[complaints] phone"] = service.config.complaints.phone
    for name, value in settings.items():
        if service.kf and not value:
            yield Finding(False, f"{name} is empty", "parents who write by kf are told it")


def _calendar(directory: Directory, now: datetime) -> Iterator[Finding]:
    today = now.astimezone(SHANGHAI).date()
    known = directory.calendar.kind(today) is not DayKind.UNKNOWN
    advice = "" if known else "import a district file with this year's holidays"
    yield Finding(known, f"holiday notice for {today.year}", advice)
    following = directory.calendar.kind(today.replace(year=today.year + 1, month=1, day=15)) is not DayKind.UNKNOWN
    late = today.month == 12
    advice = "" if following else "import it when the State Council publishes it; nothing is pushed on unknown days"
    yield Finding(following or (False if late else None), f"holiday notice for {today.year + 1}", advice)


def _doors(service: Service, *, offline: bool) -> Iterator[Finding]:
    with service.db.reading() as session:
        known, unknown = identify.count(session)
    if known or unknown:
        advice = "let a super admin create the robot, or widen the app's visible range" if unknown else ""
        yield Finding(not unknown, f"the robot delivers encrypted ids: {known} known, {unknown} unknown", advice)
    if not service.apps:
        yield Finding(False, "no app is configured", "private messages need one: [[wecom.apps]]")
    if not service.robots:
        yield Finding(None, "no robot is configured", "groups cannot talk to the bot: [[wecom.robots]]")
    for name, robot in service.robots.items():
        advice = "" if robot.bot_id else "bot_id is empty: any robot with this key is taken"
        yield Finding(True if robot.bot_id else None, f"robot {name}: callback /wecom/robot/{name}", advice)
    for name in service.kf:
        yield Finding(None, f"kf {name}: callback /wecom/kf/{name}")
    for name, app in service.apps.items():
        yield Finding(None, f"app {name}: callback /wecom/app/{name}")
        if offline:
            continue
        try:
            service.client.call(app, "getcallbackip")
        except SendError as error:
            yield Finding(False, f"app {name}: the platform refuses", f"code {error.code}: {error.hint}")
        except BotError as error:
            yield Finding(False, f"app {name}: {type(error).__name__}", "see the log")
        else:
            yield Finding(True, f"app {name}: the platform accepts the credentials and this address")
            yield from _kf(service, app)


def _kf(service: Service, app: AppDoor) -> Iterator[Finding]:
    """The kf accounts that an app sees, against those that are configured for it."""
    doors = [door for door in service.kf.values() if door.app.name == app.name]
    try:
        accounts = list_accounts(service.client, app)
    except SendError as error:
        if doors:
            yield Finding(False, f"app {app.name}: may not call kf", f"code {error.code}: {error.hint}")
        return
    by_id = {account.open_kfid: account for account in accounts}
    for door in doors:
        yield _account(door.name, door.open_kfid, by_id.get(door.open_kfid))
    if not doors:
        for account in accounts:
            advice = "to let parents write by it: [[wecom.kf]]"
            yield Finding(None, f"app {app.name}: kf account {account.open_kfid} {account.name}", advice)


def _account(name: str, open_kfid: str, account: Account | None) -> Finding:
    if account is None:
        return Finding(False, f"kf {name}: the app sees no account {open_kfid}", "微信客服 → API → 可调用接口的应用")
    label = f"kf {name}: {open_kfid} {account.name}"
    if account.is_managed is False:
        return Finding(False, label, "hand it to the API: 微信客服 → API → 通过API管理微信客服账号")
    return Finding(True, label)
