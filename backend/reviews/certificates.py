"""Revoking and correcting certificates: one reviewer decides, with reason and clause, and the decision is sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import select

from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from backend.people.services import StaffView
from backend.reviews.models import Review
from backend.reviews.recording import actor_of, checked, record
from config.database import db
from learning_records.sealed_rows import BEFORE_ALL

_AT_ONCE = 200


def revoke_certificate(*, certificate_id: UUID, staff: StaffView, reason: str, clause: str = "四.5") -> CertificateView:
    """Revoke a certificate. Raises ``NotAllowed`` REVIEWER_ROLE_REQUIRED; ``Invalid`` REASON_REQUIRED, REASON_TOO_LONG,
    CLAUSE_UNKNOWN; ``NotFound`` CERTIFICATE_NOT_FOUND; ``Conflict`` CERTIFICATE_NOT_VALID."""
    reason, clause = checked("certificate", "only", "reject", staff, reason, clause)
    person, class_ref = certificates.refs_of(certificate_id)
    view = certificates.revoke(certificate_id=certificate_id, reason=reason, clause=clause, actor=actor_of(staff))
    record(
        "certificate",
        certificate_id,
        "only",
        "reject",
        staff,
        reason,
        clause,
        person_ref=person,
        context_ref=class_ref,
    )
    return view


def correct_certificate(
    *, certificate_id: UUID, staff: StaffView, name: str, trade_code: str, reason: str, clause: str = "三"
) -> CertificateView:
    """Replace a certificate by one with the right name or trade; gives the new one. A correction needs a reason too.

    Raises as ``revoke_certificate``, and what ``certificates.correct`` raises.
    """
    checked("certificate", "only", "send_back", staff, reason, clause)  # no correction without a word
    reason, clause = checked("certificate", "only", "approve", staff, reason, clause)
    person, class_ref = certificates.refs_of(certificate_id)
    view = certificates.correct(
        certificate_id=certificate_id,
        name=name,
        trade_code=trade_code,
        reason=reason,
        clause=clause,
        actor=actor_of(staff),
    )
    record(
        "certificate",
        certificate_id,
        "only",
        "approve",
        staff,
        reason,
        clause,
        person_ref=person,
        context_ref=class_ref,
    )
    return view


def certificate_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Certificates that show another state than was decided: which, and how."""
    after = BEFORE_ALL
    while found := certificates.certificate_states(after, _AT_ONCE):
        query = select(Review).where(
            Review.subject_kind == "certificate", Review.subject_id.in_([state.certificate_id for state in found])
        )
        reviews = {review.subject_id: review for review in db.session.scalars(query.order_by(Review.id))}
        for state in found:
            review, name = reviews.get(state.certificate_id), f"certificate {state.number}"
            decided = "valid" if review is None else {"reject": "revoked", "approve": "corrected"}[review.verdict]
            if state.status != decided:
                yield name, f"status {state.status} in the table, {decided} by the decisions about it"
            elif (state.status == "corrected") != state.corrected_by:
                yield name, "corrected without a certificate in its place"
            elif review is not None and (state.ended_reason, state.ended_clause) != (review.reason, review.clause):
                yield name, f"another reason or clause in the table than in review {review.public_id}"
        advance(len(found))
        after = found[-1].id
