"""The short things people say in a dialogue about a complaint: yes, no, a number, a command; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from handlers.complaints import asked

# What is longer is no mere answer or command: somebody is telling something.
_SHORT = 16
_DROP = re.compile(r"[\s,.;:!?~。、…“”\"'()（）「」《》【】\[\]·-]+")
_WRITTEN = "一二三四五六七八九十"

_YES = re.compile(
    r"(?:我)?(?:确认|确定|同意|提交|对|是|没错|正确|无误|可以|行|好|嗯|没问题|ok|yes|登记|中|成|妥|要得|得行|使得|行嘞)"
    r"(?:确认|同意|提交|登记|继续|投诉|的|了|吧|呀|啊|对|是|嗯|好)*"
)
_SUBMIT = re.compile(r"(?:我)?(?:确认|确定|提交|确认提交|确认登记|同意)(?:了|吧)?")
_STATE = re.compile(r"进度|进展|结果|答复|回复|处理|办理?|受理|到哪|怎么样|什么时候能|多久")
_CANCEL = re.compile(
    r"(?:我)?(?:要|想)?(?:取消|算了|不投诉|不举报|放弃|不登记|不说了|别登记)(?:登记|投诉|提交|吧|了|啊|谢谢)*"
)
_NO = re.compile(
    r"(?:我)?(?:不同意|不|取消|算了|不投诉了?|不要了?|不用了?|不了|不办了?|不说了?|不登记了?|放弃|不是|都不是|否|no|别登记了?)"
    r"(?:登记|投诉|提交|吧|了|啊|谢谢)*"
)
_FIX = re.compile(
    r"(?:我)?(?:要|想|需要)?(?:修改|更正|改一?下|改改|有误|有错|不对|错了|写错了|说错了)(?:一下|吧|了|内容)?"
)
_UNKNOWN = re.compile(
    r"(?:我)?(?:也)?(?:不清楚|不知道|不晓得|忘了|忘记了?|记不清|记不得|不记得|没记住|没有|无|随便|都行|都可以|跳过|不想说|不方便说|不确定|"
    r"说不清|你们看着办|看着办|暂无|没什么|没别的)(?:了|啊|呀|吧|哦|楚|具体时间|哪个?单位|时间|怎么说|怎么讲)*"
)
_HELLO = re.compile(
    r"(?:你好|您好|hi|hello|在吗|在么|在不在|有人吗|哈喽|嗨|早上好|上午好|下午好|晚上好|老师|小督)+(?:呀|啊|吗)*"
)
_THANKS = re.compile(
    r"(?:收到|好|好的|好嘞|谢谢(?:你们?|您|老师|大家)?|谢了|感谢|多谢|辛苦了?|麻烦了?|明白了?|知道了|嗯|哦|行|可以|ok|👌|👍|🙏|🌹|再见|拜拜)+"
)


class Command(StrEnum):
    """What one may want of a case, or instead of one."""

    STATUS = "status"
    PRESS = "press"
    WITHDRAW = "withdraw"
    NEW = "new"
    HUMAN = "human"
    CODE = "code"
    GO_ON = "go_on"
    NAMED = "named"
    UNNAMED = "unnamed"
    # Questions about what is being done here: answered, then what was asked is asked again.
    SECRECY = "secrecy"
    WHY = "why"
    WHO = "who"
    HOW_LONG = "how_long"


# Tried in this order against the whole of what was said.
_COMMANDS: tuple[tuple[Command, re.Pattern[str]], ...] = (
    (Command.CODE, re.compile(r".{0,6}(?:查询码|取件码).{0,10}")),
    (
        Command.STATUS,
        re.compile(
            r"(?=.*(?:查|看|问一?下|进度|进展|结果|状态|情况|怎么样|咋样|到哪|消息|我的|处理|办得|办好))"
            r"(?:我)?(?:要|想|来)?(?:查询|查一?下|查查|查看|看看|看一?下|问一?下|查)?(?:我的|我|一下)?(?:投诉|举报|案件|反映的?(?:问题|事情?)?|事情?|进度|进展)?"
            r"(?:的)?(?:进度|进展|结果|状态|情况|处理情况|办理情况)?"
            r"(?:怎么样了?|咋样了?|到哪一?步了?|到哪了|有结果了?吗?|有进展了?吗?|处理得怎么样了?|处理了吗|处理好了吗|办得怎么样了?|办好了吗|有消息了?吗)?"
        ),
    ),
    (
        Command.STATUS,
        re.compile(
            r"(?:请问|你们|那个|那|现在|我的?)*(?:上次|之前|前几天)?(?:我)?(?:反映|说|投诉|举报|提)?(?:的)?(?:那个|那件|这件)?"
            r"(?:事情?|问题|投诉|举报|案件|案子)?(?:现在|到底)?"
            r"(?:进展如何|有没有(?:结果|进展|消息|答复)|有(?:结果|进展|消息|动静|答复)了?(?:没有?|吗|么)|"
            r"(?:处理|办|办理|查|调查|核查)[得的]?(?:咋样|怎么样|如何)了?|"
            r"(?:处理|办|查|调查|核查|解决|受理)(?:好|完|清楚)?了?(?:没有?|吗|么)|(?:咋样|怎么样)了?|到哪一?步了?|(?<=[事情题诉])呢)"
        ),
    ),
    (
        Command.PRESS,
        re.compile(
            r"(?:我要|帮我|请|再|麻烦)?(?:催办|催一催|催催|催一?下|催)(?:投诉|我的投诉|一下|下|进度|处理)?(?:谢谢)?|"
            r"(?:请|麻烦)?(?:快点|尽快|抓紧)(?:处理|办理?|解决)(?:一下|吧)?|"
            r"(?:怎么|为什么|为啥|咋)(?:还|一直|都)?(?:没有?|不)(?:人)?(?:处理|回复|答复|联系|管|理|结果|消息|动静)(?:我|我们)?[啊呢]?|"
            r"(?:你们)?(?:到底)?(?:还)?(?:管不管|有没有人管|有人管吗)[啊了]?|急死我?了|"
            r"(?:能不能|可不可以|能)?快一?点(?:处理|办|啊|吧|吗|好吗|行吗)*"
        ),
    ),
    (
        Command.WITHDRAW,
        re.compile(
            r"(?:我)?(?:要|想|申请)?(?:撤回|撤销|撤诉|撤案)(?:投诉|我的投诉|举报|案件|吧|了)*|"
            r"(?:那)?(?:我|我们)?不(?:想|要)?(?:再)?(?:投诉|举报|告|追究|反映)了.{0,8}"
        ),
    ),
    (
        Command.NEW,
        re.compile(
            r"(?:我)?(?:要|想|还要|还想|需要)?(?:新的?|另外|再|另一个|别的)?(?:一个|一件|个)?(?:投诉|举报|检举|反映(?:一?个|一?些|一件|点|一下)?(?:问题|情况|事情?)?)(?:一下|一个|吧|学校|老师)?|"
            r"(?:我)?有(?:个|件|点)?(?:事情?|问题|情况)(?:要|想)(?:投诉|举报|反映)(?:一下)?"
        ),
    ),
    (
        Command.HUMAN,
        re.compile(
            r"(?:我)?(?:要|想|请)?(?:转|找|接)?(?:人工|真人|电话|客服|工作人员|打电话)(?:客服|服务|是多少|号码|多少|联系方式)?|"
            r"(?:你们|办公室)?(?:的)?(?:电话|联系电话|电话号码|联系方式)(?:是多少|多少|是什么|呢)?|怎么联系你们"
        ),
    ),
    (Command.SECRECY, asked.SECRECY),
    (Command.WHY, asked.WHY),
    (Command.WHO, asked.WHO),
    (Command.HOW_LONG, asked.HOW_LONG),
    (Command.GO_ON, re.compile(r"(?:继续|继续办理?|不撤|不撤回)(?:了|吧)?")),
    (Command.NAMED, re.compile(r"(?:我)?(?:要|愿意|可以)?(?:改成|改为|改)?实名(?:举报|投诉|反映)?(?:吧)?")),
    (
        Command.UNNAMED,
        re.compile(r"(?:我)?(?:要|想)?(?:改成|改为|改)?(?:保密|匿名|不实名|不要实名)(?:举报|投诉|反映)?(?:吧)?"),
    ),
)
# With an open case, words of one's own may stand before the question: 我那个食堂的事怎么样了.
_OF_OWN = re.compile(
    r".{0,10}(?:(?:事情?|问题|投诉|举报|号|反映的|查|处理|办)(?:现在|到底|得|好|完)*)"
    r"(?:怎么样|咋样|如何|有结果|有消息|处理|查|办好|了没有?|了吗|没有|吗|呢)+了?(?:吗|没有?)?"
)
_NUMBER = re.compile(r"(?:第)?(\d{1,2}|[一二三四五六七八九十])(?:个|项|条|号|所|件)?")
_ADDS = re.compile(r"^\s*(?:我)?(?:再|还)?(?:要|想)?(?:补充|补充说明|补充一下|补充一点|补充材料)[:,。\s]*")
_AGREED = re.compile(r"\s*(?:我)?(?:同意|确认|可以|好的|好)(?:继续)?[,.!;:。\s]+")
_OLD_ONE = re.compile(
    r"(?:是)?(?:补充)?(?:原来|之前|上次|同|老|那)(?:一)?(?:个|件)?(?:的)?(?:事情?)?(?:的)?|是补充(?:的)?|补充(?:原来的事|的)"
)
_NEW_ONE = re.compile(r"(?:是)?(?:新的?|另外|另|别的)(?:一)?(?:个|件)?(?:的)?(?:事情?)?(?:的)?|不是补充(?:的)?")
_CASE_NUMBER = re.compile(r"(20\d\d)[〕)\]】]?\s?(\d{6})(?!\d)")

# Bare insults: whoever writes nothing else has told nothing.
# Longer ones first, and each is taken for good: that keeps the search short.
_INSULT = re.compile(
    r"(?:你们|他们|都是|全是|真是|一群|一帮|这群|他妈的|你妈的|他妈|你妈|妈的|尼玛|傻[逼比b]|傻子|煞笔|sb|nmsl|垃圾|废物|混蛋|王八蛋|王八|狗东西|"
    r"狗屁|狗官|畜生|人渣|去死|滚蛋|滚|脑残|白痴|蠢货|饭桶|骗子|吃屎|不要脸|贱人|贱|放屁|[你他她是个的吗了吧啊操草艹妈])++"
)
_SWEAR = re.compile(
    r"操你|草你|艹|妈的|尼玛|你妈|傻[逼比b]|煞笔|sb|nmsl|垃圾|废物|混蛋|王八|狗东西|狗屁|狗官|畜生|人渣|去死|滚|脑残|白痴|蠢货|饭桶|吃屎|不要脸|贱|放屁"
)
_CHILD = re.compile(
    r"我(?:是|才|还是|就是)?(?:一个|一名|个)?(?:[^,.。;!?\s]{1,14}的)?(?:小学生|中学生|初中生|高中生|学生|小孩|孩子)(?!家长|的|妈|爸|他|被|在|没|说|不|都|上|回)|我今年(?:[6-9]|1[0-7]|[六七八九十]|十[一二三四五六七])岁|"
    r"我(?:现在)?(?:在)?(?:上|读|念)(?:小学|初中|高中|[一二三四五六七八九]年级|初[一二三]|高[一二三])|(?:别|不要|不敢)告诉我?(?:爸|妈|爸爸|妈妈|家长)|"
    r"(?:老师|同学|同桌|班主任|他们|校长)(?:总|老|经常|天天|今天|昨天|又|就|都|一直|把)*(?:打|骂|欺负|掐|踢|推)了?我(?!家|们家|儿|女|孩|的?孩|外|孙|闺)"
)
_GROWN = re.compile(
    r"我(?:的|家)?(?:儿子|女儿|孩子|娃|小孩|闺女|孙子|孙女|外孙)|家长|我是(?:他|她|孩子)?(?:的)?(?:爸|妈|爷|奶|姥|外公|外婆)"
)


def plain(text: str) -> str:
    """Return text without blanks and punctuation, in lower case and of normal width."""
    return _DROP.sub("", narrow(text)).lower()


def narrow(text: str) -> str:
    """Return text with letters, figures and signs of normal width, as the patterns are written."""
    return unicodedata.normalize("NFKC", text)


def is_yes(text: str) -> bool:
    """Whether the text is nothing but assent: 确认, 好的, 对."""
    return _is_all(_YES, text)


def is_submit(text: str) -> bool:
    """Whether the text is the very word that registers: 确认, 提交."""
    return _is_all(_SUBMIT, text)


def asks_for_state(text: str) -> bool:
    """Whether a question may be about the state of the writer's own case."""
    return bool(_STATE.search(text))


def asks_of_own(text: str) -> bool:
    """Whether the text, of one who has an open case, asks how it stands: 我那个食堂的事怎么样了."""
    return _is_all(_OF_OWN, text)


def is_no(text: str) -> bool:
    """Whether the text is nothing but refusal: 取消, 算了, 不同意."""
    return _is_all(_NO, text)


def is_cancel(text: str) -> bool:
    """Whether the text calls the whole thing off: 取消, 算了."""
    return _is_all(_CANCEL, text)


def wants_fix(text: str) -> bool:
    """Whether the text only says that something is wrong, not what."""
    return _is_all(_FIX, text)


def is_unknown(text: str) -> bool:
    """Whether the text answers that the writer does not know or does not mind."""
    return _is_all(_UNKNOWN, text)


def is_hello(text: str) -> bool:
    """Whether the text only greets."""
    return _is_all(_HELLO, text)


def is_thanks(text: str) -> bool:
    """Whether the text only thanks or acknowledges."""
    return _is_all(_THANKS, text)


def is_abuse(text: str) -> bool:
    """Whether the text is an insult and nothing else. Content among insults makes it none."""
    said = plain(text)
    return bool(_SWEAR.search(said)) and bool(_INSULT.fullmatch(said))


def seems_child(text: str) -> bool:
    """Whether the writer seems to be a child, by the writer's own words."""
    return bool(_CHILD.search(narrow(text))) and not _GROWN.search(text)


def find_command(text: str) -> Command | None:
    """Return the command that the whole text is, if it is one."""
    said = plain(text)
    if not said or len(said) > _SHORT:
        return None
    return next((command for command, pattern in _COMMANDS if pattern.fullmatch(said)), None)


def agreed_rest(text: str) -> str | None:
    """Return what follows an assent at the beginning ("同意,是一小的" gives "是一小的"); None if there is none."""
    text = narrow(text)
    match = _AGREED.match(text)
    return text[match.end() :].strip() if match else None


def says_old(text: str) -> bool:
    """Whether the text only says that words belong to what was told before."""
    return _is_all(_OLD_ONE, text)


def says_new(text: str) -> bool:
    """Whether the text only says that words are of something new."""
    return _is_all(_NEW_ONE, text)


def addition(text: str) -> str | None:
    """Return what a text adds that begins with 补充; None if it does not begin so."""
    text = narrow(text)
    match = _ADDS.match(text)
    return text[match.end() :].strip() if match else None


def choice(text: str, options: Sequence[str]) -> int | None:
    """Return the place of the option that was said by its number or its very words, counted from 0."""
    said = plain(text)
    for place, option in enumerate(options):
        if said == plain(option):
            return place
    match = _NUMBER.fullmatch(said)
    if match is None:
        return None
    figure = match[1]
    number = int(figure) if figure.isdigit() else _WRITTEN.index(figure) + 1
    return number - 1 if 1 <= number <= len(options) else None


def numbers_in(text: str) -> list[str]:
    """Return the case numbers in a text as year and serial number ("2026000123"), however they are bracketed."""
    return [year + serial for year, serial in _CASE_NUMBER.findall(narrow(text))]


def _is_all(pattern: re.Pattern[str], text: str) -> bool:
    said = plain(text)
    return 0 < len(said) <= _SHORT and pattern.fullmatch(said) is not None
