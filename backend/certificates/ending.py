"""Revoking a certificate, and correcting one by another. Who may decide that is not this slice's to say (see reviews)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from backend.audit import services as audit
from backend.certificates import rules
from backend.certificates.issuing import issue
from backend.certificates.models import Certificate
from backend.certificates.reading import view
from backend.certificates.views import CertificateView
from backend.people import services as people
from backend.plans import services as plans
from backend.policies import services as policies
from config import clock
from config.database import db, locked
from config.errors import Conflict, NotFound


def revoke(*, certificate_id: UUID, reason: str, clause: str, actor: str) -> CertificateView:
    """Revoke a valid certificate for a reason that the public page shows.

    Raises ``NotFound`` CERTIFICATE_NOT_FOUND, ``Conflict`` CERTIFICATE_NOT_VALID.
    """
    row = _valid(certificate_id)
    _end(row, "revoked", reason, clause, actor)
    return view(row)


def correct(
    *, certificate_id: UUID, name: str, trade_code: str, reason: str, clause: str, actor: str
) -> CertificateView:
    """Replace a valid certificate by a new one with another name or trade; hours and score stay as they were earned.

    Gives the new one. Raises ``NotFound`` CERTIFICATE_NOT_FOUND, ``Conflict`` CERTIFICATE_NOT_VALID or
    NOTHING_TO_CORRECT or NAME_ERASED, ``Invalid`` NAME_INVALID or TRADE_CODE_INVALID.
    """
    row = _valid(certificate_id)
    if row.name_encrypted is None:
        raise Conflict("NAME_ERASED", "这张证书的姓名已按期限删除，不能更正。")
    old = view(row)
    name, trade_code = rules.corrected_words(name, trade_code, old_name=old.name, old_trade_code=old.trade_code)
    _end(row, "corrected", reason, clause, actor)
    plan = plans.plan_view(plans.class_view_by_id(row.class_id).plan_id)
    (new,) = issue(
        plan=plan,
        policy=policies.of_version(plan.policy_id, plan.policy_version),
        people_and_facts=[(row.enrollment_id, row.worker_id, name, {**row.facts, "trade_code": trade_code})],
        actor=actor,
        replaces=row,
    )
    return new


def erase_names(*, worker_id: int) -> None:
    """Forget the name on a person's certificates; what they certify stays. The caller says when, and audits."""
    db.session.execute(update(Certificate).where(Certificate.worker_id == worker_id).values(name_encrypted=None))


def refs_of(certificate_id: UUID) -> tuple[UUID, UUID]:
    """(person, class) as the records know them: whose evidence a decision about it is. Raises ``NotFound``."""
    row = db.session.scalar(select(Certificate).where(Certificate.public_id == certificate_id))
    if row is None:
        raise _not_found()
    return people.learner_ref(row.worker_id), plans.class_view_by_id(row.class_id).class_id


def _valid(certificate_id: UUID) -> Certificate:
    row: Certificate | None = db.session.scalar(
        locked(select(Certificate).where(Certificate.public_id == certificate_id))
    )
    if row is None:
        raise _not_found()
    rules.require_valid(row.status, row.number)
    return row


def _end(row: Certificate, status: str, reason: str, clause: str, actor: str) -> None:
    row.status, row.ended_at, row.ended_reason, row.ended_clause = status, clock.now(), reason, clause
    db.session.flush()
    audit.write(
        actor=actor,
        action=f"certificate.{status}",
        subject=f"certificate:{row.public_id}",
        detail={"number": row.number, "reason": reason, "clause": clause},
    )


def _not_found() -> NotFound:
    return NotFound("CERTIFICATE_NOT_FOUND", "没有找到这张证书，请核对证书编号。")
