"""Confirming the bank account that an enterprise named (三): a reviewer is the second person."""

from __future__ import annotations

from uuid import UUID

from backend.enterprises import services as enterprises
from backend.enterprises.services import BankAccountView
from backend.people.services import StaffView
from backend.reviews.recording import checked, record
from backend.reviews.rules import OfferedReason

ACCOUNT_REASONS = (
    OfferedReason("三", "账户户名与企业名称不一致，请更正后重新提交。"),
    OfferedReason("三", "开户银行名称不完整，请填写到支行后重新提交。"),
)


def confirm_bank_account(
    *, account_id: UUID, staff: StaffView, reason: str = "", clause: str = "三"
) -> BankAccountView:
    """Put a proposed account to use.

    Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Invalid`` CLAUSE_UNKNOWN; ``NotFound``
    BANK_ACCOUNT_NOT_FOUND; ``Conflict`` BANK_ACCOUNT_DECIDED.
    """
    reason, clause = checked("bank_account", "only", "approve", staff, reason, clause)
    view = enterprises.confirm_account(account_id=account_id, staff=staff, reason=reason)
    record("bank_account", account_id, "only", "approve", staff, reason, clause)
    return view


def refuse_bank_account(*, account_id: UUID, staff: StaffView, reason: str, clause: str = "三") -> BankAccountView:
    """Do not use a proposed account. Raises as ``confirm_bank_account``, and ``Invalid`` REASON_REQUIRED."""
    reason, clause = checked("bank_account", "only", "reject", staff, reason, clause)
    view = enterprises.refuse_account(account_id=account_id, staff=staff, reason=reason)
    record("bank_account", account_id, "only", "reject", staff, reason, clause)
    return view
