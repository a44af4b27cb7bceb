"""What the claims slice hands out: frozen views, with ``id`` for slices inside and UUIDs for what people see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.plans.services import PlanView


@dataclass(frozen=True)
class ClaimLineView:
    """One person's stored line. ``decision`` holds the facts, the steps and the policy version it was made under.

    ``class_hours``, ``seconds``, ``amount_fen`` and ``hold_key`` are what was claimed; ``granted_*`` what is left of it after
    adjustments, which is what is due. ``payable_at``: since when nothing stands in the way of paying it.
    """

    id: int
    line_id: UUID
    claim_id: UUID
    worker_id: int
    enrollment_id: int
    masked_name: str
    status: str
    class_hours: int
    seconds: int
    amount_fen: int
    eligible: bool
    hold_key: str | None
    decision: dict[str, Any]
    granted_class_hours: int
    granted_seconds: int
    granted_fen: int
    granted_hold_key: str | None
    payable_at: datetime | None
    certificate_number: str | None

    @property
    def due_fen(self) -> int:
        """What is granted and not given back: 0 for a refused or released line."""
        return self.granted_fen if self.status in ("held", "settled") else 0


@dataclass(frozen=True)
class ClaimView:
    """A stored claim. ``total_fen`` is what was claimed, ``granted_fen`` what is due of it now (held or settled lines).

    ``lines`` is empty in lists and filled by ``claim_view``.
    """

    id: int
    claim_id: UUID
    plan_id: UUID
    enterprise_id: int
    enterprise_name: str
    title: str
    filing_number: str | None
    status: str
    policy_id: str
    policy_version: str
    total_fen: int
    granted_fen: int
    claimed_on: date
    submitted_at: datetime
    first_reviewer_id: int | None
    second_reviewer_id: int | None
    approved_at: datetime | None
    paid_at: datetime | None
    decision_reason: str
    decision_clause: str
    lines: tuple[ClaimLineView, ...] = ()


@dataclass(frozen=True)
class OwnClaim:
    """A claim in a worker's own name, as that worker sees it."""

    claim_id: UUID
    line_id: UUID
    enterprise_name: str
    title: str
    status: str
    status_words: str
    line_status: str
    eligible: bool
    class_hours: int
    amount_fen: int
    submitted_at: datetime
    sentences: tuple[str, ...]


def claim_view_of(
    claim: SubsidyClaim, plan: PlanView, granted_fen: int, lines: tuple[ClaimLineView, ...] = ()
) -> ClaimView:
    """The view of a claim row."""
    return ClaimView(
        id=claim.id,
        claim_id=claim.public_id,
        plan_id=plan.plan_id,
        enterprise_id=claim.enterprise_id,
        enterprise_name=plan.enterprise_name,
        title=plan.fields.title,
        filing_number=plan.filing_number,
        status=claim.status,
        policy_id=claim.policy_id,
        policy_version=claim.policy_version,
        total_fen=claim.total_fen,
        granted_fen=granted_fen,
        claimed_on=claim.claimed_on,
        submitted_at=claim.submitted_at,
        first_reviewer_id=claim.first_reviewer_id,
        second_reviewer_id=claim.second_reviewer_id,
        approved_at=claim.approved_at,
        paid_at=claim.paid_at,
        decision_reason=claim.decision_reason,
        decision_clause=claim.decision_clause,
        lines=lines,
    )


def line_view_of(line: ClaimLine, claim_id: UUID, masked_name: str) -> ClaimLineView:
    """The view of a line row."""
    return ClaimLineView(
        id=line.id,
        line_id=line.public_id,
        claim_id=claim_id,
        worker_id=line.worker_id,
        enrollment_id=line.enrollment_id,
        masked_name=masked_name,
        status=line.status,
        class_hours=line.class_hours,
        seconds=line.seconds,
        amount_fen=line.amount_fen,
        eligible=line.eligible,
        hold_key=line.hold_key,
        decision=line.decision,
        granted_class_hours=line.granted_class_hours,
        granted_seconds=line.granted_seconds,
        granted_fen=line.granted_fen,
        granted_hold_key=line.granted_hold_key,
        payable_at=line.payable_at,
        certificate_number=line.certificate_number,
    )
