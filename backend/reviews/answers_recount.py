"""What objections and disputes show of the decisions about them, held against the decisions themselves: for the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import select

from backend.disputes import services as disputes
from backend.notices import services as notices
from backend.notices.services import AnswerState
from backend.reviews.models import Review
from config.database import db
from learning_records.sealed_rows import BEFORE_ALL

_AT_ONCE = 200
_AFTER = {"approve": "upheld", "reject": "dismissed"}


def count_answered() -> int:
    """How many objections and disputes there are to look at."""
    return notices.count_objections() + disputes.count_disputes()


def answer_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Objections and disputes that show another answer than was given: which, and how."""
    yield from _problems("objection", notices.objection_states, advance)
    yield from _problems("dispute", disputes.dispute_states, advance)


def _problems(
    subject: str, states: Callable[[int, int], Sequence[AnswerState]], advance: Callable[[int], None]
) -> Iterator[tuple[str, str]]:
    after = BEFORE_ALL
    while found := states(after, _AT_ONCE):
        query = select(Review).where(
            Review.subject_kind == subject, Review.subject_id.in_([state.public_id for state in found])
        )
        reviews = {review.subject_id: review for review in db.session.scalars(query.order_by(Review.id))}
        for state in found:
            review, name = reviews.get(state.public_id), f"{subject} {state.public_id}"
            decided = ("open", "withdrawn") if review is None else (_AFTER[review.verdict],)
            if state.status not in decided:
                yield name, f"status {state.status} in the table, {' or '.join(decided)} by the decisions about it"
            elif review is not None and (state.answer, state.clause, state.decided_by_id) != (
                review.reason,
                review.clause,
                review.staff_id,
            ):
                yield name, f"another answer in the table than in review {review.public_id}"
        advance(len(found))
        after = found[-1].id
