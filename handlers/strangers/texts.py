"""What strangers and, about them, the clerks are told."""

from __future__ import annotations

NOT_LISTED = "您好,您还不在小督的名单里,暂时不能使用。如需使用,请联系局办公室核对名单。"


def hint(account: str) -> str:
    """Tell the clerks that somebody unknown wrote; account is shortened, the words are not told."""
    return (
        f"今天有不在名单里的人联系小督(账号 {account}),小督没有透露任何信息。"
        "如是本区人员,请把其企业微信账号补进名单后重新导入。当天不再重复提示。"
    )
