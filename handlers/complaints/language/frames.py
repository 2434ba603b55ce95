"""What takes the edge off a dangerous word: figures of speech, drills, mere risks, old and settled matters."""

from __future__ import annotations

import re

from handlers.complaints.language.model import DangerKind

# So far around a sentence signs of today are looked for.
_NEAR = 120
_BESIDE = 16

# Words that harm nobody, blanked before anything is looked for.
FIGURES = re.compile(
    r"(?:气|笑|累|困|热|冷|饿|急|烦|吓|难过|恶心|丑|忙|渴|羡慕|贵|爱|坑|卷|晒|冻|吵|堵|挤|无聊|尴尬|帅|美"
    r"|可爱|疼|痛|痒|难|社|撑|慌|心疼)死"
    r"(?:我|人|个人|了|宝宝)?|气死个?人|(?:多得?|得)?要死(?:要活)?(?!了算)|要了?.{0,7}的?命(?!运)|命都?快?没了?"
    r"|出人命|没命[地的]|拼命|跑断腿|杀鸡儆猴|杀鸡焉用|杀猪盘|血洗|血本|血汗|血压|血型|血糖|抽血|验血|贫血"
    r"|献血|血亏|鸡血|心血|热血"
    r"|想死(?=你|您|他们|她们|它|我了|我啦|老师|幼儿园|学校|家|妈|爸|同学|那|这|小朋友|宝贝)|疯了|作死"
    r"|该死|找死|死活|死板|死记|死角"
    r"|死命|死机|死循环|死党|死心|装死|玩死|死也不|死不承认|死了好多次|往死里学|学死|去死吧?哈|杀价|杀毒"
    r"|杀菌|杀虫|杀青|杀手锏"
    r"|自杀式|跳楼价|跳楼大甩卖|跳楼机|爆炸式|爆炸性|难到爆炸?|信息爆炸|爆炸头|打爆|火爆|燃爆|爆满|爆款"
    r"|割韭菜|失踪人口|触电般|触电的感觉"
    r"|火灾隐患|火灾报警器|嗓子.{0,3}冒烟|急得冒烟|嗓子冒烟|扎心|轻伤不下火线|有毒吧|有毒啊|网红|吐血|吐槽"
    r"|喷血|心在?滴血|放血"
    r"|大出血(?=价|甩卖)|打死也|打破(?:纪录|记录|常规|砂锅|僵局)|打了?鸡血|打脸|打工子弟|一刀切|刀子嘴"
    r"|刀削面|打断(?:别人|老师|话|发言|了?我的?话)"
    r"|水深火热|火烧眉毛|热火朝天|红红火火|着急上火|上火|发火|恼火|同归于尽哈|触目惊心|痛打落水狗|消失在"
    r"|失联群|神经病|精神病"
    r"|(?:伤心|开心|高兴|尴尬|郁闷|麻烦|难受|脏|臭|美|香|好看|难看|好吃|难吃|慢|羞|想念|委屈|后悔|激动|感动|无语)死"
    r"|(?:杀死|谋杀|秒杀)了?(?:我们?)?的?(?:手机|相机|钱包|周末|睡眠|脑细胞|内存|时间|童年|比赛|一切)"
    r"|(?:原地|当场)(?:去世|升天|爆炸)|(?:像|仿佛|如同|好比|犹如)(?!是)[^。,]{1,12}(?:一样|似的|一般)"
    r"|(?:卷|忙|压|逼)得[^。,]{0,6}喘不过气来?|摸了?摸?(?:孩子|我|他|她|学生|女儿|儿子|小朋友)?的?小?(?:头(?!发下)|脑袋|脸蛋|小手)"
    r"|(?:家长|群|老师|全班|心态|脑子|头)[^。,]{0,4}炸了|(?:考|搞|演|办)砸了?|砸锅|累倒了?|炸锅"
    r"|[拿用](?:菜|水果)?刀切(?:菜|水果|西瓜|蛋糕|肉)|打死我(?:的|了)?[^。]{0,4}(?:哈哈|嘿嘿|嘻嘻)|烟囱[^。,]{0,4}冒[黑白浓]?烟|(?:激动|高兴|开心|感动|羡慕)[^。,]{0,2}得?我?(?:差点|快要?|都要)(?:晕|昏|窒息)(?:过去|倒)?"
    r"|(?:猫|狗|鱼|鸡|兔子?|乌龟|仓鼠|蚕|花|树|草|虫|宠物)(?:宝宝)?(?:全|都|也|昨天|今天)?死(?:了|掉|光)|死了[^。,]{0,4}(?:鱼|花|树|草|虫|鸡)"
    r"|(?:香|感动|美|好吃|帅|甜|尴尬|无聊|激动|可爱|好笑|震撼|幸福)[到得](?:我|人|让人)?[^。,]{0,4}(?:昏迷|窒息|晕厥|晕倒|抽搐|休克)"
    r"|(?:癫痫|哮喘|过敏|心脏病)(?:病)?(?:史|药|患者|体质)|诈骗电话[^。,]{0,16}"
    r"|打了?个?(?:最)?[低高满零]分|考试?中?跳楼|鬼压床|笑掉.{0,3}牙|咬牙|咬紧牙关|撞衫|撞脸|撞名|撞车(?=了.{0,3}时间)|时间.{0,3}撞车"
)

_TITLE = re.compile(r"《(?![^》]{0,20}(?:遗|绝笔|预案|方案|通知|手册|教案))[^《》。]{1,24}》")

# What stands right before or behind a word of a lesson, a rule or a plan.
_LESSON_BEFORE = re.compile(
    r"(?:防范?|预防|防止|防治|严防|杜绝|远离|拒绝(?!送|救|处理|赔|承认|道歉|报警|治)|反对|禁止|严禁|避免"
    r"|珍爱生命|谨防|治理|整治|抵制|警惕|未发生"
    r"|没有发生|零发生|以防|假设|模拟)[^。]{0,6}$"
)
_LESSON_AFTER = re.compile(
    r"[^。]{0,8}(?:教育(?!局|部|系统|厅)|课程|讲座|宣传|培训|演练|演习|知识|预防|防治|干预|热线|情节"
    r"|应急预案|专题|主题班会|班会|手册|案例"
    r"|警示|公益|专项|工作方案|工作总结|工作会|自救|急救|条例|规定)"
)
# A whole sentence with one of these tells of a drill or a notice; the others only right beside a word.
_LESSON = re.compile(
    r"演练|演习|模拟|培训(?!班|机构|中心|学校)|教育(?:课|片|活动|周|日|月|主题)|主题班会|专项行动|预案"
    r"|防溺水|防性侵|防欺凌|防触电|防火|防诈"
    r"|应知应会|责任书|承诺书|告知书|关于.{1,30}的通知|^,?通知|科普|研修|课题|心肺复苏"
)
_LESSON_NEAR = re.compile(r"讲座|宣传|班会|手册|课件|自查|排查|试题|作文|课文|小说|话剧|剧情|情节|报销|题目|知识")
# What a child writes of itself is no lesson.
_WROTE = re.compile(r"(?:孩子?|娃|女儿|儿子|他|她|学生|同学|我)[^。]{0,10}(?:作文|周记|日记|本子)[^。]{0,6}(?:写|说)")
_SPORT = re.compile(r"决赛|联赛|比分|球赛|比赛|羽毛球|篮球|足球|乒乓|排球|对手|晋级|棋|辩论|电竞|王者|游戏")
_MEANT = re.compile(r"堵|拖|按在|刀|棍|不给|威胁|围着|扇|耳光|被他们打|掐|揍|不然|见一次")
_UPKEEP = re.compile(r"检修|维修|检查|漏水|清理|施工|防水|安装|晾|种菜|太阳能")
_FEARED = re.compile(r"(?<![害可好])怕|万一|容易|可能会|担心|以防|免得")
_ELSEWHERE = re.compile(
    r"新闻|报道|解剖|实验课本|影片|[战剧]片|镜头|外地(?=学校|一|某|有|的)|别的(?:县|市|学校|地方)"
    r"|隔壁(?:镇|县|市|区)|某地"
    r"|某校|网上[说看传]|电影|电视|短剧|动画|小说|话剧|游戏里|书里|故事|抖音上|(?:海报|歌词)|首诗|诗歌|诈骗|骗子"
)
_RISK_BEFORE = re.compile(
    r"(?:万一|要是|如果|假如|迟早|早晚|总有一天|真要|真的?要是|哪天|会不会|不怕|(?<![害可好])怕|别等|等到|非要等|难道要"
    r"|一旦|容易|极易|可能会|很?可能导致"
    r"|担心|随时会|随时可能|说不定|总担心|就怕|谁敢保证|存在|以免|免得|省得)[^。,]{0,14}$"
)
# Of a threat these are the condition, and make it no lesser one.
_CONDITION = re.compile(r"(?:要是|如果|一旦|哪天|会不会|真的?要是?|等到|谁敢保证)[^。,]{0,14}$")
_MIGHT = re.compile(
    r"万一|迟早|早晚(?:要|会|得)|总有一天|存在[^。]{0,6}隐患|建议|请问(?![^。]{0,6}(?:怎么办|找谁))|希望(?:能|学校|尽快)"
)
_ABSENT = re.compile(r"没|不见|找不|联系不|关机|打不通|天黑|不知")
_RISK_AFTER = re.compile(r"[^。,]{0,4}(?:的?(?:危险|风险|隐患)|怎么办|往哪跑|谁负责|谁来负责|了才)")
_PAST = re.compile(
    r"去年|前年|大前年|[几两三四五六七八九十\d]年前|多年前|以前|曾经|曾|那年|小时候|前几年|上学年|往年"
    r"|当年|早年|上辈子|[前上]学年"
)
_STILL = re.compile(
    r"现在还|到现在|至今还|今年又|又被?|还在|一直在?打|经常|天天|今天|刚才|刚刚|昨天|昨晚|最近|这几天|这周|本周"
)
_SETTLED = re.compile(
    r"(?:处理|解决|调解|协调|化解|平息)(?:好了|得很|得不错|完毕|完了|妥|妥当|到位)|已(?:经)?.{0,6}(?:处理"
    r"|解决|调解|康复|出院|痊愈|返校|找到"
    r"|办结|结案|平安|脱险|处置)|(?:找到了|找回来?了?|找着了|安全到家|平安回家|回来了(?!.{0,4}(?:说|身)))"
    r"|都?(?:出院|康复|痊愈)了?"
    r"|没事了|没什么事|没啥事|没有大碍|没大碍|无大碍|虚惊|平安无事|全部返校|没受伤|没有受伤|未受伤"
    r"|无人员?受伤|无人员伤亡|无人受伤|和好了|(?:早就?|已经|现在都?|全都?|全)好(?:了|利索)|退烧了?(?:上|了)"
    r"|活蹦乱跳|缓过来了|脱离危险了|歇一会儿?就好|已经接到|接到(?:人|孩子|她|他)?了|原来(?:是)?在|后来一问|已经散了|没影响到|安全到(?:校|家)|都安全"
    r"|(?:第一时间|及时|全程)[^。]{0,24}(?:感谢|谢谢|表扬|点赞|致谢|暖心)|(?:感谢|谢谢|表扬|点赞|致谢)[^。]{0,24}(?:第一时间|及时|多亏|连夜)"
)
_THANKS = re.compile(r"谢谢|感谢|多谢|表扬|点赞|锦旗|感恩")
_UNSETTLED = re.compile(
    r"没回来|没回家|没到家(?!急)|不见|没找到|还没(?!到家急)|没.{0,4}(?:处理|解决|人管|说法)|不处理|拒绝|但是?|可是|不过|却|反而|又(?!快|好)|还在|仍|依然|要求"
    r"|投诉|举报|请.{0,4}查|严惩|不能接受|敷衍|大事化小|隐瞒|瞒"
    r"|假装|糊弄|说.{0,4}处理好|不肯|救救|求"
)
# What begins another matter behind one that is over.
_ANEW = re.compile(r"另外|还有(?!点)|今天|刚才|刚刚|这次|昨[天晚]|这回|第二")
_HARM_NOW = re.compile(
    r"流血|昏迷|送医|受伤|住院|抢救|救命|快来|报警|真的(?:着|起|有|出|发)|没有?呼吸|没有?意识|刚才|刚刚"
    r"|求求|急诊|人不见|打120|打119|打110|死了|死亡|骨折"
)


def blank_titles(raw: str) -> str:
    """Blank the titles of books, poems and plans; the length stays."""
    return _TITLE.sub(lambda found: "☐" * len(found.group()), raw)


def is_lesson(text: str, sentence: tuple[int, int], start: int, end: int) -> bool:
    """Whether the word at start:end is a subject taught, practised, forbidden or reported from elsewhere."""
    before, after = text[max(sentence[0], start - 16) : start], text[end : min(sentence[1], end + 20)]
    if _LESSON_BEFORE.search(before) or _LESSON_AFTER.match(after):
        return not _HARM_NOW.search(text[sentence[0] : sentence[1]])
    said = text[sentence[0] : sentence[1]]
    if _HARM_NOW.search(said) or _WROTE.search(said):
        return False
    beside = text[max(sentence[0], start - _BESIDE) : min(sentence[1], end + _BESIDE)]
    return bool(_LESSON.search(said) or _ELSEWHERE.search(said) or _LESSON_NEAR.search(beside))


def is_risk(text: str, sentence: tuple[int, int], start: int, end: int, kind: DangerKind) -> bool:
    """Whether the harm at start:end is only feared; a condition makes a threat no less, nor worry an absence."""
    is_threat, is_missing = kind is DangerKind.VIOLENCE, kind is DangerKind.MISSING
    before, after = text[max(sentence[0], start - 24) : start], text[end : end + 12]
    if is_threat and _CONDITION.search(before):
        return False
    if not is_threat and _FEARED.search(text[start:end]):
        return True
    if is_missing and _ABSENT.search(text[start:end]):
        return False
    return bool(_RISK_BEFORE.search(before) or _RISK_AFTER.match(after))


def is_feared(piece: str) -> bool:
    """Whether a piece asks what might happen, or says that something will one day."""
    return bool(_MIGHT.search(piece))


def is_past(text: str, sentence: tuple[int, int]) -> bool:
    """Whether a sentence tells of former years and nothing of today."""
    said = text[sentence[0] : sentence[1]]
    return bool(_PAST.search(said)) and not _STILL.search(text[max(0, sentence[0] - _NEAR) : sentence[1] + _NEAR])


def settled(text: str) -> list[tuple[int, int]]:
    """Return the places where the message itself says that a matter is over; none if it also complains of the end."""
    if _UNSETTLED.search(text):
        return []
    return [found.span() for found in _SETTLED.finditer(text)]


def is_settled(text: str, over: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether the matter told at start:end is over by one of the places that settled gives, and is no new one."""
    for low, high in over:
        if high <= start and start - high <= _NEAR and not _ANEW.search(text[high:start]):
            return True
        if low >= end and low - end <= _NEAR and not _ANEW.search(text[end:low]):
            return True
        if low < end and high > start:
            return True
    return False


def is_thanks(text: str) -> bool:
    """Whether anybody is thanked."""
    return bool(_THANKS.search(text))


def is_game(text: str, sentence: tuple[int, int]) -> bool:
    """Whether a sentence tells of a match, where people beat one another."""
    said = text[sentence[0] : sentence[1]]
    return bool(_SPORT.search(said)) and not (_HARM_NOW.search(said) or _MEANT.search(said))


def is_upkeep(text: str, sentence: tuple[int, int]) -> bool:
    """Whether people are on a roof to mend it."""
    return bool(_UPKEEP.search(text[sentence[0] : sentence[1]]))
