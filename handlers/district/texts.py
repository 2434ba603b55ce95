"""What binding a group says: short, polite Chinese for a phone. The push address itself is never repeated."""

from __future__ import annotations

from collections.abc import Sequence

_EXAMPLE = "例如:@小督 绑定本群 人事股包校群"
_MOST = 6

ONLY_IN_GROUP = f"请在要绑定的群里发,{_EXAMPLE}。"
MAY_NOT = "抱歉,绑定群只能由股室负责人或局办公室同志操作,请与他们联系。"
WHICH_GROUP = f"请写上群名或单位名,{_EXAMPLE}。"
UNKNOWN_GROUP = f"群名单里没有找到这个名称。请写全称再试,{_EXAMPLE};新的群请先由局办公室导入名单。"
NO_REQUEST = f"收到一个推送地址,但现在没有等待绑定的群。请先在群里发,{_EXAMPLE}。地址没有保存。"
ADDRESS_IN_GROUP = "推送地址请不要发在群里(知道地址的人都能往群里发消息)。建议在群机器人设置里重新生成,再私信发给小督。"
TEST = "本群已绑定小督:督导提醒会发到这里,有进展请@小督直接说。"


def may_not_bind(name: str) -> str:
    """Refuse a section head who is no member of the group."""
    return f"抱歉,“{name}”只能由本群的股室负责人或局办公室同志绑定。"


def which(names: Sequence[str]) -> str:
    """Ask for one of several groups."""
    listed = "、".join(f"“{name}”" for name in names[:_MOST])
    rest = f"等{len(names)}个" if len(names) > _MOST else ""
    return f"有几个群相近:{listed}{rest}。请@小督 再发一次“绑定本群”加完整群名。"


def did_you_mean(name: str) -> str:
    """Offer the one group that a name is like, without binding it."""
    return f"没有这个群名。是“{name}”吗?是的话请发:@小督 绑定本群 {name}"


def bound(name: str, freed: str | None, *, has_address: bool) -> str:
    """Say in the group that the robot knows it now."""
    was = f"(原先绑定的“{freed}”已解除)" if freed else ""
    then = "推送地址已有,绑定完成。" if has_address else "还差推送地址,请看小督的私信。"
    return f"已记下:本群是“{name}”{was}。{then}"


def give_address(name: str, *, has_address: bool) -> str:
    """Ask in private for the push address."""
    if has_address:
        return f"“{name}”的推送地址已有。要更换的话,24小时内把新的地址发给我即可;不换就不用理会。"
    return (
        f"请把“{name}”的推送地址发给我(24小时内有效):群设置→消息推送(群机器人)→添加“督导通知”→复制Webhook地址,"
        "粘贴在这里。地址会加密保存,不会再显示。"
    )


def stored(name: str) -> str:
    """Say that the address is kept and tested."""
    return f"“{name}”的推送地址已加密保存,并已发一条测试消息。群里没收到的话,请核对后把正确的地址再发一次。"
