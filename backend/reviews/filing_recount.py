"""What amendments show of the decisions about them, held against the decisions themselves: for the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select

from backend.plans import services as plans
from backend.reviews.models import Review
from config.database import db
from learning_records.sealed_rows import BEFORE_ALL

_AT_ONCE = 200
_AFTER = {"approve": "approved", "send_back": "sent_back", "reject": "rejected"}


def amendment_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Amendments that show other decisions than were made: which, and how."""
    after = BEFORE_ALL
    while found := plans.amendment_states(after, _AT_ONCE):
        query = select(Review).where(
            Review.subject_kind == "amendment", Review.subject_id.in_([state.amendment_id for state in found])
        )
        reviews = {row.subject_id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}
        for state in found:
            review = reviews.get(state.amendment_id)
            shown = (state.status, state.decision_reason, state.decision_clause)
            said = (_AFTER[review.verdict], review.reason, review.clause) if review else None
            undecided = said is None and state.status in ("submitted", "withdrawn")
            if shown != said and not undecided:
                yield f"amendment {state.amendment_id}", f"{shown} in the table, {said or 'not decided'} by its review"
        advance(len(found))
        after = found[-1].id
