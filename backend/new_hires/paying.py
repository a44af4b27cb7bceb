"""What those who pay ask: which lines are payable in advance, that they were paid, which money is to be demanded back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.new_hires.gathering import policy_of
from backend.new_hires.models import NewHireApplication, NewHireLine, TrainingCheck
from backend.new_hires.reading import line_views
from backend.new_hires.training import due_on
from backend.new_hires.views import NewHireLineView, PayableLine, RecoveryDue
from config import clock
from config.database import db, locked
from config.errors import Conflict, NotFound


def payable_lines() -> list[PayableLine]:
    """Every approved line that is not paid yet, the oldest submission first (domain reference A38)."""
    query = (
        select(NewHireLine, NewHireApplication)
        .join(NewHireApplication, NewHireApplication.id == NewHireLine.application_id)
        .where(NewHireLine.status == "payable")
        .order_by(NewHireApplication.submitted_at, NewHireLine.id)
    )
    names: dict[int, str] = {}
    found = []
    for line, application in db.session.execute(query):
        if line.enterprise_id not in names:
            names[line.enterprise_id] = enterprises.enterprise_by_id(line.enterprise_id).name
        assert application.submitted_at is not None
        assert line.payable_at is not None
        found.append(
            PayableLine(
                id=line.id,
                line_id=line.public_id,
                application_id=application.public_id,
                enterprise_id=line.enterprise_id,
                enterprise_name=names[line.enterprise_id],
                amount_fen=line.amount_fen,
                policy_id=application.policy_id,
                policy_version=application.policy_version,
                submitted_at=application.submitted_at,
                payable_at=line.payable_at,
            )
        )
    return found


def mark_paid(*, line_ids: Collection[UUID], at: datetime, actor: str) -> tuple[NewHireLineView, ...]:
    """Note that these lines were paid at that instant; the training is due so many days later. All or none.

    Called by ``payments`` in the transaction that writes the fund entries. Raises ``NotFound`` NEW_HIRE_NOT_FOUND,
    ``Conflict`` NEW_HIRE_NOT_PAYABLE.
    """
    lines = _locked(line_ids)
    for line in lines:
        if line.status != "payable":
            raise Conflict("NEW_HIRE_NOT_PAYABLE", "名单中有人已不是待拨付状态，请刷新后重新核对拨付名单。")
        line.training_due_on = due_on(clock.local_date(at), policy_of(line.application))
        line.status, line.paid_at = "paid", at
    db.session.flush()
    for line in lines:
        _audit(line, actor, "new_hire.paid")
    return line_views(lines)


def recoveries_due() -> list[RecoveryDue]:
    """Lines that were paid and whose training was found not to have taken place, the oldest decision first."""
    query = (
        select(NewHireLine, TrainingCheck)
        .join(TrainingCheck, TrainingCheck.line_id == NewHireLine.id)
        .where(NewHireLine.status == "untrained")
        .order_by(TrainingCheck.at, NewHireLine.id)
    )
    return [
        RecoveryDue(
            id=line.id,
            line_id=line.public_id,
            enterprise_id=line.enterprise_id,
            enterprise_name=enterprises.enterprise_by_id(line.enterprise_id).name,
            amount_fen=line.amount_fen,
            reason=check.reason,
            clause=check.clause,
            decided_at=check.at,
        )
        for line, check in db.session.execute(query)
    ]


def mark_recovered(*, line_ids: Collection[UUID], at: datetime, actor: str) -> tuple[NewHireLineView, ...]:
    """Note that the money of these lines came back. Called by ``payments``. Raises ``NotFound`` NEW_HIRE_NOT_FOUND,
    ``Conflict`` NEW_HIRE_NOT_DUE."""
    lines = _locked(line_ids)
    for line in lines:
        if line.status != "untrained":
            raise Conflict("NEW_HIRE_NOT_DUE", "名单中有人没有待追回的补贴，请刷新后重新核对。")
        line.status, line.recovered_at = "recovered", at
    db.session.flush()
    for line in lines:
        _audit(line, actor, "new_hire.recovered")
    return line_views(lines)


def _locked(line_ids: Collection[UUID]) -> list[NewHireLine]:
    query = select(NewHireLine).where(NewHireLine.public_id.in_(line_ids)).order_by(NewHireLine.id)
    lines = list(db.session.scalars(locked(query)))
    if len(lines) != len(set(line_ids)):
        raise NotFound("NEW_HIRE_NOT_FOUND", "申请中没有这个人，请刷新后再试。")
    return lines


def _audit(line: NewHireLine, actor: str, action: str) -> None:
    subject = f"new_hire_line:{line.public_id}"
    audit.write(actor=actor, action=action, subject=subject, detail={"amount_fen": line.amount_fen})
