"""Decisions in the words in which they are sealed, and what the claims must show of them: for the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.people import services as people
from backend.reviews.models import Review
from config import clock
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

REVIEW = "review"


def seal_review(review: Review, *, person_ref: UUID | None, context_ref: UUID | None) -> None:
    """Seal a decision before it is inserted (kind ``review``, subject ``review:<public id>``)."""
    evidence.seal(
        kind=REVIEW,
        body=_facts(review),
        subject=f"{REVIEW}:{review.public_id}",
        person_ref=person_ref,
        context_ref=context_ref,
    )


def count_sealed_rows() -> int:
    """How many decisions there are."""
    return db.session.scalar(select(func.count()).select_from(Review)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next decisions after that id."""
    query = select(Review).where(Review.id > after_id).order_by(Review.id).limit(limit)
    return [
        SealedRow(
            id=review.id,
            name=f"{REVIEW} {review.public_id}",
            subject=f"{REVIEW}:{review.public_id}",
            old_id=review.id,
            body=_facts(review),
        )
        for review in db.session.scalars(query.execution_options(populate_existing=True))
    ]


def _facts(review: Review) -> dict[str, Any]:
    relevance = {} if review.relevant is None else {"relevant": review.relevant, "relevance_why": review.relevance_why}
    return {
        **relevance,
        "subject_kind": review.subject_kind,
        "subject_id": str(review.subject_id),
        "stage": review.stage,
        "verdict": review.verdict,
        "reason": review.reason,
        "clause": review.clause,
        "staff": str(people.staff_of_id(review.staff_id).public_id),
        "at_ms": clock.epoch_ms(review.at),
    }
