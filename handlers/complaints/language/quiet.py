"""What a message itself says against a danger: that nobody was harmed, that it is a joke, a rumour or a thing lost."""

from __future__ import annotations

import re

from handlers.complaints.language.model import DangerKind
from handlers.complaints.language.told import CHILD

_LAUGH = re.compile(
    r"哈哈|嘻嘻|嘿嘿|hhh|[😂🤣😆😄😅😜😝🙈🐶]|狗头|doge|(?<!是)(?<!说)开(?:个)?玩笑|玩笑话|说着玩", re.IGNORECASE
)
_TRIFLE = re.compile(
    r"作业|题|数学|英语|语文|物理|化学|考|课|早起|网速|系统|排队|报名|抢|热|冷|食堂|饭|体测|跑|卷|背书|作文|单词|歌|放假|开学|假期|堵|运动会|军训|游戏"
)
_GRAVE = re.compile(
    r"没人(?:理|管|救|要|跟)|孤立|欺负|打我|打他|打她|药|割|遗|再见|站在|半夜|救救|哭|抑郁|自残|流血|刀|他们|她们|楼顶|天台|窗台|爸|妈妈|今晚|不敢|害怕|难受"
)
_UNHARMED = re.compile(
    r"(?:没有?|未|无)(?:再)?(?:砸|伤|碰|压|撞|摔|烫|咬|打|炸|死|刮|扎|绊|滑倒|摔倒|误伤)[到着伤中过]{0,2}(?:任何|一个)?(?:人(?!家)|孩子|学生|谁|小朋友)"
    r"|(?:没有?|无)(?:一个)?人(?:员)?(?:受伤|掉|摔|伤|滑|经过|触电|溺水|落水|烫|烧|晕|倒|死|在场|出事|被砸|被打|打|欺负|被欺负|中毒|被困|有事|拉肚|吐|不舒服|生病|发烧|不适)"
    r"|没有一[个例](?:人|学生|孩子)?(?:拉|吐|发烧|不舒服|生病|中毒|受伤|被)|(?:还|暂时|目前|从来?|倒是)没有?(?:掉|砸|塌|倒|伤|咬|发生|着(?:火|起)|出过?(?:事|问题|意外))"
    r"|没出过?(?:什么|大)?(?:事|问题|意外)|(?:没|无)伤亡|没(?:有)?不良反应|没红没肿|没有?谁[^。,]{0,4}(?:打|伤|欺负|动手)|(?:没有?|未)(?:蛰|蜇|咬|砸|烫|摔|伤|碰|撞)(?:到|着|伤)(?=[。,]|$)|没(?:有)?被(?:人|老师|同学|他|她)?[打欺扇踢]|(?:没有?|未)受(?:到)?(?:任何|什么)?伤|没动手|没有动手|差(?:一)?点(?:就)?(?:碰|烫|撞|砸|摔|掉|滑|绊|压|刮)(?!.{0,8}(?:血|伤|肿|医院|哭))"
)
_HARMED = re.compile(
    r"流血|出血|昏|送医|医院|(?<!没)(?<!没有)(?<!人)(?<!未)(?<!员)受(?:了)?伤|住院|抢救|骨折|晕|叫不|缝|肿|淤|紫|120|救护|但是?我|可是?我|除了|被打|打了我|打我"
)
_RUMOUR = re.compile(
    r"造谣|听说[^。]{0,24}(?:真的吗|真的假的|是不是真)|假消息|瞎编|都在传(?:说|有|我们|[一二三四五六]中|[一二三四五六]小)|网传[^。,]{0,2}|网上传|澄清|离谱的?(?:话|传言)|不是我们(?:学校|园|班)的|谣言|辟谣|谣传|传言|没有?这回事|没有的事|子虚乌有|假消息|不实(?:信息|消息|传言)|别(?:再)?(?:瞎|乱|往外)?(?:传|转)了?|不知道?(?:是)?真(?:的)?(?:还是)?假"
)
_HUSHED = re.compile(
    r"(?:老师|学校|校长|他们|园长|园方|校方|班主任|主任|园里|教练|宿管)[^。,]{0,8}(?:说|讲|让|叫|要求|威胁|不[许准让])?[^。,]{0,8}(?:造谣|谣言|没有?这回事|没有的事|别(?:再)?(?:瞎|乱|往外)?[传转])"
    r"|不是(?:谣言|造谣)|说我造谣"
)
_LOST = re.compile(r"快递|书还?没|东西|钥匙|手表丢|书包|水杯|水壶|材料|文件|档案|手机丢|证")
_CHILD = re.compile(CHILD + r"|人")
_MOURNED = re.compile(
    r"(?:爷爷|奶奶|外公|外婆|姥姥|姥爷|老人|亲人|太公|太婆|爸爸?|妈妈?|父亲|母亲|丈夫|爱人|老伴)[^。,]{0,8}(?:去世|过世|病逝|死亡|死了)|奔丧|丧假|丧事|单亲"
)
_MURDERED = re.compile(r"杀|打|被|自杀|楼")
_ALONE = re.compile(r"(?:就|只有?)(?:他|她|我家|我娃|孩子)?一个(?:人)?(?=[。,]|$|拉|吐)")
_STAGED = re.compile(r"模拟|扮演|假设|道具|假装|演的?是|饰演|排练|剧里|戏里|舞台|演得|演中")
_REAL = re.compile(r"真的|住院|送医|骨折|救护|急诊|120|医院|不小心")


def is_joke(raw: str, kind: DangerKind) -> bool:
    """Whether a laugh goes with a trifle, so that wanting to die is a way of speaking. raw: as typed."""
    if kind not in (DangerKind.SELF_HARM, DangerKind.ACUTE) or not _LAUGH.search(raw):
        return False
    return bool(_TRIFLE.search(raw)) and not _GRAVE.search(raw)


def is_harmless(text: str, sentence: tuple[int, int], kind: DangerKind) -> bool:
    """Whether the sentence says that nobody was harmed, that it is a rumour, staged, or about a thing or a mourning."""
    said = text[sentence[0] : sentence[1]]
    if _RUMOUR.search(said) and not _HUSHED.search(said):
        return True
    if kind is DangerKind.MISSING:
        return bool(_LOST.search(said)) and not _CHILD.search(said)
    if kind in (DangerKind.SEXUAL, DangerKind.SELF_HARM):
        return False
    if _STAGED.search(said) and not _REAL.search(said):
        return True
    if kind is DangerKind.ILLNESS and _ALONE.search(said):
        return True
    if kind is DangerKind.ACUTE and _MOURNED.search(said) and not _MURDERED.search(said):
        return True
    return bool(_UNHARMED.search(said)) and not _HARMED.search(_UNHARMED.sub("", said))
