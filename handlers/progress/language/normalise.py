"""One spelling for every message: half-width signs, no invisible characters, no mentions; positions stay traceable."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_MENTION = re.compile(r"@[^\s@,。、;:!?]{1,20}(?=[\s,。、;:!?]|$)")
_INVISIBLE = {
    "\u20e3",
    *(chr(code) for code in range(0x1F3FB, 0x1F400)),
    *(chr(code) for code in range(0xFE00, 0xFE10)),
}


@dataclass(frozen=True)
class Text:
    """`plain[i]` stands for `raw[origin[i]]`; only characters without meaning are dropped."""

    raw: str
    plain: str
    origin: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """The characters as typed behind plain[start:end]."""
        return self.raw[self.origin[start] : self.origin[end - 1] + 1] if start < end else ""


def normalise(raw: str, bot_name: str) -> Text:
    kept = [(index, plain) for index, char in enumerate(raw) if (plain := _plain(char))]
    plain = "".join(char for _, char in kept)
    # A mention is blanked, not cut, so that the words around it stay apart; the bot's own name needs no space after it.
    for pattern in (re.compile("@" + re.escape(bot_name.lower())), _MENTION):
        plain = pattern.sub(lambda found: " " * len(found.group()), plain)
    # Of a run of blanks two stay, for patterns that skip blanks must not be tried on long runs of them.
    stay = [at for at, char in enumerate(plain) if char not in " \n" or plain[max(0, at - 2) : at] != char * 2]
    return Text(raw, "".join(plain[at] for at in stay), tuple(kept[at][0] for at in stay))


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    if char == "\n":
        return char
    category = unicodedata.category(char)
    if char in _INVISIBLE or category in {"Cf", "Cs", "Mn"}:
        return ""
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if "①" <= char <= "⑳":
        return char
    if category == "Nd":
        return str(unicodedata.decimal(char))  # the digits of every script are digits
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char
