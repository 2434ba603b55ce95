"""Why a case is not taken up, in plain words, with the rule it rests on and the way that is open instead; pure.

Source: complaints reference §3 and §9. A missing name is no reason, so no words stand for it here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sections import Complaints
from handlers.complaints.states import Reason

_PETITION_RULES = "《信访工作条例》第二十二条"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason: short (a button, a list), plain (a sentence to the complainant), basis, path with its contact."""

    short: str
    plain: str
    basis: str
    path: str
    said: str  # a pattern: how officers put it


GROUNDS: Mapping[Reason, Ground] = {
    Reason.REMIT: Ground(
        "不属本局职责",
        "所反映事项不属于教育部门职责范围",
        _PETITION_RULES,
        "请拨打12345政务服务热线,由其转有权处理的部门",
        r"职责|职权|管辖|范围|不归|不属",
    ),
    Reason.OTHER_PATH: Ground(
        "应走法定途径",
        "该事项应当或正在通过诉讼、仲裁、行政复议、信息公开等法定途径解决",
        _PETITION_RULES,
        "请向有管辖权的法院、仲裁或复议机构提出;不清楚找谁可拨打12348法律咨询热线",
        r"诉讼|法院|仲裁|复议|公开|法定途径|起诉",
    ),
    Reason.PETITION: Ground(
        "信访已受理",
        "该事项信访部门已经受理,正在办理",
        _PETITION_RULES,
        "请凭信访查询码在国家信访局网上平台查询进展,或联系原受理单位",
        r"信访",
    ),
    Reason.ANSWERED: Ground(
        "已答复过",
        "同一事实此前已经答复,没有新的情况",
        _PETITION_RULES,
        "如不服原答复,可按原答复所列途径申请复查;有新情况请随时补充",
        r"答复过|已答复|已经答复|重复",
    ),
    Reason.UNCLEAR: Ground(
        "补充后仍不清楚",
        "经询问,仍无法确定所反映的单位或事项",
        _PETITION_RULES,
        "请补充单位、时间和经过后重新提交,我们随时办理",
        r"不清|不明|无法确定|查不清",
    ),
    Reason.SECRET: Ground(
        "涉及国家秘密",
        "内容涉及国家秘密,不能在网上渠道办理",
        "《中华人民共和国保守国家秘密法》",
        "请勿在网上传输,可到局办公室当面反映",
        r"国家秘密|涉密|机密|秘密",
    ),
    Reason.EMPTY: Ground(
        "无实质内容",
        "来件没有可以办理的具体事项",
        _PETITION_RULES,
        "请说明单位、时间和经过后重新提交,我们随时办理",
        r"谩骂|辱骂|无实质|没有内容|无内容|空白",
    ),
}
_NO_REASON = re.compile(r"匿名|没有?署名|未署名|不署名|没有?实名|未实名|不实名|没有?(?:留)?(?:姓名|名字)|未留姓名")


def next_path(reason: Reason, settings: Complaints) -> str:
    """Return the way open to the complainant, with a contact."""
    contact = f"咨询电话{settings.phone}" if settings.phone else f"也可到{settings.office}咨询"
    return f"{GROUNDS[reason].path};{contact}"


def read_reason(words: str) -> Reason | None:
    """Return the reason that an officer's words name: its code, its short form, or words that mean it."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", words)).lower()
    for reason, ground in GROUNDS.items():
        if plain in (reason.value, ground.short):
            return reason
    found = [reason for reason, ground in GROUNDS.items() if re.search(ground.said, plain)]
    return found[0] if len(found) == 1 else None


def is_about_name(words: str) -> bool:
    """Whether words give a missing name as the reason, which is none."""
    return _NO_REASON.search(unicodedata.normalize("NFKC", words)) is not None
