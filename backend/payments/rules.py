"""Who may pay, what batches, orders and recoveries may become, and what goes into a batch. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from config.errors import Conflict, Invalid, NotAllowed

SubjectKind = Literal["claim_line", "new_hire"]

STATUS_WORDS: Mapping[str, str] = {
    "created": "待放款",
    "released": "已发银行，待回单",
    "paid": "已办结",
    "cancelled": "已作废",
}
ORDER_WORDS: Mapping[str, str] = {
    "created": "待放款",
    "released": "待银行回单",
    "paid": "已付款",
    "failed": "付款失败",
    "cancelled": "已作废",
}
ALLOTMENT_WORDS: Mapping[str, str] = {"proposed": "待确认", "confirmed": "已入账", "refused": "未通过"}
RECOVERY_WORDS: Mapping[str, str] = {
    "proposed": "待确认",
    "demanded": "待退回",
    "refused": "不予追回",
    "received": "已退回",
}
SUBJECT_WORDS: Mapping[str, str] = {"claim_line": "在岗线上培训", "new_hire": "新录用岗前培训"}

BATCH_MOVES = [("created", "released"), ("created", "cancelled"), ("released", "paid")]
ORDER_MOVES = [("created", "released"), ("created", "cancelled"), ("released", "paid"), ("released", "failed")]
ALLOTMENT_MOVES = [("proposed", "confirmed"), ("proposed", "refused")]
RECOVERY_MOVES = [("proposed", "demanded"), ("proposed", "refused"), ("demanded", "received")]
FAILURE_WORDS: Mapping[str, str] = {
    "NAME_MISMATCH": "户名与账号不符",
    "ACCOUNT_UNKNOWN": "账号不存在",
    "ACCOUNT_CLOSED": "账户已销户",
    "ACCOUNT_BLOCKED": "账户状态异常",
    "BANK_UNKNOWN": "开户行有误",
    "LIMIT_EXCEEDED": "超过限额",
    "SYSTEM_ERROR": "银行系统原因",
    "OTHER": "其他原因",
}
"""Why a bank did not pay: the codes of the return file (docs/bank-file.md)."""
AGREED = "理由成立，同意追回。"

WRONG_ACCOUNT = ("NAME_MISMATCH", "ACCOUNT_UNKNOWN", "ACCOUNT_CLOSED", "ACCOUNT_BLOCKED", "BANK_UNKNOWN")
"""After these nothing is sent to the same account again."""

_CREATES = ("cashier",)
_DEMANDS = ("cashier", "reviewer")
_RELEASES = ("cashier", "second_reviewer", "bureau")
_CONTROL = {*range(32), 127}


def require_creator(role: str) -> None:
    """Raises ``NotAllowed`` CASHIER_ROLE_REQUIRED unless this role handles money."""
    if role not in _CREATES:
        raise NotAllowed("CASHIER_ROLE_REQUIRED", "只有资金经办人员可以办理，请使用相应账号登录。")


def require_releaser(role: str, staff_id: int, created_by_id: int) -> None:
    """Raises ``NotAllowed`` RELEASER_ROLE_REQUIRED, or SECOND_PERSON_REQUIRED for the one who began it."""
    if role not in _RELEASES:
        raise NotAllowed("RELEASER_ROLE_REQUIRED", "只有资金经办、复核或主管人员可以确认，请使用相应账号登录。")
    if staff_id == created_by_id:
        raise NotAllowed("SECOND_PERSON_REQUIRED", "经办和确认须由两个人分别办理，请由另一位人员确认。")


def require_demander(role: str) -> None:
    """Raises ``NotAllowed`` DEMANDER_ROLE_REQUIRED unless this role may propose to ask money back."""
    if role not in _DEMANDS:
        raise NotAllowed("DEMANDER_ROLE_REQUIRED", "只有资金经办或审核人员可以发起追回，请使用相应账号登录。")


def require_something(count: int) -> None:
    """Raises ``Conflict`` NOTHING_TO_PAY for an empty batch."""
    if count == 0:
        raise Conflict("NOTHING_TO_PAY", "目前没有可以编入批次的款项；待拨付清单里写明了每一笔在等什么。")


def month_of(text: str | None, today: date) -> date:
    """The first day of the month ``YYYY-MM`` (None: this month). Raises ``Invalid`` PAYMENT_MONTH_INVALID."""
    if text is None:
        return today.replace(day=1)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.max
    if first > today:
        raise Invalid("PAYMENT_MONTH_INVALID", "拨付月份应写成2020-05的样子，且不晚于本月。")
    return first


def checked_text(text: str, *, least: int, most: int, code: str, detail: str) -> str:
    """A text that people typed, trimmed. Raises ``Invalid`` with that code and sentence."""
    trimmed = text.strip()
    if not least <= len(trimmed) <= most or _CONTROL & {ord(character) for character in trimmed}:
        raise Invalid(code, detail)
    return trimmed


@dataclass(frozen=True)
class DueLine:
    """One person's money that nothing stands in the way of. ``group``: the claim or application it belongs to."""

    kind: SubjectKind
    subject_ref: UUID
    row_id: int
    group: UUID
    group_row_id: int | None
    enterprise_id: int
    policy_version: str
    fund: str
    amount_fen: int
    submitted_at: datetime
    payable_on: date


@dataclass(frozen=True)
class Account:
    """An enterprise's confirmed account by its public id, or why none can be used."""

    ref: UUID | None
    refusal: str = ""


@dataclass(frozen=True)
class Placed:
    """A line in the queue. ``waits_for``: empty when it goes into the batch, else what it waits for."""

    line: DueLine
    waits_for: str


CONTESTED = "有异议或争议尚未办结"
NO_ACCOUNT = "企业还没有经两人确认的开户账户"
NEXT_MONTH = "公示在本月届满，列入下月批次"
FUND_SHORT = "资金不足，按提交时间排队"


def place(
    lines: Sequence[DueLine],
    *,
    first_of_month: date,
    accounts: Mapping[int, Account],
    free_fen: Mapping[str, int],
    contested: Collection[UUID],
) -> list[Placed]:
    """The queue, the oldest submission first, with what goes into the batch of that month (domain.md A11, A38).

    A line of a claim goes in when its notice ended clean before the month; an advance for new hires does not wait for a month
    to end. When the fund does not reach for a line, everything after it waits: nobody overtakes. ``free_fen``: what each fund
    has left beyond the orders under way. A line without a usable account, or one that is contested, holds up nobody.
    """
    placed = []
    left, short = dict(free_fen), set[str]()
    for line in sorted(lines, key=lambda one: (one.submitted_at, str(one.group), one.row_id)):
        account = accounts[line.enterprise_id]
        if line.subject_ref in contested:
            placed.append(Placed(line, CONTESTED))
            continue
        if account.ref is None:
            placed.append(Placed(line, account.refusal))
            continue
        if line.kind == "claim_line" and line.payable_on >= first_of_month:
            placed.append(Placed(line, NEXT_MONTH))
            continue
        if line.fund in short or line.amount_fen > left.get(line.fund, 0):
            short.add(line.fund)
            placed.append(Placed(line, FUND_SHORT))
            continue
        left[line.fund] -= line.amount_fen
        placed.append(Placed(line, ""))
    return placed
