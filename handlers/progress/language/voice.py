"""How a clause is meant: as a claim that may be written down, or as a question, a condition, hearsay, an order."""

import re
from enum import StrEnum
from itertools import pairwise

from handlers.progress.language.clauses import Clause


class Voice(StrEnum):
    CLAIM = "claim"
    QUESTION = "question"
    CONDITION = "condition"
    HEARSAY = "hearsay"
    ORDER = "order"
    WISH = "wish"


_QUESTION = re.compile(
    r"请问|请教|咨询一?下|想问|^(?:想|请|麻烦|我想)?问一?下|怎么(?!也|都|着)|如何|什么时候|为什么|为何|为啥|咋(?!也"
    r"|都)|啥时候?|什么(?!的|问题|都|也)|哪[个里儿些天种一](?!.*都)"
    r"|几(?:[号点时]|月份?)|第几"
    r"|多少(?!都|了|也)|谁(?!都|也)|(?P<a>是|能|可|行|要|用|算|对|该|会|需)不(?:需|能|可以?|是|行|要|用|算|对|该|会)"
    r"|是否|有没有|可否|能否|需否"
    r"|(?P<b>[一-龥])不(?P=b)(?<!不不不)(?<!时不时)(?<!动不动)(?<!差不差)"
    r"|(?:吗|嘛\?|么|不|否)$(?<!什么)(?<!怎么)(?<!这么)(?<!那么)|[了过完]没有?$|行吗|对吧$|是吧$|难道|莫非"
)
# One of two: 按90%算还是按人头算, 报60%还是70%, 算完成还是没完成. 家访还是70% only says that nothing changed.
_CHOICE = re.compile(
    r"(?P<verb>按|算|填|报|用|写|要|交|走|统计)[^,。;]{1,14},?还是(?P=verb)"
    r"|[按算填报写是][^,。;还]{0,4}[\d一二三四五六七八九][^,。;还]{0,6},?还是[^,。;]{0,4}[\d一二三四五六七八九]"
    r"|[%成]还是\s{0,2}[\d一二三四五六七八九]"
    r"|(?P<said>[一-龥]{2})了?还是[没不未]有?(?P=said)"
)
_CONDITION = re.compile(
    r"如果|假如|假若|倘若|若(?!干|非|无其事)(?:是|能|不|没|有|雪|雨|天|顺利|资金|厂家|批)|(?<!主)(?<!只)要是(?!求)"
    r"|只要|一旦|除非|万一|但凡|哪怕|即使|(?<!似)的话$"
)
# 如无意外 promises; it does not set a condition.
_HEDGE = re.compile(r"如无意外|如无特殊|若无意外|如果?没有?(?:什么)?意外|不出意外|如无其他")
_CONSEQUENCE = re.compile(r"就|能|会|可以|肯定|保证|马上|立刻|立即|争取|估计|应该|才|早")
_HEARSAY = re.compile(
    r"听说|据说|传言|传闻|听人说|有人说|听.{1,4}说|(?<!数)据传|(?:群里|大家|外面|人家|他们|别人)(?:都|在|里)?(?:说|传"
    r"|讲)|风闻|道听途说"
)
_WISH = re.compile(
    r"(?:要能|要是|能|可以)[^,。;]{1,16}就好了|该有?多好|多好[啊呀]?$|好想(?!法)|但愿|希望|真想|祈祷|盼着?|恨不得|巴不得|做梦|梦[见到里]|想象|幻想|恭祝|祝(?!贺)|求求|早日"
)
_ORDER = re.compile(
    r"请(?:各|大家|有关|相关|未|没|尽快|抓紧|务必|按时|按期|按要求|及时|速|于|认真|做好|将|把|贵|你|报送|上报|填|补报"
    r"|通知|转|高度|立即|组织|对照|参照|严格)|务必|各(?:校|园|单位|学校"
    r"|股室|位(?!领导|老师|同事)|中小学|幼儿园|责任|部门|科室)[^。]*(?:请|要(?!求)|须|抓紧|尽快"
    r"|[日号底天月周一二三四五六]前|按(?:要求|时)|认真|做好|注意|严格|自行|截止|立即|把|将"
    r"|报(?:送|到|给|来|至))"
    r"|(?:没|未|尚未|还没)[报交填完传上成]{1,3}的|@所有人|大家(?!都|已|好|辛苦)|(?<![急舍恨了记])不得(?!不|了|已)"
    r"|严禁|一律|逾期|限[期时于]|别忘|不要忘|记得"
    r"|(?<!谢谢)(?<!感谢)提醒(?:大家|各)|^(?:重要|紧急|会议)?(?:通知|公告|提醒)$|(?:股|办|室|中心|局)提醒|特此通知"
    r"|现通知|的通知"
)
_SECTION_ORDER = re.compile(
    r"抓紧|尽快|必须|要求|截止|(?<![邀聘申])请(?![的了来到过假示])|催|赶紧|速报|加快|及时(?:报|上报|反馈)|上报一下|报一下|(?<![没未])(?:报上来|交上来|补上来)|(?:下班"
    r"|点)前(?:报|交|反馈|上报)(?!了|送了)|前(?:报|交|反馈|上报|报送"
    r"|发)(?:到|至|给|送)?[一-龥]{0,4}(?:股|办|室|中心|邮箱|群|我)"
)
# 帮龙泉中学报一下: the writer stands in for a unit and orders nothing.
_STAND_IN = re.compile(r"(?:我|这里|这边|我们|再|顺便|也)*[帮替代给]某+(?:的|那边)?[报说填回转]")


def voices(clauses: list[Clause], *, from_section: bool, mentions: set[str]) -> list[Voice]:
    """The voice of each clause. `mentions` are the names in the text: X的话 about a name sets a topic, no condition."""
    found = [_alone(clause, from_section, mentions) for clause in clauses]
    for index, (before, clause) in enumerate(pairwise(clauses), 1):
        if clause.text.startswith("还是") and _CHOICE.search(f"{before.text},{clause.text}"):
            found[index - 1 : index + 1] = [Voice.QUESTION] * 2
    for index, voice in enumerate(found):
        if voice is Voice.CONDITION:
            _spread(clauses, found, index)
    return found


def _alone(clause: Clause, from_section: bool, mentions: set[str]) -> Voice:
    text = clause.text
    if _STAND_IN.match(text):
        return Voice.CLAIM
    if _is_condition(text, mentions):
        return Voice.CONDITION
    if clause.mark == "?" or _QUESTION.search(text) or _CHOICE.search(text):
        return Voice.QUESTION
    if _HEARSAY.search(text):
        return Voice.HEARSAY
    if _WISH.search(text):
        return Voice.WISH
    if _ORDER.search(text) or (
        from_section and _SECTION_ORDER.search(text) and not re.search(r"已|正在|我[们股室办]", text)
    ):
        return Voice.ORDER
    return Voice.CLAIM


def _is_condition(text: str, mentions: set[str]) -> bool:
    if _HEDGE.search(text) or not _CONDITION.search(text):
        return False
    topic = text.removesuffix("的话")
    return (
        topic == text
        or not any(topic.endswith(name) for name in mentions)
        or bool(re.search("如果|(?<!主)要是|只要", text))
    )


def _spread(clauses: list[Clause], found: list[Voice], index: int) -> None:
    """A condition rules the rest of its sentence, and what was promised just before it."""
    sentence = clauses[index].sentence
    for other, clause in enumerate(clauses):
        if clause.sentence == sentence and (other > index or _CONSEQUENCE.search(clause.text)):
            found[other] = Voice.CONDITION
