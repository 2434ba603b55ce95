"""The API for app messages: message/send and update_template_card (docs 90236, 94888)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.sandbox import payloads
from bot.sandbox.calls import OK, sending_app
from bot.sandbox.entities import ApiError, App, Call, Entry, Json, State, private_key

if TYPE_CHECKING:
    from bot.sandbox.platform import Platform

DEFAULT_INTERVAL = 1800
LONGEST_INTERVAL = 14400


def send(platform: Platform, call: Call) -> Json:
    """Deliver a message to members' private conversations with the app."""
    app = sending_app(platform, call)
    receivers, lists = _receivers(platform, call.body)
    shown = payloads.read(platform, call.body, payloads.APP)
    card_type = (shown.card or {}).get("card_type")
    if card_type in payloads.INTERACTIVE and not app.callback_url:
        raise ApiError(43012, "template card needs a callback url")
    answer = OK | lists | {"msgid": f"msg{platform.new_message_id()}"}
    if _is_repeat(platform, app, call):
        return answer
    if shown.card and platform.cards(str(shown.card.get("task_id") or "")):
        platform.note_violation("message/send: a task_id was used again")
    entries = _deliver(platform, app, receivers, shown, str(answer["msgid"]))
    if card_type in payloads.INTERACTIVE:
        answer["response_code"] = platform.card_codes.issue((app.door, tuple(entry.id for entry in entries)), call.at)
    return answer


def _receivers(platform: Platform, body: Json) -> tuple[list[str], Json]:
    touser = body.get("touser") or ""
    if not isinstance(touser, str):
        raise ApiError(40035, "touser must be a string")
    if not touser and not body.get("toparty") and not body.get("totag"):
        raise ApiError(82001, "all receivers are empty")
    if touser == "@all":
        return [userid for userid in platform.members if userid not in platform.unlicensed], {}
    asked = list(dict.fromkeys(userid.strip().lower() for userid in touser.split("|") if userid.strip()))
    if len(asked) > 1000:
        raise ApiError(40032, "too many receivers")
    invalid = [userid for userid in asked if userid not in platform.members]
    if len(invalid) == len(asked):
        raise ApiError(81013, "user & party & tag all invalid")
    unlicensed = [userid for userid in asked if userid in platform.unlicensed]
    lists = {"invaliduser": "|".join(invalid), "unlicenseduser": "|".join(unlicensed)}
    left_out = {*invalid, *unlicensed}
    return [userid for userid in asked if userid not in left_out], {key: value for key, value in lists.items() if value}


def _is_repeat(platform: Platform, app: App, call: Call) -> bool:
    if not call.body.get("enable_duplicate_check"):
        return False
    seconds = call.body.get("duplicate_check_interval") or DEFAULT_INTERVAL
    if not isinstance(seconds, int) or seconds < 0:
        raise ApiError(40035, "invalid duplicate_check_interval")
    interval = timedelta(seconds=min(seconds, LONGEST_INTERVAL))
    text = json.dumps(call.body, sort_keys=True, ensure_ascii=False)
    return platform.duplicates.is_repeat(app.agent_id, text, interval, call.at)


def _deliver(platform: Platform, app: App, receivers: list[str], shown: payloads.Shown, message_id: str) -> list[Entry]:
    entries = []
    for userid in receivers:
        if not platform.deliveries.admit(f"{app.name}|{userid}", platform.clock.now()):
            platform.dropped.append((userid, message_id))
            continue
        entries.append(
            platform.post(
                private_key(app.door, userid),
                app.door,
                shown.type,
                shown.content,
                card=shown.card,
                media=shown.media,
                mentions=shown.mentions,
            )
        )
    return entries


def update_template_card(platform: Platform, call: Call) -> Json:
    """Replace a card, or its buttons, for some members or for all that got it."""
    app = sending_app(platform, call)
    code = str(call.body.get("response_code") or "")
    found = platform.card_codes.find(code, call.at)
    if found is None or found[0] != app.door:
        raise ApiError(60140, "invalid response_code")
    caption = str((call.body.get("button") or {}).get("replace_name") or "")
    card = call.body.get("template_card")
    if isinstance(card, dict):
        payloads.check_card(card, payloads.INTERACTIVE | payloads.NOTICES)
    elif not caption:
        raise ApiError(40063, "button or template_card missing")
    wanted = {str(userid).lower() for userid in call.body.get("userids") or ()}
    if not wanted and not call.body.get("atall"):
        raise ApiError(82001, "all receivers are empty")
    platform.card_codes.use(code)
    entries = _same_cards(platform, found[1])
    for entry in entries:
        if call.body.get("atall") or _owner(entry) in wanted:
            replace(platform, entry, card if isinstance(card, dict) else None, caption)
    return OK | {"invaliduser": sorted(wanted - {_owner(entry) for entry in entries})}


def replace(platform: Platform, entry: Entry, card: Json | None, caption: str) -> None:
    """Put card in the place of entry's card, or caption in the place of its buttons."""
    if card is None:
        platform.change(entry, replaced=caption, state=State.UPDATED)
    else:
        platform.change(entry, card=card, replaced=str(card.get("replace_text") or ""), state=State.UPDATED)


def _owner(entry: Entry) -> str:
    return entry.chat.rpartition("|")[2]


def _same_cards(platform: Platform, entry_ids: tuple[str, ...]) -> list[Entry]:
    """The cards of one send: a code from one member's click updates the others' copies too (userids, atall)."""
    own = [entry for entry_id in entry_ids if (entry := platform.entry(entry_id)) is not None]
    copies = [copy for entry in own for copy in platform.cards(entry.task_id) if copy.sender == entry.sender]
    return list({entry.id: entry for entry in own + copies}.values())
