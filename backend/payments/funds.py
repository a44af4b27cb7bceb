"""The fund of a policy: what was put into it, by two persons and a document, and what it has left (四.1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.audit import services as audit
from backend.payments import rules
from backend.payments.fund_models import Fund, FundAllotment
from backend.payments.models import PaymentOrder
from backend.payments.views import AllotmentView, FundView
from backend.people import services as people
from backend.people.services import StaffView
from backend.policies import services as policies
from config import clock
from config.database import db, locked
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

ALLOTMENT = "allotment"
MOST_FEN = 10**13
"""100 billion yuan: more is a slip of the finger."""


def funds() -> list[FundView]:
    """Every fund that a policy names or that money was in, with its figures."""
    reserved = _reserved()
    current = select(Fund).order_by(Fund.id).execution_options(populate_existing=True)  # triggers move the figures
    rows = {fund.name: fund for fund in db.session.scalars(current)}
    names = dict.fromkeys([policies.configured().fund.title, *rows])
    return [_fund_view(rows.get(name) or _empty(name), reserved.get(name, 0)) for name in names]


def free_fen() -> dict[str, int]:
    """What each fund has left beyond the orders under way."""
    return {fund.name: fund.free_fen for fund in funds()}


def lock_funds() -> None:
    """Let nobody else make a batch or take money out until the transaction ends."""
    db.session.scalars(locked(select(Fund).order_by(Fund.id))).all()


@lru_cache(maxsize=256)
def _title(policy_id: str, version: str) -> str:
    return policies.of_version(policy_id, version).fund.title


def fund_of(policy_id: str, version: str) -> str:
    """The fund that a version of a policy is paid from. Raises as ``policies.of_version``."""
    return _title(policy_id, version)


def propose_allotment(*, fund: str, amount_fen: int, document: str, staff: StaffView, note: str = "") -> AllotmentView:
    """Money is to be put into the fund (or, negative, taken out) by that document; another person confirms it.

    Raises ``NotAllowed`` CASHIER_ROLE_REQUIRED; ``Invalid`` FUND_UNKNOWN, ALLOTMENT_INVALID, ALLOTMENT_DOCUMENT_REQUIRED.
    """
    rules.require_creator(staff.role)
    if fund not in {known.name for known in funds()}:
        raise Invalid("FUND_UNKNOWN", "没有这个专账，请从列表中选择。")
    if amount_fen == 0 or abs(amount_fen) > MOST_FEN:
        raise Invalid("ALLOTMENT_INVALID", "金额不能为零，也不能超过一千亿元。")
    document = rules.checked_text(
        document,
        least=2,
        most=100,
        code="ALLOTMENT_DOCUMENT_REQUIRED",
        detail="请填写下达预算的文件名称或文号（2至100个字）。",
    )
    row = db.session.scalar(select(Fund).where(Fund.name == fund)) or Fund(name=fund)
    db.session.add(row)
    db.session.flush()
    allotment = FundAllotment(
        fund_id=row.id,
        amount_fen=amount_fen,
        document=document,
        note=rules.checked_text(note, least=0, most=200, code="ALLOTMENT_INVALID", detail="说明最多200个字。"),
        status="proposed",
        proposed_by_id=staff.id,
        proposed_at=clock.now(),
    )
    db.session.add(allotment)
    db.session.flush()
    _audit(allotment, staff, "allotment.proposed")
    return _view(allotment, fund)


def decide_allotment(*, allotment_id: UUID, confirm: bool, staff: StaffView) -> AllotmentView:
    """The second person confirms or refuses; confirmed, the fund has that much more. Decided before: no change.

    Raises ``NotFound`` ALLOTMENT_NOT_FOUND; ``NotAllowed`` RELEASER_ROLE_REQUIRED, SECOND_PERSON_REQUIRED; ``Conflict``
    FUND_SHORT when more is taken out than is free.
    """
    allotment = db.session.scalar(locked(select(FundAllotment).where(FundAllotment.public_id == allotment_id)))
    if allotment is None:
        raise NotFound("ALLOTMENT_NOT_FOUND", "找不到这笔预算，请从列表重新打开。")
    rules.require_releaser(staff.role, staff.id, allotment.proposed_by_id)
    fund = db.session.scalars(locked(select(Fund).where(Fund.id == allotment.fund_id))).one()
    if allotment.status == "proposed":
        at = clock.now()
        if confirm:
            if allotment.amount_fen < 0 and fund.balance_fen - _reserved().get(fund.name, 0) < -allotment.amount_fen:
                raise Conflict("FUND_SHORT", "专账余额减去在途付款后不足以核减这么多，请核对金额。")
            evidence.seal(
                kind=ALLOTMENT,
                body=_facts(allotment, fund, staff.public_id, clock.epoch_ms(at)),
                subject=f"{ALLOTMENT}:{allotment.public_id}",
            )
        allotment.decided_by_id, allotment.decided_at = staff.id, at
        allotment.status = "confirmed" if confirm else "refused"
        db.session.flush()
        _audit(allotment, staff, f"allotment.{allotment.status}")
    return _view(allotment, fund.name)


def allotments() -> list[AllotmentView]:
    """All allotments, the newest first."""
    query = select(FundAllotment, Fund.name).join(Fund, Fund.id == FundAllotment.fund_id)
    return [_view(row, name) for row, name in db.session.execute(query.order_by(FundAllotment.id.desc()))]


def count_sealed_allotments() -> int:
    """How many allotments were confirmed."""
    confirmed = select(func.count()).select_from(FundAllotment).where(FundAllotment.status == "confirmed")
    return db.session.scalar(confirmed) or 0


def sealed_allotments(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next confirmed allotments after that inner id, in the words in which they were sealed."""
    query = (
        select(FundAllotment, Fund)
        .join(Fund, Fund.id == FundAllotment.fund_id)
        .where(FundAllotment.id > after_id, FundAllotment.status == "confirmed")
        .order_by(FundAllotment.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    rows = []
    for allotment, fund in db.session.execute(query):
        decided_by = None if allotment.decided_by_id is None else people.staff_of_id(allotment.decided_by_id).public_id
        at_ms = None if allotment.decided_at is None else clock.epoch_ms(allotment.decided_at)
        name = f"{ALLOTMENT} {allotment.public_id}"
        body = _facts(allotment, fund, decided_by, at_ms)
        rows.append(SealedRow(allotment.id, name, body, f"{ALLOTMENT}:{allotment.public_id}"))
    db.session.expunge_all()
    return rows


def _facts(allotment: FundAllotment, fund: Fund, decided_by: UUID | None, at_ms: int | None) -> dict[str, Any]:
    return {
        "allotment": str(allotment.public_id),
        "fund": fund.name,
        "amount_fen": allotment.amount_fen,
        "document": allotment.document,
        "note": allotment.note,
        "proposed_by": str(people.staff_of_id(allotment.proposed_by_id).public_id),
        "proposed_at_ms": clock.epoch_ms(allotment.proposed_at),
        "confirmed_by": None if decided_by is None else str(decided_by),
        "at_ms": at_ms,
    }


def _reserved() -> dict[str, int]:
    """What orders under way will take out of each fund."""
    query = (
        select(PaymentOrder.fund, func.sum(PaymentOrder.amount_fen))
        .where(PaymentOrder.status.in_(["created", "released"]))
        .group_by(PaymentOrder.fund)
    )
    return {name: int(amount) for name, amount in db.session.execute(query)}


def _empty(name: str) -> Fund:
    return Fund(name=name, opening_fen=0, allotted_fen=0, paid_fen=0, received_fen=0)


def _fund_view(fund: Fund, reserved_fen: int) -> FundView:
    return FundView(
        name=fund.name,
        opening_fen=fund.opening_fen,
        allotted_fen=fund.allotted_fen,
        paid_fen=fund.paid_fen,
        received_fen=fund.received_fen,
        balance_fen=fund.balance_fen,
        reserved_fen=reserved_fen,
    )


def _view(allotment: FundAllotment, fund: str) -> AllotmentView:
    decided_by = None if allotment.decided_by_id is None else people.staff_of_id(allotment.decided_by_id).display_name
    return AllotmentView(
        allotment_id=allotment.public_id,
        fund=fund,
        amount_fen=allotment.amount_fen,
        document=allotment.document,
        note=allotment.note,
        status=allotment.status,
        status_words=rules.ALLOTMENT_WORDS[allotment.status],
        proposed_by=people.staff_of_id(allotment.proposed_by_id).display_name,
        proposed_at=allotment.proposed_at,
        decided_by=decided_by,
        decided_at=allotment.decided_at,
    )


def _audit(allotment: FundAllotment, staff: StaffView, action: str) -> None:
    audit.write(
        actor=f"staff:{staff.public_id}",
        action=action,
        subject=f"fund_allotment:{allotment.public_id}",
        detail={"amount_fen": allotment.amount_fen},
    )
