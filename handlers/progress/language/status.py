"""What one clause says about the state of the work, by its words alone."""

import re
from dataclasses import dataclass

# Verbs of the work a task may consist of; with 完/好/了 they claim it.
_ACT = "签报交查测传填核走开训做弄搞改修装验访写谈录收发评推选审排检办建拆贴挂讲学上换清整训补造填印"
_DO = (
    r"完成|完毕|完结|完工|竣工|办结|办妥|销号|闭环|清零|归零|收官|结项|结案|搞定|齐了|报齐|签齐|交齐|收齐|补齐|全覆盖"
    r"|全部覆盖|妥了|办理完"
    r"|结束|到位(?!置)|落地|覆盖到位"
    rf"|[{_ACT}]完(?!成)(?:毕|了|啦)?|[{_ACT}]毕|(?:[{_ACT}]|搞)好(?:了|啦)|[{_ACT}]妥(?:了)?|期满"
    rf"|满[\d一二两三四五六七八九十]+个?(?:工作)?[日天]"
    rf"|[做弄搞干办]了(?=$|[,。;!啦呢呀哦~\s])"
)
_OBJECT_ACT = (
    r"签订|签署|签|核对|核查|核验|排查|检查|自查|自评|整改|改|上报|申报|报送|填报|报|提交|上交|交|上传|传|发放"
    r"|发(?!现)|到账|验收|验|解决|化解|消除|"
    r"劝返|办理|测试|测|评|分析|召开|开(?!展|始|工|放|启|设|通)|处置|处理|走访|访|培训|训|录入|录|覆盖|达标|落实|公布"
    r"|公示|推荐|上墙|征集|送教|研讨|安装|查"
)
_AMOUNT = (
    r"(?!\s*(?:了|到|过)?\s*(?:约|大概|近|大约|不到|过|超过)?\s*(?:[\d□一二两三四五六七八九十百几]|半|大?部分|多半"
    r"|一些|若干))"
)
DONE = re.compile(
    rf"(?:{_DO})"
    rf"|(?:已经?|均已?|都已?|全部?已?|全都?|早就?|刚刚?)(?:经)?(?:全部|全都|都|均|全|按时|按期|按要求|如期|顺利"
    rf"|也)*(?:{_OBJECT_ACT})(?!中|不|表|率|会上|渠道|点"
    rf"|组|口){_AMOUNT}"
    rf"|(?:{_OBJECT_ACT}|开展)完(?:毕|成|了)?|(?:{_OBJECT_ACT}|■)(?:好|完)(?:了|啦|毕)|(?:全部|均已?|都已?"
    rf"|全都)(?:经)?开展|(?:已经?|均|都|全部"
    rf"|顺利)通过|通过(?:了|$|(?=,))"
    rf"|(?:签|报|交|传|填|查|测|改|验|办|发|核|评|{_OBJECT_ACT})了(?=$|[,。;!啦呢呀哦~\s的])"
    r"|(?:全部|都|均)(?:都|已)?(?:合格|达标|正常|过关|到齐)|(?:验收|检查|核查|抽查)合格|[✅☑✔√💯]|(?:ok了"
    r"|(?:[搞都全已弄])ok|(?<![a-z])done(?![a-z]))"
    r"|没问题了|没有问题了|无遗留"
)
_OWN = "签报交查测传填核走训做弄搞改修装验访写谈录评选审排检贴挂印整"
_NOT = (
    r"(?:还|仍|尚|暂|暂时|一直|迟迟|都|至今|目前)?(?:未能|没能|尚未|还未|未|没有|没|无法|没法|不能|来不及|难以|不可能"
    r"|并未|并没有?)"
)
NEGATED = re.compile(
    rf"{_NOT}(?:够|法|全部|完全|全|都|彻底|正式|来得及|按时|按期|如期)*(?:{_DO}|{_OBJECT_ACT}|完|好(?!转)|通过|批下来"
    rf"|[{_OWN}](?!生|校|法|现|到"
    rf"|变))(?!问题)|(?:未|没)■+的?$"
    r"|[做办弄搞干报交签传测查改修填走](?:不完|不了|不成|不出来|不上去?|不动)|完不成|完成不了|^还没(?:有|呢"
    r"|完)?[呢啊呀]?$|^没有?呢$|^还早|赶不[上出完]"
)
_START = r"启动|开始|开工|动工|开展|着手|动(?!员|态)|实施|进行|起步|动手|动笔|动起来|安排|部署|铺开|上手"
NOT_STARTED = re.compile(
    rf"(?:还|尚|仍|暂|都|至今|一直|压根)?(?:未|没有?)(?:正式|真正|能|来得及|顾得?上|怎么)*(?:{_START})(?!完)"
    r"|零进展|毫无进展|一点(?:都|也)?没(?:动|做|弄|搞)|(?:还|都|一直)没(?:有)?(?:做|弄|搞|干|管)(?=$|呢|呀|啊|,)"
    r"|没顾[得]?上|没腾出|没排上"
    r"|进度为?[零0](?![.%\d]*[1-9])|^[零0]$"
)
_GO_ON = r"往下|继续|推进|进行|开展|弄|搞|干|做|动(?!用)|实施|推动|往前"
BLOCKED = re.compile(
    rf"停工|停摆|停滞|停下来|停了|暂停(?!服务|键)|叫停|搁置|搁浅|卡住|卡死|卡壳|卡着|卡在|僵住|僵在|(?:弄|搞|做|干|推"
    rf"|进行|开展|推进|走|施工)不下去|推不动|推进不(?:了|动|下去)"
    rf"|(?:没法|无法|不能|没办法)(?:再|正常)*(?:{_GO_ON})(?:下去)?(?!完)|(?:开展|进行|施工|干|动|实施|推进)不了"
    rf"|动弹不得|陷入停|动不了|被迫停|中断|没法儿?(?:弄|干)"
)
RESUMED = re.compile(
    r"(?:已经?|[昨今前]天|上周|周[一二三四五六日]|现|又)(?:全面)?(?:复工|恢复|重新开|开工|动起来)|(?:复工|恢复施工"
    r"|重新开工|解决)了(?!才)"
)
_PAST = re.compile(r"前期|早前|当时|前阵子?|前段时间|之前|此前|上[周月]|曾经?|一度|那[几阵]")
_WAIT_UNTIL = re.compile(
    r"(?:等|待|需要?|要|必须|得)(?P<what>(?!到)[^,。;月日号年]{1,14}?)(?:之?后)?(?:才|方|再)(?:能|可以?|行|好|往下"
    r"|继续|开始|动工?|开工|施工|验收|发放|上报)"
)
WEAK_BLOCK = re.compile(
    r"没法|无法|没办法|(?<!能)不能(?!按)|[传登报进打录填验测查改签导发交]不(?:上去?|进去?|进|了|开|出来|出去|成)"
    r"|[上下进]不(?:了|去|来)"
)
NOT_APPLICABLE = re.compile(
    r"^(?:无|没有)$|不涉及|不适用|无此[项类]|没有[这此]一?[项类个]|没这[项个]|无(?:需|须)(?:开展|上报|填报|报)"
    r"|不需要(?:开展|上报|填报|报|做)|不在(?:此|本|这)?(?:次)?范围"
    r"|与我[校园们单].{0,2}无关|无相关|没有相关|不存在这"
)
_HAS_NONE = re.compile(r"(?<!还)(?:没有|没|无)■+了?$")
NEARLY = re.compile(
    rf"(?:基本上?|差不多|大体上?|大致|接近|快要?|即将|将近|初步|大部分|大多数?|多数|绝大(?:部分|多数)|就要|眼看就?要?"
    rf"|几乎|主要|总体|大都|陆续)(?:都|已经?|就|要|也"
    rf"|快)*(?:{_DO}|{_OBJECT_ACT}|完|好)"
    r"|差不多了|八九不离十|收尾|扫尾|尾声|尾期|临近(?:完成|结束)|只差|就差|快了|快好了|一部分|部分(?:完成|已)"
    r"|最后阶段|冲刺"
)
UNSURE = re.compile(
    r"好像|似乎|貌似|应该(?:是|都|已|也|快)?(?:已|全|都)?(?:[完签报交查测传做弄])|可能|大概(?:都|已"
    r"|是)?(?:[完签报交查测传做弄])|也许|印象中|没记错|算是"
)
PLANNED = re.compile(
    r"将(?!近)|预计|(?<!按)(?<!照)计划(?!内)|原定|本应|本该|再有[\d一二两三半]|再过|争取|力争|确保|保证|拟(?!定)|打算"
    r"|准备(?!完|好|工作|就绪|齐)|估计|有望"
    r"|会(?=[在于按尽抓完报交继提及马]|全部)|定[在于]|定了?.{1,6}[开召]|下一步|接下来|后续|马上|尽快|抓紧|尽早|必须"
    r"|务必|必[定将]|一定|绝对|最迟|最晚|再(?!次)|即可|就(?:能|可以|报"
    r"|交|会|弄|办|完|传)|(?<![主重需只不还])要(?![求点件闻素害])|(?<![功智性技全才可职不])能(?![源力够手])|可(?:以"
    r"|望)?(?=完|报|交|全)|随后|回头|稍后|待(?!遇)"
)
# Work under way speaks against a claim of completion beside it; mere movement does not.
GOING = re.compile(
    r"正在|还在|仍在|(?<![现实])在(?:改|弄|做|补|办|整改|打磨|修改|推进|进行|核|查|测|签|传|填|报|走|收集|准备|筹备"
    r"|赶|抓紧|陆续|联系|协调|催|施工|安装|调试|完善|开展|组织|汇总)"
    r"|(?:进行|推进|整改|施工|办理|核查|核对|审批|公示|走流程|安装|调试|完善|测试|培训|收集|筹备|整理|走访|签订|协调"
    r"|准备|汇总|修改|打磨|建设|采购)(?:过程)?[当之]?中(?![学小心])|打磨"
    r"|加紧"
)
ACTED = re.compile(
    rf"(?:已经?|均已|都已|全部)[一-龥]|(?:都|均)(?:{_OBJECT_ACT})|(?:{_OBJECT_ACT}|[开做上走写])[了到过]"
    rf"|[好完齐妥]了?(?=$|[,。])|(?:还没|尚未"
    rf"|还未)[一-龥]"
    r"|[一-龥]了[\d一二两三四五六七八九十]|[降减]到|还早|没想好|没头绪"
)
MOVING = re.compile(
    r"有序|稳步|正常|顺利|逐步|陆续|推进(?!不)|已(?:经)?(?:全面|正式)?(?:启动|开始|部署|安排|动工|开工|进场|着手|铺开"
    r"|开展)|启动了|开始了|开工了|在建|跟进|持续|过程中|有进展|进展"
)
REMAIN = re.compile(
    r"其余|其他(?=都|均|全|已)|还有(?!什么|■)|还剩|还差|还缺|剩余|剩下|尚有|尚余|只剩|仅剩"
    r"|剩[\d一二两三四五六七八九十几]|差[\d一二两三四五六七八九十几一最]|除[^,。;■]{1,12}外"
    r"|待(?:整改|处理|核|补|办|完善|验)|缺[\d一二两三四五六七八九十几]"
)
_CLEAR_WHAT = (
    r"隐患|问题|辍学|失学|大班额|超大班|违规|违纪|欺凌|线索|异议|遗漏|差错|错误|误差|漏报|拖欠|体罚|风险|不合格|欠缴"
    r"|疑似|个案"
)
CLEARED = re.compile(
    rf"(?:没有|无|未发现|没发现|未见|未查[出到]|没查[出到]|不存在|零|0)(?:任何|一[例起个]|明显|新增|发现|重大|安全"
    rf"|什么)*(?:有)?(?:(?!完成|落实"
    rf"|[报交做搞查签改])[一-龥]){{0,4}}?(?:{_CLEAR_WHAT})|(?:没有?|未)(?:发现|查[出到]|见)(?!得|过|到位)"
    rf"|(?:{_CLEAR_WHAT})(?:都|也|已经?"
    rf"|全)*(?:没有了?|没了|为[零0])|(?<=[一-龥■])没(?:什么|啥)?问题(?!了)|无误|零辍学|没有违规"
)
_EVIDENCE = (
    r"材料|照片|图片|佐证|台账|档案|资料|简讯|简报|截图|附件|汇总表|总结|纸质|盖章件?|签到表|影像|扫描件|小结|印证"
)
EVIDENCE_NOTE = re.compile(
    rf"(?:{_EVIDENCE})[^,。;]{{0,8}}(?:补|后补|再交|另报|另交|报上|交上|发|送|传|交|报|整理|上传|完善|归档)|(?:补"
    rf"|再交|上传|整理|报送?|送|发"
    rf"|交)(?:[^,。;]{{0,3}})(?:{_EVIDENCE})"
)
UNCHANGED = re.compile(
    r"(?:无|没有?|没啥|没什么)(?:新的?|任何|啥|什么)?(?:变化|变动|新进展|更新)|(?:都|均|也)?没变|(?:同|跟|和|与"
    r"|照)上(?:次|周|期)(?:一样|相同)?|不变|维持(?:不变|原)"
    r"|还是(?:老样子|上次|原来)|一样没变|保持不变"
)
OPEN_END = re.compile(r"(?:报送|上报|提交|上交|传上去|上传|报上来?|交上来?|报(?!告)|交(?!流|通|接))")
# Acts that bring a task to its end when a day is given for them.
FINISH = re.compile(
    rf"{DONE.pattern}|(?<!汇)报(?!告)|报告|交(?!流|通|接)|上会|完(?!善)|传|验收|提交|结束|到位|形成|收官|送(?!教|货)"
    rf"|搞定|解决|补齐|出结果|清(?!单)|签"
    rf"|[做办弄改修走访查测核]好|全部|落实|整改|公示(?!中)|达标|覆盖|[做弄搞办]出来"
)
# Sessions are held, not finished: only for a task that is such a meeting does this claim it.
HELD = re.compile(
    r"(?:已经?|都|均)(?:经)?(?:按[时期])?(?:召开|开(?:过|完)?)了?(?!展|始|工|放)|(?:召开|开)(?:过|完)了?|开了(?=$"
    r"|[,。])"
)


@dataclass(frozen=True)
class Cues:
    """Which of the patterns a clause holds. `until` is what must come before work goes on: 批复 in 等批复才能开工."""

    done: bool
    negated: bool
    nearly: bool
    unsure: bool
    planned: bool
    acted: bool
    going: bool
    moving: bool
    remain: bool
    not_started: bool
    blocked: bool
    weak_block: bool
    not_applicable: bool
    cleared: bool
    unchanged: bool
    evidence_note: bool


def read(text: str, typed: str) -> Cues:
    """`text` with its percents, dates and names blanked; `typed` with nothing blanked."""
    cleared = bool(CLEARED.search(typed))
    started = bool(NOT_STARTED.search(text))
    wait = _WAIT_UNTIL.search(text)
    halted = bool(BLOCKED.search(text)) and not _PAST.search(typed)
    blocked = halted or bool(wait and "◇" not in wait["what"])
    negated = bool(NEGATED.search(text)) and not started
    return Cues(
        done=bool(DONE.search(text)),
        negated=negated,
        nearly=bool(NEARLY.search(text)),
        unsure=bool(UNSURE.search(text)),
        planned=bool(PLANNED.search(text)),
        acted=bool(ACTED.search(text)),
        going=bool(GOING.search(text)),
        moving=bool(MOVING.search(text)),
        remain=bool(REMAIN.search(text)),
        not_started=started,
        blocked=blocked,
        weak_block=bool(WEAK_BLOCK.search(text)),
        not_applicable=bool(NOT_APPLICABLE.search(text)) or (not cleared and bool(_HAS_NONE.search(text))),
        cleared=cleared,
        unchanged=bool(UNCHANGED.search(text)),
        evidence_note=bool(EVIDENCE_NOTE.search(text)),
    )
