"""Numbers as people write them in chat: 85, 98.5, 八十五, 两, 一百二, 九十八点五."""

import re

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一", "二两俩", "三仨", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_SCALES = {"十": 10, "百": 100, "千": 1000}

HAN = "[零〇一二两俩三仨四五六七八九十百千]"
# A number that may carry a decimal part, in either script; a thousands separator counts as part of it.
# Lengths are bounded, for no count is longer and a run of digits must not take quadratic time.
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,3}}(?!\d)|\d{{1,12}}(?:[.点]\d{{1,12}})?|{HAN}{{1,12}}(?:[.点]{HAN}{{1,12}})?)"
# A whole number is never a piece of another: of 1.2万, 八千多 or 十几 nothing is read.
WHOLE = (
    rf"(?:(?<!\d)(?:\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{1,12}})(?![\d十百千万亿几多余来]|[.点]\d)"
    rf"|{HAN}{{1,12}}(?!{HAN}|[万亿几多余来]|[.点]{HAN}))"
)
_NUMBER = re.compile(NUMBER)
_ROUGH = re.compile("一两|一二|两三|二三|三四|四五|五六|六七|七八|八九")


def parse(text: str) -> float:
    """The value of a text that matches NUMBER; raises ValueError for anything else."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    if text[0].isascii():
        return float(text.replace(",", "").replace("点", "."))
    whole, _, fraction = text.replace(".", "点").partition("点")
    value = float(_whole(whole))
    return value + sum(_DIGITS.get(char, 0) / 10.0 ** (place + 1) for place, char in enumerate(fraction))


def parse_whole(text: str) -> int:
    return int(parse(text))


def is_rough(text: str) -> bool:
    """Whether a numeral names two neighbours (七八, 三四十, 十七八): it stands for no one value."""
    return bool(_ROUGH.search(text))


def _whole(text: str) -> int:
    if not any(char in _SCALES for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit, scale = 0, 0, 1
    for place, char in enumerate(text):
        if char in _SCALES:
            total += (digit if digit or (place and text[place - 1] in "零〇") else 1) * _SCALES[char]
            digit, scale = 0, _SCALES[char]
        else:
            digit = _DIGITS[char]
            if digit == 0:
                scale = 1
    # 一百二 leaves out the last scale: it means 120, while 一百零二 means 102.
    return total + (digit * scale // 10 if scale > 10 else digit)
