"""What the certificates slice hands out: frozen, free of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.certificates.models import Certificate
from backend.certificates.rules import STATUS_WORDS
from config import crypto

NAME = "certificate_name"
ERASED = "（已按期限删除）"


@dataclass(frozen=True)
class CertificateView:
    """A certificate as it was issued, and its state. ``name`` is in the clear: whoever has the certificate reads it there.

    ``replaced_by`` is the number of the certificate that corrects this one, ``replaces`` of the one that this one corrects.
    """

    id: int
    certificate_id: UUID
    number: str
    code: str
    worker_id: int
    enrollment_id: int
    name: str
    issuer: str
    enterprise_name: str
    class_title: str
    courses: tuple[str, ...]
    kind: str
    trade_code: str
    filing_number: str
    class_hours: int
    planned_class_hours: int
    attendance_percent: int
    score: int
    pass_mark: int
    starts_on: date | None
    ends_on: date | None
    policy_version: str
    issued_at: datetime
    status: str
    ended_at: datetime | None
    ended_reason: str
    ended_clause: str
    replaces: str | None
    replaced_by: str | None

    @property
    def status_words(self) -> str:
        """The state as people read it."""
        return STATUS_WORDS[self.status]


@dataclass(frozen=True)
class MemberStanding:
    """Somebody in a class, for the enterprise: certified with this number, or what is lacking. ``ready`` is neither: the
    certificate is earned and not issued yet."""

    enrollment_id: int
    masked_name: str
    class_hours: int
    attendance_percent: int
    score: int | None
    certificate: CertificateView | None
    lacking: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether issuing would give this person one."""
        return self.certificate is None and not self.lacking


def certificate_view(
    row: Certificate, *, replaces: str | None = None, replaced_by: str | None = None
) -> CertificateView:
    """The view of a row; the numbers of its neighbours come from whoever asked for them."""
    facts: dict[str, Any] = row.facts
    name = ERASED if row.name_encrypted is None else crypto.decrypt(row.name_encrypted, purpose=NAME)
    return CertificateView(
        id=row.id,
        certificate_id=row.public_id,
        number=row.number,
        code=row.code,
        worker_id=row.worker_id,
        enrollment_id=row.enrollment_id,
        name=name,
        issuer=facts["issuer"],
        enterprise_name=facts["enterprise_name"],
        class_title=facts["class_title"],
        courses=tuple(facts["courses"]),
        kind=facts["kind"],
        trade_code=facts["trade_code"],
        filing_number=facts["filing_number"],
        class_hours=facts["class_hours"],
        planned_class_hours=facts["planned_class_hours"],
        attendance_percent=facts["attendance_percent"],
        score=facts["score"],
        pass_mark=facts["pass_mark"],
        starts_on=_day(facts["starts_on"]),
        ends_on=_day(facts["ends_on"]),
        policy_version=facts["policy_version"],
        issued_at=row.issued_at,
        status=row.status,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        ended_clause=row.ended_clause,
        replaces=replaces,
        replaced_by=replaced_by,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
