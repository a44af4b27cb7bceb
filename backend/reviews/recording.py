"""How a decision is checked, sealed and kept: shared by every kind of decision of this slice."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend.people.services import StaffView
from backend.reviews import rules
from backend.reviews.models import Review
from backend.reviews.rules import Relevance, Stage, Subject, Verdict
from backend.reviews.sealing import seal_review
from config import clock
from config.database import db, new_public_id


def checked(
    subject: Subject, stage: Stage, verdict: Verdict, staff: StaffView, reason: str, clause: str
) -> tuple[str, str]:
    """Who decides, in which words: reason and clause, trimmed. Raises as ``rules.require_role`` and ``rules.check_words``."""
    rules.require_role(staff.role, subject, stage)
    return rules.check_words(verdict, reason, clause)


def record(
    subject: Subject,
    subject_id: UUID,
    stage: Stage,
    verdict: Verdict,
    staff: StaffView,
    reason: str,
    clause: str,
    *,
    person_ref: UUID | None = None,
    context_ref: UUID | None = None,
    at: datetime | None = None,
    relevance: Relevance | None = None,
) -> None:
    """Seal the decision, then keep it; the references say whose evidence it belongs to. ``relevance`` is of plans."""
    row = Review(
        public_id=new_public_id(),
        subject_kind=subject,
        subject_id=subject_id,
        stage=stage,
        verdict=verdict,
        reason=reason,
        clause=clause,
        staff_id=staff.id,
        at=at or clock.now(),
        relevant=relevance.relevant if relevance else None,
        relevance_why=relevance.why if relevance else None,
    )
    seal_review(row, person_ref=person_ref, context_ref=context_ref)
    db.session.add(row)
    db.session.flush()


def actor_of(staff: StaffView) -> str:
    """The account as the audit trail names it."""
    return f"staff:{staff.public_id}"
