"""Personal data that is written in digits and letters, in any spelling: phones, ids, cards, accounts, mail, plates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

MOBILE, PHONE, ID_CARD, ADDRESS = "手机号", "电话", "身份证号", "住址"
WECHAT, QQ, MAIL, CARD, PLATE, STUDENT, NAME = "微信号", "QQ号", "邮箱", "银行卡号", "车牌号", "学籍号", "姓名"

Found = tuple[int, int, str]

_HAN_DIGITS = {
    **dict(zip("〇零○一二三四五六七八九", "000123456789", strict=True)),
    **dict(zip("幺壹贰叁肆伍陆柒捌玖", "1123456789", strict=True)),
}
_JOIN = r"[ \t\-—–_.·,，、~]{0,2}"
_RUN = re.compile(rf"[0-9](?:{_JOIN}[0-9xX]){{6,30}}")
_LAND = re.compile(
    rf"(?<![0-9])[(]?0[0-9]{{2,3}}[)]?{_JOIN}[0-9]{{7,8}}(?:{_JOIN}(?:转|-|ext\.?){_JOIN}[0-9]{{1,5}})?(?![0-9])", re.I
)
_LOCAL = re.compile(
    rf"(?:电话|座机|固话|家里电话|号码|联系|拨打?|打)(?:是|为|号码"
    rf"|号)?[:： ]{{0,2}}(?P<no>[2-8][0-9]{{2,3}}{_JOIN}[0-9]{{4}})(?![0-9])"
)
_MOBILE_RE = re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_JOIN})?1{_JOIN}[3-9](?:{_JOIN}[0-9]){{9}}(?![0-9xX])")
_MOBILE_HEAD = re.compile(rf"(?:\+|00)?{_JOIN}86{_JOIN}$")
_MAIL_RE = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,63}) {0,1}(?:@|\(at\)|\[at\]| at |#at#"
    r"|艾特) {0,1}[A-Za-z0-9][A-Za-z0-9-]{0,62}(?: {0,1}\.{1} {0,1}[A-Za-z0-9-]{1,30}){1,4}"
)
_QQ_RE = re.compile(
    rf"(?:[qQ]{{2}}|扣扣|企鹅|球球|叩叩)(?:群)?(?:号码|号|帐号|账号)?(?:是|为|:|：|\s|,|，"
    rf"|加)*(?P<no>[1-9](?:{_JOIN}[0-9]){{4,11}})(?![0-9])"
)
_WECHAT_WORD = (
    r"(?:微信|威信|薇信|维信|[vV]信|(?<![A-Za-z])[wWvV][xX](?![A-Za-z])|weixin|wechat|WeChat|加我?[vV](?![A-Za-z])|微)"
)
_WECHAT_RE = re.compile(
    rf"{_WECHAT_WORD}(?:号码?|账号|帐号|id|ID)?(?:是|为|:|：|\s|,|，|加|叫|搜|\""
    rf"|“){{0,4}}(?P<no>[A-Za-z][A-Za-z0-9_-]{{4,19}})(?![A-Za-z0-9_-])"
)
_WECHAT_NUMBER = re.compile(
    rf"{_WECHAT_WORD}(?:号码?|账号|帐号|id|ID)(?:是|为|:|：|\s){{0,3}}(?P<no>[A-Za-z0-9_-]{{5,20}})(?![A-Za-z0-9_-])"
)
_NICK = re.compile(
    r"(?:微信名|微信昵称|微信网名|昵称|网名|[qQ]{2}名|[qQ]{2}昵称|微信名字)(?:叫做?|是|为|:|："
    r"|\s){1,3}[\"“「『]?(?P<no>[A-Za-z0-9_一-龥~·]{1,15})"
)
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE_RE = re.compile(
    rf"(?<![A-Za-z])[{_PROVINCE}] ?[A-Za-z] ?[·•.\-—_]? ?(?=[A-Za-z0-9 ]{{5,9}})(?:[A-Za-z0-9] ?){{4,5}}[A-Z"
    rf"a-z0-9学警挂](?![A-Za-z0-9])"
)
_STUDENT_RE = re.compile(rf"(?<![A-Za-z])[GgLl]{_JOIN}[0-9](?:{_JOIN}[0-9xX]){{16,18}}(?![0-9])")
_STUDENT_WORD = re.compile(r"(?:学籍号|学籍辅号|学号|学籍编号|准考证号?|考号|考生号)(?:码)?(?:是|为|:|：|\s){0,3}$")
_CARD_WORD = re.compile(r"(?:卡号|银行卡|账号|帐号|账户|存折|信用社|农商行|工行|建行|农行|中行|邮政|卡)[^0-9]{0,8}$")
_ID_WORD = re.compile(r"(?:身份证|证件|户口本|身份号|id)[^0-9]{0,8}$", re.I)
_PUBLIC = re.compile(r"^(?:12345|1231[0-9]|12388|110|119|120|122|400\d*|800\d*|95\d*|10\d{3})$")
_CASE_WORD = re.compile(
    r"(?:工单|单号|编号|案号|受理|文号|编码|条码|批号|许可证|批次|订单|单据|流水|合同|发票)(?:号码?)?[^0-9]{0,4}$"
)


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def fold(text: str) -> str:
    """Return the text with half-width letters, digits and signs; its length stays."""
    return "".join(map(_fold, text))


def _spell(text: str) -> str:
    """Return the text with runs of seven and more Chinese digits as digits; its length stays."""
    return re.sub(
        (
            r"[〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖][〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖 \-0-9]{"
            r"5,30}[〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖0-9]"
        ),
        lambda found: "".join(_HAN_DIGITS.get(char, char) for char in found.group()),
        text,
    )


def find_numbers(text: str) -> Iterator[Found]:
    """Yield start, end and type of what is personal, as typed; places may overlap, the first found counts."""
    plain = _spell(fold(text))
    for pattern, kind in ((_MAIL_RE, MAIL), (_STUDENT_RE, STUDENT), (_PLATE_RE, PLATE)):
        for found in pattern.finditer(plain):
            if kind is not PLATE or _is_plate(found.group()):
                yield (*found.span(), kind)
    for pattern, kind in ((_QQ_RE, QQ), (_WECHAT_RE, WECHAT), (_WECHAT_NUMBER, WECHAT), (_NICK, WECHAT)):
        for found in pattern.finditer(plain):
            words = found["no"]
            if kind is WECHAT and re.fullmatch(r"1[3-9][0-9]{9}", words):
                continue
            yield (*found.span("no"), kind)
    for found in _RUN.finditer(plain):
        yield from _runs(plain, *found.span())
    for found in _LAND.finditer(plain):
        yield (*found.span(), PHONE)
    for found in _LOCAL.finditer(plain):
        if not _PUBLIC.match(_digits(found["no"])):
            yield (*found.span("no"), PHONE)


def _digits(words: str) -> str:
    return re.sub(r"[^0-9xX]", "", words)


def _is_plate(words: str) -> bool:
    return len(re.sub(r"[^A-Za-z0-9]", "", words)) in (6, 7) and bool(re.search("[0-9]", words))


def _runs(plain: str, start: int, end: int) -> Iterator[Found]:
    """Yield what a run of digits is by its length and the words before it."""
    while end > start and plain[end - 1] not in "0123456789xX":
        end -= 1
    digits, before = _digits(plain[start:end]), plain[max(0, start - 16) : start]
    if _STUDENT_WORD.search(before) and len(digits) >= 6:
        yield start, end, STUDENT
    elif _is_id(digits) or (_ID_WORD.search(before) and len(digits) in (15, 17, 18)):
        yield start, end, ID_CARD
    elif _CASE_WORD.search(before):
        return
    elif (15 <= len(digits) <= 20 and digits.isdecimal() and (_CARD_WORD.search(before) or digits[0] in "3456")) or (
        _CARD_WORD.search(before) and len(digits) >= 12 and digits.isdecimal() and not _is_mobile(digits)
    ):
        yield start, end, CARD
    else:
        yield from _mobiles(plain, start, end)


def _mobiles(plain: str, start: int, end: int) -> Iterator[Found]:
    for found in _MOBILE_RE.finditer(plain, max(0, start - 4), end):
        begin = found.start()
        head = _MOBILE_HEAD.search(plain[max(0, begin - 6) : begin])
        yield begin - (len(head.group()) if head else 0), found.end(), MOBILE


def _is_mobile(digits: str) -> bool:
    return bool(re.fullmatch(r"(?:86)?1[3-9][0-9]{9}", digits))


def _is_id(digits: str) -> bool:
    return bool(
        re.fullmatch(
            r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9xX]", digits
        )
    )
