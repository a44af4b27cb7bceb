"""An enterprise's bank account for subsidies (三): proposed by one person, confirmed by a second, replaced the same way.

Inner ids go in, views come out; none commits. The number itself leaves only through ``reveal_account``, which is audited.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.enterprises import bank_account_rules as rules
from backend.enterprises.bank_account_models import BankAccount
from backend.enterprises.models import Enterprise
from backend.enterprises.registration import enterprise_by_id, enterprise_of_agent
from backend.people import services as people
from backend.people.services import StaffView
from config import clock, crypto
from config.database import db, locked
from config.errors import Conflict, NotAllowed, NotFound
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

BANK_ACCOUNT = "bank_account"
_PURPOSE = "enterprises.bank_account"

STATUS_WORDS = {
    "proposed": "待确认",
    "active": "使用中",
    "replaced": "已更换",
    "refused": "未通过",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True)
class BankAccountView:
    """An account without its number. ``id`` and ``enterprise_id`` stay inside."""

    id: int
    account_id: uuid.UUID
    enterprise_id: int
    enterprise_public_id: uuid.UUID
    enterprise_name: str
    status: str
    status_words: str
    holder_name: str
    bank_name: str
    last4: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str

    @property
    def masked_number(self) -> str:
        """The number as pages show it."""
        return rules.masked(self.last4)


def propose_account(
    *, enterprise_id: int, holder_name: str, bank_name: str, number: str, staff: StaffView
) -> BankAccountView:
    """Name an account for the enterprise's subsidies; one that still waits is taken back. An agent of the enterprise does it.

    Raises ``Invalid`` BANK_ACCOUNT_HOLDER_DIFFERS, BANK_NAME_INVALID, BANK_ACCOUNT_NUMBER_INVALID; ``NotFound``
    ENTERPRISE_UNKNOWN; ``Conflict`` BANK_ACCOUNT_SAME, BANK_ACCOUNT_PROPOSED_MEANWHILE.
    """
    enterprise = enterprise_by_id(enterprise_id)
    enterprise_of_agent(staff_id=staff.id, public_id=enterprise.public_id)
    holder_name, bank_name, digits = rules.check_account(
        holder_name=holder_name, bank_name=bank_name, number=number, enterprise_name=enterprise.name
    )
    index = crypto.blind_index(digits, purpose=_PURPOSE)
    active = _of_status(enterprise_id, "active")
    if active is not None and (active.account_index, active.bank_name) == (index, bank_name):
        raise Conflict("BANK_ACCOUNT_SAME", "这个账户已在使用中，不需要重新提交。")
    waiting = _of_status(enterprise_id, "proposed")
    if waiting is not None:
        _decide(waiting, "withdrawn", staff, "另行提交了新账户")
    account = BankAccount(
        enterprise_id=enterprise_id,
        status="proposed",
        holder_name=holder_name,
        bank_name=bank_name,
        account_encrypted=crypto.encrypt(digits, purpose=_PURPOSE),
        account_index=index,
        last4=digits[-4:],
        proposed_by_id=staff.id,
        proposed_at=clock.now(),
        reason="",
    )
    db.session.add(account)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            "BANK_ACCOUNT_PROPOSED_MEANWHILE", "同一时间有另一位经办人提交了账户，请刷新页面查看。"
        ) from error
    _write(account, _actor(staff), "proposed")
    return _view(account)


def confirm_account(*, account_id: uuid.UUID, staff: StaffView, reason: str = "") -> BankAccountView:
    """Put a proposed account to use; the one used so far is replaced. By another agent of the enterprise, or through
    ``reviews`` by a reviewer, never by who proposed it.

    Raises ``NotFound`` BANK_ACCOUNT_NOT_FOUND, ENTERPRISE_UNKNOWN; ``NotAllowed`` SECOND_PERSON_REQUIRED; ``Conflict``
    BANK_ACCOUNT_DECIDED.
    """
    account = _waiting(account_id, staff)
    active = _of_status(account.enterprise_id, "active")
    if active is not None:
        active.status = "replaced"
        db.session.flush()
        _write(active, _actor(staff), "replaced")
    at = clock.now()
    subject = f"{BANK_ACCOUNT}:{account.public_id}"
    evidence.seal(kind=BANK_ACCOUNT, body=_facts(account, staff.id, at), subject=subject)
    _decide(account, "active", staff, reason, at)
    return _view(account)


def refuse_account(*, account_id: uuid.UUID, staff: StaffView, reason: str) -> BankAccountView:
    """Do not use a proposed account. Raises as ``confirm_account``."""
    account = _waiting(account_id, staff)
    _decide(account, "refused", staff, reason)
    return _view(account)


def bank_account_of(enterprise_id: int) -> BankAccountView | None:
    """The account that subsidies are paid to, None before a second person confirmed one."""
    account = _of_status(enterprise_id, "active")
    return None if account is None else _view(account)


def bank_accounts_of(enterprise_id: int) -> list[BankAccountView]:
    """Every account the enterprise ever named, the newest first."""
    query = select(BankAccount).where(BankAccount.enterprise_id == enterprise_id).order_by(BankAccount.id.desc())
    return [_view(account) for account in db.session.scalars(query)]


def named_account_of(enterprise_id: int) -> BankAccountView | None:
    """The account in use or, before there is one, the one that waits for its confirmation: what a claim names."""
    account = _of_status(enterprise_id, "active") or _of_status(enterprise_id, "proposed")
    return None if account is None else _view(account)


def bank_account(account_id: uuid.UUID) -> BankAccountView:
    """One account by its public id. Raises ``NotFound`` BANK_ACCOUNT_NOT_FOUND."""
    return _view(_load(account_id))


def proposed_accounts() -> list[BankAccountView]:
    """Accounts that wait for a second person, the longest wait first."""
    query = select(BankAccount).where(BankAccount.status == "proposed").order_by(BankAccount.id)
    return [_view(account) for account in db.session.scalars(query)]


def reveal_account(account_row_id: int, *, actor: str) -> str:
    """The number in the clear, for the bank file; who asked is audited. Raises ``NotFound`` BANK_ACCOUNT_NOT_FOUND."""
    account = db.session.get(BankAccount, account_row_id)
    if account is None:
        raise _not_found()
    _write(account, actor, "revealed")
    return _number(account)


def count_sealed_accounts() -> int:
    """How many accounts were confirmed."""
    confirmed = select(func.count()).select_from(BankAccount).where(BankAccount.status.in_(["active", "replaced"]))
    return db.session.scalar(confirmed) or 0


def sealed_accounts(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next confirmed accounts after that inner id, in the words in which they were sealed."""
    query = (
        select(BankAccount)
        .where(BankAccount.id > after_id, BankAccount.status.in_(["active", "replaced"]))
        .order_by(BankAccount.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [
        SealedRow(
            id=account.id,
            name=f"{BANK_ACCOUNT} {account.public_id}",
            subject=f"{BANK_ACCOUNT}:{account.public_id}",
            old_id=account.id,
            body=_facts(account, account.decided_by_id or 0, account.decided_at or account.proposed_at),
        )
        for account in db.session.scalars(query)
    ]


def _facts(account: BankAccount, decided_by_id: int, decided_at: datetime) -> dict[str, Any]:
    """No number: a keyed index of it, made anew of the number that is kept, shows whether it was changed."""
    return {
        "account": str(account.public_id),
        "enterprise": str(enterprise_by_id(account.enterprise_id).public_id),
        "holder": account.holder_name,
        "bank": account.bank_name,
        "last4": account.last4,
        "number_index": crypto.blind_index(_number(account), purpose=_PURPOSE),
        "proposed_by": str(people.staff_of_id(account.proposed_by_id).public_id),
        "confirmed_by": str(people.staff_of_id(decided_by_id).public_id),
        "at_ms": clock.epoch_ms(decided_at),
    }


def _number(account: BankAccount) -> str:
    return crypto.decrypt(account.account_encrypted, purpose=_PURPOSE)


def _waiting(account_id: uuid.UUID, staff: StaffView) -> BankAccount:
    account = _load(account_id, lock=True)
    if staff.role == "agent":
        public_id = enterprise_by_id(account.enterprise_id).public_id
        enterprise_of_agent(staff_id=staff.id, public_id=public_id)
    if account.status != "proposed":
        raise Conflict("BANK_ACCOUNT_DECIDED", f"这个账户目前是“{STATUS_WORDS[account.status]}”，不能再办理。")
    if account.proposed_by_id == staff.id:
        raise NotAllowed("SECOND_PERSON_REQUIRED", "账户须由另一个人确认，请由本企业另一位经办人或审核人员办理。")
    return account


def _decide(account: BankAccount, status: str, staff: StaffView, reason: str, at: datetime | None = None) -> None:
    account.status, account.decided_by_id, account.decided_at = status, staff.id, at or clock.now()
    account.reason = reason
    db.session.flush()
    _write(account, _actor(staff), status)


def _of_status(enterprise_id: int, status: str) -> BankAccount | None:
    query = select(BankAccount).where(BankAccount.enterprise_id == enterprise_id, BankAccount.status == status)
    found: BankAccount | None = db.session.scalar(query)
    return found


def _load(account_id: uuid.UUID, *, lock: bool = False) -> BankAccount:
    query = select(BankAccount).where(BankAccount.public_id == account_id)
    account: BankAccount | None = db.session.scalar(locked(query) if lock else query)
    if account is None:
        raise _not_found()
    return account


def _not_found() -> NotFound:
    return NotFound("BANK_ACCOUNT_NOT_FOUND", "找不到该银行账户，请从列表重新打开。")


def _view(account: BankAccount) -> BankAccountView:
    enterprise = db.session.get_one(Enterprise, account.enterprise_id)
    decided_by = None if account.decided_by_id is None else people.staff_of_id(account.decided_by_id).display_name
    return BankAccountView(
        id=account.id,
        account_id=account.public_id,
        enterprise_id=account.enterprise_id,
        enterprise_public_id=enterprise.public_id,
        enterprise_name=enterprise.name,
        status=account.status,
        status_words=STATUS_WORDS[account.status],
        holder_name=account.holder_name,
        bank_name=account.bank_name,
        last4=account.last4,
        proposed_by_id=account.proposed_by_id,
        proposed_by=people.staff_of_id(account.proposed_by_id).display_name,
        proposed_at=account.proposed_at,
        decided_by=decided_by,
        decided_at=account.decided_at,
        reason=account.reason,
    )


def _actor(staff: StaffView) -> str:
    return f"staff:{staff.public_id}"


def _write(account: BankAccount, actor: str, event: str) -> None:
    subject = f"bank_account:{account.public_id}"
    audit.write(actor=actor, action=f"bank_account.{event}", subject=subject, detail={"last4": account.last4})
