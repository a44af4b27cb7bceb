"""Who may pay, and what a payment may become. Pure."""

from __future__ import annotations

from config.errors import Conflict, NotAllowed

FUND = "职业技能提升行动专账资金"
"""The special account that clause 四.1 pays from."""

STATUS_WORDS = {"created": "待付款", "paid": "已付款"}
MOVES = [("created", "paid")]

_CREATES = ("cashier",)
_RELEASES = ("cashier", "second_reviewer", "bureau")


def require_creator(role: str) -> None:
    """Raises ``NotAllowed`` CASHIER_ROLE_REQUIRED unless this role may put a batch together."""
    if role not in _CREATES:
        raise NotAllowed("CASHIER_ROLE_REQUIRED", "只有资金经办人员可以生成拨付批次，请使用相应账号登录。")


def require_releaser(role: str, staff_id: int, created_by_id: int) -> None:
    """Raises ``NotAllowed`` RELEASER_ROLE_REQUIRED, or SECOND_PERSON_REQUIRED for the one who made the batch."""
    if role not in _RELEASES:
        raise NotAllowed("RELEASER_ROLE_REQUIRED", "只有资金经办、复核或主管人员可以确认付款，请使用相应账号登录。")
    if staff_id == created_by_id:
        raise NotAllowed("SECOND_PERSON_REQUIRED", "生成批次和确认付款须由两个人分别办理，请由另一位人员确认。")


def require_something(count: int) -> None:
    """Raises ``Conflict`` NOTHING_TO_PAY for an empty batch."""
    if count == 0:
        raise Conflict("NOTHING_TO_PAY", "目前没有审核通过、等待拨付的申领。")


def require_same_total(*, ordered_fen: int, settled_fen: int) -> None:
    """An order pays what its lines come to. Raises ``Conflict`` ORDER_TOTAL_DIFFERS."""
    if ordered_fen != settled_fen:
        raise Conflict(
            "ORDER_TOTAL_DIFFERS", "付款单金额与申领人员金额合计不一致，批次未付款；请联系系统管理人员核查。"
        )
