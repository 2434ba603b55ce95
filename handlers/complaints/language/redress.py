"""Whether a wish asks to put right a wrong that is told: then the message is a complaint, however politely it ends."""

from __future__ import annotations

import re
from enum import IntEnum

from handlers.complaints.language import kindcues as cues
from handlers.complaints.language import topic as topics
from handlers.complaints.language.topics import OTHER

_WISH = re.compile(
    r"希望|建议(?!被|已|征集|采纳|箱)|盼|期[待望]|但愿|能不能|能否|可不可以|可否|最好|呼吁|恳请|请(?!假|客|问|家长|吃)|麻烦|(?<![要请恳需])求(?!职|学)"
)
# What a school has, with which people begin who take the school for granted.
_PREMISES = re.compile(r"厕所|洗手间|操场|课桌|桌椅|暖气|空调|热水|栏杆|围墙|楼[道梯]|打饭|饭菜|路灯")
# What may come about or is meant to be kept away has not happened.
_SUPPOSED = re.compile(
    r"避免|防止|以免|免得|省得|杜绝|预防|防范|保[证障]|确保|如果|要是|万一|一旦|假如|^(?:这样|既|就|也|让|使)"
)
# What is bad as it is told: done, left undone, broken, dirty, short.
_DEFECT = re.compile(
    r"不(?:戴|洗|退|发|开(?!心)|修|管|干净|卫生|够|热|熟|新鲜|合格|公平|达标|给|让|准|回|接|批|上课|负责|认真|好吃|敢|亮|通|制止|公示|公开|消毒)"
    r"|没(?:人|发|修|洗|热|熟|开|到账|戴|装|收到|通|有?(?:人|热水|暖气|老师|安全|护|灯|下文|消毒|公示))"
    r"|(?<!这么)(?:太|很|特别|非常|又|真|这么|越来越|有点)(?:差|脏|贵|乱|吵|挤|臭|黑|难吃|冷|咸|油|硬|危险|凶|多|慢|热|破|少|小|早|晚)"
    r"|[烂坏破漏锈裂]了|坏的|(?:是|都|全)(?:冷|凉|烂|坏)的|漏水|难吃|吃不饱|吃坏|差劲|少还贵|[又还]贵|差点|[撞摔烫砸]"
    r"|骂(?!人是)|吼|打(?:人|孩子|学生|牌)|动手|玩手机|抽烟|喝酒|睡觉|迟到|强制|强迫|逼|硬要|乱收|涨[价到了]|超[员载速]"
    r"|(?:要求|让|叫|催)[^,。]{0,6}[买交订]|一[套本份节]要?[^,。]{0,3}[百千\d]|老师[^,。]{0,10}(?:收钱|补习)|拖[了着欠]|一直|总是?没|老是?没"
)
# What puts a wrong right and is no new practice.
_REMEDY = re.compile(
    r"整[改治顿]|改善|改进|改正|改[一掉]|改$|纠正|重视|处理|解决|管一?管|管理|有人管|来管|[检调核]?查(?!阅|询)|修|落实|取消|停止|停[了掉]|叫停|制止"
    r"|注意|尽快|尽早|早[日点]|规范|退[还钱费款给]|道歉|严肃|关注|过问|给个?(?:说法|交代|答复)|不要(?:再|这样|总|老)|别再|不能再"
    r"|减少|减轻|降|督促|监[督管]|负起?责|批评|控制|协调|补发|发下来|到位|换掉|主持公道"
)
# A topic that stands in a wish may be one in general (重视校园欺凌教育); so it accuses only as an event.
_IN_GENERAL = re.compile(
    r"欺凌|霸凌|体罚|推诿|师德|师风|隐患|教育|预防|培训|机制|制度|意识|知识|宣传|讲座|演练|家长(?:监督|参与)"
)


class Redress(IntEnum):
    """How plainly a wish asks to put something right: not at all, by the wrong told beside it, or in so many words."""

    NONE = 0
    BESIDE = 1
    ASKED = 2


def find(text: str) -> Redress:
    """Return whether a text (as reading.read gives it, schools blanked) wishes that a wrong it tells be put right."""
    if not cues.DOMAIN.search(text) and not _PREMISES.search(text):
        return Redress.NONE
    told, wished = _part(text)
    if not wished:
        return Redress.NONE
    asked = any(_REMEDY.search(clause) for clause in wished)
    if asked and any(_DEFECT.search(clause) or topics.weigh(clause)[1] for clause in told):
        return Redress.ASKED
    if asked and any(_is_wrong(clause) and not _IN_GENERAL.search(clause) for clause in wished):
        return Redress.ASKED
    is_new = any(weight < 1 and pattern.search(text) for weight, pattern in cues.SUGGESTION)
    return Redress.BESIDE if not is_new and any(_is_wrong(clause) for clause in told) else Redress.NONE


def _part(text: str) -> tuple[list[str], list[str]]:
    """Return what is told as it is, and what is wished, clause by clause."""
    told, wished = [], []
    for clause in re.split(r"[,。]", text):
        found = _WISH.search(clause)
        before, after = (clause[: found.start()], clause[found.start() :]) if found else (clause, "")
        if before and not _SUPPOSED.search(before):
            told.append(before)
        if after and not _SUPPOSED.search(after):
            wished.append(after)
    return told, wished


def _is_wrong(clause: str) -> bool:
    """Whether the words of a topic tell of a wrong; those of 其他 tell of a practice."""
    weights, wrong = topics.weigh(clause)
    return wrong > 0 and max(weights, key=lambda topic: weights[topic]) != OTHER
