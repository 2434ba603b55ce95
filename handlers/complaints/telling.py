"""What a text tells of the wish, the writer and corrections, by its wording; pure.

Schools, times, topics and personal data are read by handlers.complaints.language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from handlers.complaints import speech

_LONGEST_WISH = 120
_SHORT_WISH = 16
_CLAUSE_END = re.compile(r"[。!?;\n]")
_LABELLED = re.compile(r"(?:诉求|要求|请求|愿望)[是为:]{1,2}(?P<said>[^。!?;\n]{2,120})")
_WISH = re.compile(
    r"(?:希望|要求|请求|恳请|恳求|强烈要求|请(?!问|假|客|病|长假|了|家长)|求|麻烦|盼)"
    r"[^。!?;\n]{0,60}?"
    r"(?:查|处理|处置|整改|整治|整顿|解决|退|赔|道歉|停止?|取消|制止|管管|管一管|关停|换|调换|给个?说法|给个?答复|回复|答复|协调|监督|纠正|改正|公开|公布|说明|处分|处罚|严惩|"
    r"落实|关注|重视|帮助|帮忙|补发|发放|安排|介入|还我|负责|批评|开除)"
)
# 希望 alone, at the end of what is told, is a wish whatever it is for.
_HOPE = re.compile(r"(?:我们?|家长们?)?(?:只)?(?:希望|就想|只想)(?P<said>[^。!?;\n]{2,100})")
# What is told of the writer after the wish is no part of it.
_WHO = re.compile(
    r"[,、\s](?:我叫|我是|本人|我的?(?:名字|电话|手机)|姓名|联系|电话|手机|身份证|我?要?实名|匿名|保密|1[3-9]\d{9})"
)
# A wish that is nothing but the deed: 退钱, 让老师道歉.
_BARE = re.compile(
    r"(?:就|只|我|想|要|把|给|让|叫|老师|学校|他们?|她)*(?:钱|费)?(?:退[钱费款还回]|赔钱|赔偿|赔不是|赔礼道歉|道歉|开除|处分|换老师|换人|换掉|整改|查处|严查|严惩|"
    r"给?个?(?:说法|交代))(?:给|我|我们|一下|吧|他|她|老师|就行|就好)*"
)
# The commonest family names: what follows 我叫 is a name only if it begins with one (我叫他别打了 tells none).
_FAMILY = (
    r"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    r"沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱丘江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    r"詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝])"
)
_SELF = re.compile(
    rf"(?:我叫|我的?名字(?:是|叫)|本人叫|反映人:|联系人:?|姓名[:是])\s*({_FAMILY}[\u4e00-\u9fff·]{{1,2}}?)(?=[\s,。;、.!1]|的?电话|手机|$)"
)
# What is left of an answer to the question for name and phone once the number is taken away.
_BARE_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_ABOUT_PHONE = re.compile(r"(?:联系)?(?:电话|手机)(?:号码|号)?|[\s,;:。.、\d+-]")
_PHONE = re.compile(r"(?<![\d])(?:\+?86[- ]?)?(1[3-9]\d(?:[- ]?\d{4}){2})(?!\d)")
_NAMED = re.compile(r"(?<!不)(?<!不用)(?<!不要)(?<!不想)(?<!非)实名(?:举报|投诉|反映)?(?!制)")
_SECRET = re.compile(
    r"匿名|保密|不(?:想|要|用|愿意?)?(?:实名|公开(?:我的)?(?:身份|姓名|名字))|(?:别|不要|不能)(?:让|告诉)(?:学校|老师|校长)?知道"
)
_NOT_BUT = re.compile(r"不是[^,。;\s]{1,30}[,。;\s]?(?:而是|应该是|应当是|应是|是)")
_INTO = re.compile(
    r"^(?P<wrong>.{0,30}?)(?:应该是|应当是|应该改成|改成|改为|换成|应为|更正为)(?P<right>.+)$", re.DOTALL
)
_LABELS = (
    (
        "unit",
        re.compile(r"^(?:学校|单位|幼儿园)(?:名称?|名字)?(?:错了|不对|写错了)?[是为::,,\s]+(?P<said>.+)$", re.DOTALL),
    ),
    ("when", re.compile(r"^(?:时间|日期|日子)(?:错了|不对|写错了)?[是为::,,\s]+(?P<said>.+)$", re.DOTALL)),
    ("wish", re.compile(r"^(?:诉求|要求|愿望|希望)(?:错了|不对|写错了)?[是为::,,\s]+(?P<said>.+)$", re.DOTALL)),
    ("name", re.compile(r"^(?:姓名|名字|我叫)(?:错了|不对|写错了)?[是为::,,\s]*(?P<said>[\u4e00-\u9fff·]{2,6})$")),
)
_FAULT = re.compile(
    r"(?P<what>学校|单位|幼儿园|时间|日期|诉求|要求|希望)(?:的?名称|的?名字)?(?:错了|不对|写错了|有误|弄错了|要改|改一?下)+"
)
_ABOUT = (
    ("unit", re.compile(r"学校|单位|幼儿园")),
    ("when", re.compile(r"时间|日期|日子|时候")),
    ("wish", re.compile(r"诉求|要求|愿望|希望")),
)


class About(StrEnum):
    """What a correction is about."""

    UNIT = "unit"
    WHEN = "when"
    WISH = "wish"
    NAME = "name"
    OPEN = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction: right is what holds now, about what it is said to be about."""

    right: str
    about: About = About.OPEN


def find_wish(text: str) -> str:
    """Return the clause that says what the writer wants done, or ""."""
    plain = speech.narrow(text)
    labelled = _LABELLED.search(plain)
    if labelled:
        return _clause(labelled["said"])
    said, end = "", 0
    for match in _WISH.finditer(plain):
        if match.start() >= end:
            stop = _CLAUSE_END.search(plain, match.end())
            end = stop.start() if stop else len(plain)
            said = plain[match.start() : end]
    hope = None if said else _HOPE.search(plain)
    found = _clause(hope["said"] if hope else said)
    return found or (text.strip() if len(text) <= _SHORT_WISH and _BARE.fullmatch(speech.plain(text)) else "")


def _clause(said: str) -> str:
    return _WHO.split(said, maxsplit=1)[0].strip(" ,、")[:_LONGEST_WISH]


def find_name(text: str) -> str:
    """Return the name by which the writer introduces himself, or ""."""
    match = _SELF.search(speech.narrow(text))
    return match[1] if match else ""


def find_phone(text: str) -> str:
    """Return the first mobile number, digits only, or ""."""
    match = _PHONE.search(speech.narrow(text))
    return re.sub(r"\D", "", match[1]) if match else ""


def read_contact(text: str) -> tuple[str, str]:
    """Return the name and phone of an answer to the question for them; "" for what is not there."""
    plain = speech.narrow(text)
    left = _ABOUT_PHONE.sub("", plain)
    return find_name(plain) or (left if _BARE_NAME.fullmatch(left) else ""), find_phone(plain)


def wants_named(text: str) -> bool | None:
    """Return whether the writer wants to be named; None if nothing is said of it."""
    if _SECRET.search(text):
        return False
    return True if _NAMED.search(text) else None


def read_correction(text: str) -> Correction:
    """Return what a correction in free words puts in place: 不是一小,是二小 · 时间:上周五 · 诉求改成退费."""
    said = speech.narrow(text).strip()
    for about, pattern in _LABELS:
        if match := pattern.match(said):
            return Correction(_right(match["said"]), About(about))
    if match := _NOT_BUT.search(said):
        return Correction(said[match.end() :].strip(" :"), _about(said[: match.end()]))
    if match := _INTO.match(said):
        return Correction(match["right"].strip(" :"), _about(match["wrong"]))
    return Correction(text.strip())


def faulty(text: str) -> About:
    """Return what a text only says to be wrong, without telling what is right: 学校不对; OPEN for anything else."""
    match = _FAULT.fullmatch(speech.plain(text))
    return _about(match["what"]) if match else About.OPEN


def _right(said: str) -> str:
    if match := _NOT_BUT.search(said):
        return said[match.end() :].strip(" :")
    match = _INTO.match(said)
    return match["right"].strip(" :") if match else said.strip()


def _about(words: str) -> About:
    return next((About(about) for about, pattern in _ABOUT if pattern.search(words)), About.OPEN)
