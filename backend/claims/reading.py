"""Reading claims: one with its lines, the lists of each desk, and what a worker sees in their own name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select

from backend.claims import rules
from backend.claims.models import ClaimAdjustment, ClaimLine, SubsidyClaim
from backend.claims.views import ClaimLineView, ClaimView, OwnClaim, claim_view_of, line_view_of
from backend.plans import services as plans
from config.database import db, locked
from config.errors import NotFound

_AT_ONCE = 1_000
"""Ids in one query: both databases bound the parameters of a statement."""


def claim_view(claim_id: UUID) -> ClaimView:
    """One claim with its lines. Raises ``NotFound`` CLAIM_NOT_FOUND."""
    claim = load_claim(claim_id)
    plan = plans.plan_view_by_id(claim.plan_id)
    members = plans.class_members(plan.training_class.class_id)
    names = {member.enrollment.id: member.roster_entry.masked_name for member in members}
    lines = tuple(line_view_of(line, claim_id, names[line.enrollment_id]) for line in claim.lines)
    return claim_view_of(claim, plan, sum(line.due_fen for line in lines), lines)


def line_view(line_id: UUID) -> ClaimLineView:
    """One person's line, by its public id. Raises ``NotFound`` LINE_NOT_FOUND."""
    claim = claim_view(load_line(line_id).claim.public_id)
    return next(line for line in claim.lines if line.line_id == line_id)


def claim_view_by_id(claim_row_id: int) -> ClaimView:
    """One claim by its inner id, without its lines, for slices that refer to it. Raises ``NotFound`` CLAIM_NOT_FOUND."""
    claim = db.session.get(SubsidyClaim, claim_row_id)
    if claim is None:
        raise _not_found()
    return _views([claim])[0]


def line_ids(line_row_ids: Iterable[int]) -> dict[int, UUID]:
    """The public ids of some lines by their inner ids (at most some thousand)."""
    query = select(ClaimLine.id, ClaimLine.public_id).where(ClaimLine.id.in_(list(line_row_ids)))
    return {row.id: row.public_id for row in db.session.execute(query)}


def claims_of_enterprise(enterprise_id: int) -> list[ClaimView]:
    """The enterprise's claims without their lines, newest first."""
    return _views(
        db.session.scalars(
            select(SubsidyClaim).where(SubsidyClaim.enterprise_id == enterprise_id).order_by(SubsidyClaim.id.desc())
        )
    )


def open_claims() -> list[ClaimView]:
    """Claims that wait for a first or second reviewer, without their lines, the oldest submission first."""
    return _views(
        db.session.scalars(
            select(SubsidyClaim)
            .where(SubsidyClaim.status.in_(["submitted", "reviewed"]))
            .order_by(SubsidyClaim.submitted_at, SubsidyClaim.id)
        )
    )


def approved_claims() -> list[ClaimView]:
    """Claims that wait for their notice, without their lines, the oldest submission first."""
    return _views(
        db.session.scalars(
            select(SubsidyClaim)
            .where(SubsidyClaim.status == "approved")
            .order_by(SubsidyClaim.submitted_at, SubsidyClaim.id)
        )
    )


def claims_in_name_of(worker_id: int) -> list[OwnClaim]:
    """Every claim that has a line for this worker, newest first: who claims, how much, and why."""
    rows = db.session.execute(
        select(ClaimLine, SubsidyClaim)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .where(ClaimLine.worker_id == worker_id)
        .order_by(SubsidyClaim.id.desc())
    )
    return [_own_claim(line, claim) for line, claim in rows]


def _own_claim(line: ClaimLine, claim: SubsidyClaim) -> OwnClaim:
    plan = plans.plan_view_by_id(claim.plan_id)
    steps = [step["sentence"] for step in line.decision["steps"]]
    cuts = db.session.scalars(
        select(ClaimAdjustment).where(ClaimAdjustment.claim_line_id == line.id).order_by(ClaimAdjustment.id)
    )
    return OwnClaim(
        claim_id=claim.public_id,
        line_id=line.public_id,
        enterprise_name=plan.enterprise_name,
        title=plan.fields.title,
        status=claim.status,
        status_words=rules.STATUS_WORDS[claim.status],
        line_status=line.status,
        eligible=line.eligible,
        class_hours=line.granted_class_hours,
        amount_fen=line.granted_fen,
        submitted_at=claim.submitted_at,
        sentences=(*steps, *(cut_sentence(cut) for cut in cuts)),
    )


def cut_sentence(cut: ClaimAdjustment) -> str:
    """What a reviewer's cut did to a line, and why."""
    return rules.cut_sentence(cut.from_fen, cut.class_hours, cut.amount_fen, cut.reason, cut.clause)


def _views(claims: Iterable[SubsidyClaim]) -> list[ClaimView]:
    found = list(claims)
    due = _due_fen([claim.id for claim in found])
    return [claim_view_of(claim, plans.plan_view_by_id(claim.plan_id), due.get(claim.id, 0)) for claim in found]


def _due_fen(claim_row_ids: Sequence[int]) -> dict[int, int]:
    due: dict[int, int] = {}
    for start in range(0, len(claim_row_ids), _AT_ONCE):
        rows = db.session.execute(
            select(ClaimLine.claim_id, func.sum(ClaimLine.granted_fen))
            .where(
                ClaimLine.claim_id.in_(claim_row_ids[start : start + _AT_ONCE]),
                ClaimLine.status.in_(["held", "settled"]),
            )
            .group_by(ClaimLine.claim_id)
        )
        due.update((claim_id, int(amount)) for claim_id, amount in rows)
    return due


def load_claim(claim_id: UUID, *, lock: bool = False) -> SubsidyClaim:
    """The row, locked until the transaction ends if asked. Raises ``NotFound`` CLAIM_NOT_FOUND."""
    query = select(SubsidyClaim).where(SubsidyClaim.public_id == claim_id)
    claim = db.session.scalar(locked(query) if lock else query)
    if claim is None:
        raise _not_found()
    return claim


def load_line(line_id: UUID) -> ClaimLine:
    """The row. Raises ``NotFound`` LINE_NOT_FOUND."""
    line = db.session.scalar(select(ClaimLine).where(ClaimLine.public_id == line_id))
    if line is None:
        raise NotFound("LINE_NOT_FOUND", "找不到该人员的申领，请从申领重新打开。")
    return line


def _not_found() -> NotFound:
    return NotFound("CLAIM_NOT_FOUND", "找不到该补贴申领，请从列表重新打开。")
