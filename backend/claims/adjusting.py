"""Cutting one person of a claim: a reviewer lowers what is granted, never what was learned (clause 三)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.claims import rules
from backend.claims.models import ClaimAdjustment, ClaimLine, SubsidyClaim
from backend.claims.moving import release_key_of, write
from backend.claims.reading import load_claim
from backend.claims.sealing_adjustments import seal_adjustment
from backend.credit_bank import services as credit_bank
from backend.credit_bank.services import Hold
from backend.plans import services as plans
from backend.policies import services as policies
from config import clock
from config.database import db, new_public_id
from config.errors import Conflict, NotFound


@dataclass(frozen=True)
class AdjustmentView:
    """One cut: from what to what, and why. ``sentence`` says it to everybody concerned."""

    adjustment_id: UUID
    line_id: UUID
    worker_id: int
    class_id: UUID
    from_fen: int
    class_hours: int
    seconds: int
    amount_fen: int
    reason: str
    clause: str
    staff_id: int
    at: datetime

    @property
    def sentence(self) -> str:
        """``审核核减：由444.00元减为……``"""
        return rules.cut_sentence(self.from_fen, self.class_hours, self.amount_fen, self.reason, self.clause)


def adjust_line(
    *,
    claim_id: UUID,
    line_id: UUID,
    class_hours: int,
    reason: str,
    clause: str,
    staff_id: int,
    staff_public_id: UUID,
    actor: str,
) -> AdjustmentView:
    """Grant this person only ``class_hours``: the old hold is released, the rest is held anew. Called by ``reviews``.

    Raises ``NotFound`` CLAIM_NOT_FOUND, LINE_NOT_FOUND; ``Conflict`` CLAIM_MOVE_REFUSED, LINE_NOT_HELD; ``Invalid``
    ADJUSTMENT_INVALID, ADJUSTMENT_NOT_LOWER.
    """
    claim = load_claim(claim_id, lock=True)
    rules.require_adjustable(claim.status)
    line = next((line for line in claim.lines if line.public_id == line_id), None)
    if line is None:
        raise NotFound("LINE_NOT_FOUND", "申领里没有这名人员，请从申领重新打开。")
    if line.status != "held" or line.granted_hold_key is None:
        raise Conflict("LINE_NOT_HELD", "该人员没有核给金额，不需要核减。")
    policy = policies.of_version(claim.policy_id, claim.policy_version)
    left_fen = line.cap_fen - line.decision["facts"]["drawn_fen"]
    cut = rules.cut(class_hours, line.granted_class_hours, line.granted_fen, left_fen, policy)
    adjustment = ClaimAdjustment(
        public_id=new_public_id(),
        claim_line_id=line.id,
        from_fen=line.granted_fen,
        class_hours=cut.class_hours,
        seconds=cut.seconds,
        amount_fen=cut.amount_fen,
        hold_key=_next_hold_key(claim, line) if cut.amount_fen else None,
        reason=reason,
        clause=clause,
        staff_id=staff_id,
        at=clock.now(),
    )
    class_id = plans.plan_view_by_id(claim.plan_id).training_class.class_id
    seal_adjustment(adjustment, line, claim.public_id, class_id, staff=staff_public_id)
    db.session.add(adjustment)
    db.session.flush()
    _hold_anew(line, adjustment, class_id)
    write(claim, actor, "claim.line_adjusted", {"line": str(line_id), "amount_fen": cut.amount_fen, "reason": reason})
    return _view(adjustment, line, class_id)


def adjustments_of(claim_id: UUID) -> Mapping[UUID, Sequence[AdjustmentView]]:
    """The cuts of a claim by the public ids of their lines, the first one first. Raises ``NotFound`` CLAIM_NOT_FOUND."""
    claim = load_claim(claim_id)
    class_id = plans.plan_view_by_id(claim.plan_id).training_class.class_id
    rows = db.session.execute(
        select(ClaimAdjustment, ClaimLine)
        .join(ClaimLine, ClaimLine.id == ClaimAdjustment.claim_line_id)
        .where(ClaimLine.claim_id == claim.id)
        .order_by(ClaimAdjustment.id)
    )
    found: dict[UUID, list[AdjustmentView]] = {}
    for adjustment, line in rows:
        found.setdefault(line.public_id, []).append(_view(adjustment, line, class_id))
    return found


def _hold_anew(line: ClaimLine, adjustment: ClaimAdjustment, class_id: UUID) -> None:
    """Give the old hold back and set aside what is still granted, or release the line when nothing is."""
    released = line.granted_hold_key
    assert released is not None
    credit_bank.release_all({released: release_key_of(released)}, reason=f"审核核减：{adjustment.reason}")
    if adjustment.hold_key is not None:
        held = Hold(line.worker_id, adjustment.seconds, adjustment.hold_key)
        credit_bank.hold_all([held], context_ref=class_id, reason="补贴申领核减后冻结")
    line.granted_class_hours, line.granted_seconds = adjustment.class_hours, adjustment.seconds
    line.granted_fen, line.granted_hold_key = adjustment.amount_fen, adjustment.hold_key
    db.session.flush()
    if adjustment.hold_key is None:
        line.status = "released"
        db.session.flush()


def _next_hold_key(claim: SubsidyClaim, line: ClaimLine) -> str:
    earlier = select(func.count()).select_from(ClaimAdjustment).where(ClaimAdjustment.claim_line_id == line.id)
    return f"claim:{claim.public_id}:{line.public_id}:{(db.session.scalar(earlier) or 0) + 1}:hold"


def _view(adjustment: ClaimAdjustment, line: ClaimLine, class_id: UUID) -> AdjustmentView:
    return AdjustmentView(
        adjustment_id=adjustment.public_id,
        line_id=line.public_id,
        worker_id=line.worker_id,
        class_id=class_id,
        from_fen=adjustment.from_fen,
        class_hours=adjustment.class_hours,
        seconds=adjustment.seconds,
        amount_fen=adjustment.amount_fen,
        reason=adjustment.reason,
        clause=adjustment.clause,
        staff_id=adjustment.staff_id,
        at=adjustment.at,
    )
