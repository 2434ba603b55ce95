"""Template cards of WeCom, from our Card and CardUpdate, and the same as plain markdown where no card can go.

Source: WeCom developer docs 101032 (robot), 90236 and 94888 (app), read 2026-11. A card without buttons is a
text_notice, which must lead somewhere when it is pressed: url.
"""

from __future__ import annotations

from typing import Any

from bot.messages import Card, CardUpdate

_LINES = 6


def render(card: Card | CardUpdate, url: str) -> dict[str, Any]:
    """Return card as a template_card: with buttons button_interaction, without text_notice opening url."""
    buttons = card.buttons if isinstance(card, Card) else ()
    rendered: dict[str, Any] = {"card_type": "button_interaction" if buttons else "text_notice"}
    rendered["main_title"] = {"title": card.title}
    # More lines than the platform takes stay readable in the subtitle.
    rest = [f"{name}：{value}" for name, value in card.lines[_LINES:]]
    subtitle = "\n".join([card.subtitle, *rest] if card.subtitle else rest)
    if subtitle:
        rendered["sub_title_text"] = subtitle
    if card.lines:
        rendered["horizontal_content_list"] = [{"keyname": name, "value": value} for name, value in card.lines[:_LINES]]
    if buttons:
        rendered["button_list"] = [{"text": one.text, "style": one.style, "key": one.key} for one in buttons]
    else:
        rendered["card_action"] = {"type": 1, "url": url}
    if card.task_id:
        rendered["task_id"] = card.task_id
    return rendered


def render_note(text: str, task_id: str, url: str) -> dict[str, Any]:
    """Return plain words as a card without buttons, in the place of the card task_id."""
    title, _, rest = text.strip().partition("\n")
    return render(CardUpdate(task_id=task_id, title=title, subtitle=rest.strip()), url)


def as_markdown(card: Card | CardUpdate) -> str:
    """Return what the card says, without what it can do."""
    lines = [f"**{card.title}**", card.subtitle, *(f"> {name}：{value}" for name, value in card.lines)]
    return "\n".join(line for line in lines if line)
