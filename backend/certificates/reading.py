"""Reading certificates: of a class, of a worker, by number, by the code on the paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from backend.certificates import report_due, rules
from backend.certificates.issuing import name_index, standing_of
from backend.certificates.models import Certificate
from backend.certificates.views import CertificateView, MemberStanding, certificate_view
from backend.plans import services as plans
from backend.policies import services as policies
from config.database import db
from config.errors import NotFound


def of_class(class_id: UUID) -> dict[int, CertificateView]:
    """The valid certificates of a class, by worker."""
    rows = _all(Certificate.class_id == plans.class_view(class_id).id, Certificate.status == "valid")
    return {found.worker_id: found for found in rows}


def of_worker(worker_id: int) -> list[CertificateView]:
    """A person's certificates in every state, the newest first."""
    return _all(Certificate.worker_id == worker_id)[::-1]


def certificate(*, certificate_id: UUID, worker_id: int | None = None) -> CertificateView:
    """One certificate, of this person if given. Raises ``NotFound`` CERTIFICATE_NOT_FOUND."""
    found = _all(Certificate.public_id == certificate_id)
    if not found or (worker_id is not None and found[0].worker_id != worker_id):
        raise _not_found()
    return found[0]


def by_code(code: str) -> CertificateView:
    """The certificate whose QR code holds this code. Raises ``NotFound`` CERTIFICATE_NOT_FOUND."""
    return _one(_all(Certificate.code == code))


def by_number(number: str) -> CertificateView:
    """The certificate with this number, however it was typed; for the office. Raises ``NotFound`` CERTIFICATE_NOT_FOUND."""
    return _one(_all(Certificate.number == rules.normal_number(number)))


def look_up(*, number: str, name: str) -> CertificateView:
    """The certificate with this number and name, for the public. A wrong name and an unknown number are told alike.

    Raises ``NotFound`` CERTIFICATE_NOT_FOUND.
    """
    return _one(_all(Certificate.number == rules.normal_number(number), Certificate.name_index == name_index(name)))


def standings(class_id: UUID) -> list[MemberStanding]:
    """Everybody on the class list who joined: the certificate they have (valid, or the last that ended) or what is lacking.

    Raises ``NotFound`` CLASS_NOT_FOUND.
    """
    plan = plans.plan_view(plans.class_view(class_id).plan_id)
    policy = policies.of_version(plan.policy_id, plan.policy_version)
    latest = {found.enrollment_id: found for found in _all(Certificate.class_id == plan.training_class.id)}
    names = {member.enrollment.id: member.masked_name for member in plans.class_members(class_id)}
    found = []
    for learned in report_due.learned_in(class_id, without_certificate=False):
        standing = standing_of(learned, plan, policy)
        found.append(
            MemberStanding(
                enrollment_id=learned.enrollment_id,
                masked_name=names[learned.enrollment_id],
                class_hours=standing.class_hours,
                attendance_percent=standing.attendance_percent,
                score=standing.score,
                certificate=latest.get(learned.enrollment_id),
                lacking=standing.lacking,
            )
        )
    return found


class CertificateState(NamedTuple):
    """What a certificate's row says was decided: for the audit. ``corrected_by``: whether another one cites it."""

    id: int
    certificate_id: UUID
    number: str
    status: str
    ended_reason: str
    ended_clause: str
    corrected_by: bool


def certificate_states(after_id: int, limit: int) -> list[CertificateState]:
    """The states of the next certificates after that inner id."""
    after = aliased(Certificate)
    rows = db.session.execute(
        select(Certificate, after.id)
        .outerjoin(after, after.replaces_id == Certificate.id)
        .where(Certificate.id > after_id)
        .order_by(Certificate.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [
        CertificateState(
            row.id, row.public_id, row.number, row.status, row.ended_reason, row.ended_clause, replaced is not None
        )
        for row, replaced in rows
    ]


def view(row: Certificate) -> CertificateView:
    """The view of a row with the numbers of its neighbours (for this slice only)."""
    return _all(Certificate.id == row.id)[0]


def _all(*conditions: Any) -> list[CertificateView]:
    before, after = aliased(Certificate), aliased(Certificate)
    rows = db.session.execute(
        select(Certificate, before.number, after.number)
        .outerjoin(before, before.id == Certificate.replaces_id)
        .outerjoin(after, after.replaces_id == Certificate.id)
        .where(*conditions)
        .order_by(Certificate.id)
    )
    return [certificate_view(row, replaces=replaces, replaced_by=replaced_by) for row, replaces, replaced_by in rows]


def _one(found: Sequence[CertificateView]) -> CertificateView:
    if not found:
        raise _not_found()
    return found[0]


def _not_found() -> NotFound:
    return NotFound("CERTIFICATE_NOT_FOUND", "没有找到这张证书，请核对编号和姓名；编号在证书右上角。")
