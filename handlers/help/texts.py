"""What help says: short, polite Chinese with real examples. Every text is at most 600 bytes."""

from __future__ import annotations

from bot.messages import Kind
from bot.people import Role

_SCHOOL = """直接说进展就行,不用记格式,例如:
·8号到七成了,其他无变化
·T31 消防排查已完成
·体测因下雨没测完,下周三前报
说错了:“更正 T08 75%”或“作废”
要延期:“T08 申请延到12月20日,等配件”
看任务:“台账”“台账 逾期”“台账 T08”
群里请@小督;和机器人小督单聊可发语音。"""

_SECTION = """您可以这样说:
·看牵头和包校的逾期:“台账 逾期”
·看单项汇总:“台账 T08”;看学校:“台账 三小”
·代学校报:“三小的消防排查已完成”
·报本股室进展:“T15 已完成”
·说错了:“更正……”或“作废”
·负责人绑定群:在群里发“@小督 绑定本群 群名”
群里请@小督;和机器人小督单聊可发语音。"""

_CLERK = """您可以这样说:
·全区逾期:“台账 逾期”;单项汇总:“台账 T08”
·看某单位:“台账 三小”
·代录进展:“三小的消防排查已完成”
·更正或撤回自己报的:“更正……”“作废”
·绑定群:在群里发“@小督 绑定本群 群名”,再把推送地址私信给我
群里请@小督;和机器人小督单聊可发语音。"""

_LEADER = """您可以这样问:
·全区逾期:“台账 逾期”
·单项汇总:“台账 T08”
·某个单位:“台账 三小”
每周的分管工作周报会私信您。群里请@小督;和机器人小督单聊可发语音。"""

_OTHER = """您可以发“台账”看本单位的任务。需要其他帮助请联系局办公室。"""

_BY_ROLE = {
    Role.PRINCIPAL: _SCHOOL,
    Role.REPORTER: _SCHOOL,
    Role.SECTION_HEAD: _SECTION,
    Role.SECTION_STAFF: _SECTION,
    Role.CLERK: _CLERK,
    Role.LEADER: _LEADER,
}

NOT_UNDERSTOOD = "这句没弄明白,没有登记。有进展直接说就行,例如:T08 70%,月底前完成;发“帮助”看更多。"
TYPE_PLEASE = "语音没有听清,请打字发给我,例如:T08 70%,月底前完成。"
SAY_PLEASE = "收到,但小督看不懂图片和文件。请用一句话说明进展,例如:T08 已完成,验收单已存档。"
NOT_NEEDED = "位置和链接小督用不上,没有登记。有进展请用一句话说,例如:T08 70%。"
CARD_GONE = "这张卡片已失效,没有登记。请直接用一句话说进展,例如:T08 70%。"

BY_KIND = {
    Kind.TEXT: NOT_UNDERSTOOD,
    Kind.VOICE: NOT_UNDERSTOOD,
    Kind.MIXED: NOT_UNDERSTOOD,
    Kind.IMAGE: SAY_PLEASE,
    Kind.VIDEO: SAY_PLEASE,
    Kind.FILE: SAY_PLEASE,
    Kind.LOCATION: NOT_NEEDED,
    Kind.LINK: NOT_NEEDED,
    Kind.CLICK: CARD_GONE,
}


_COMPLAIN = "\n要投诉举报:私聊我说“我要投诉……”,保密,可不署名。"
_CASES = "\n投诉办理(私聊应用):“投诉”看待办,“办理 123”看原文。"


def guide(greeting: str, role: Role, *, has_cases: bool = False) -> str:
    """Help for one person: greeting, what the role may say, with examples.

    has_cases: the person has to do with complaints, by a role in them or by being on duty.
    """
    cases = _CASES if has_cases else ""
    return f"{greeting}好,我是小督。{_BY_ROLE.get(role, _OTHER)}{_COMPLAIN}{cases}"
