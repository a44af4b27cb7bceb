"""What happened to workers between two instants, page by page, as what they are told. Selects across slices, read-only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from backend.certificates.models import Certificate
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.disputes.models import Dispute
from backend.disputes.rules import KIND_WORDS
from backend.enterprises.models import Enterprise
from backend.payments.models import FundEntry
from backend.reminders import rules
from backend.reminders.rules import Told
from backend.study.models import AppealCase, AppealDecision
from config import clock
from config.database import db

PAGE = 200


@dataclass(frozen=True)
class Window:
    """From when to when, both included, and behind which inner id a page begins."""

    since: datetime
    until: datetime
    after_id: int = 0


Reader = Callable[[Window], tuple[list[Told], int | None]]


def claims_in_name(window: Window) -> tuple[list[Told], int | None]:
    """Lines with money of claims that were submitted."""
    query = (
        select(ClaimLine.id, ClaimLine.public_id, ClaimLine.worker_id, ClaimLine.amount_fen, Enterprise.name)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(Enterprise, Enterprise.id == SubsidyClaim.enterprise_id)
        .where(ClaimLine.amount_fen > 0)
    )
    rows, behind = _page(query, ClaimLine.id, SubsidyClaim.submitted_at, window)
    return [rules.claim_in_name(row.worker_id, row.public_id, row.name, row.amount_fen) for row in rows], behind


def certificates_issued(window: Window) -> tuple[list[Told], int | None]:
    """Certificates, corrected ones too."""
    query = select(
        Certificate.id,
        Certificate.public_id,
        Certificate.worker_id,
        Certificate.number,
        Certificate.facts,
        Certificate.issued_at,
    )
    rows, behind = _page(query, Certificate.id, Certificate.issued_at, window)
    told = [
        rules.certificate_issued(
            row.worker_id, row.public_id, row.facts["class_title"], row.number, clock.local_date(row.issued_at)
        )
        for row in rows
    ]
    return told, behind


def appeals_answered(window: Window) -> tuple[list[Told], int | None]:
    """Decisions on appeals about uncounted minutes."""
    query = select(
        AppealDecision.id,
        AppealCase.appeal_ref,
        AppealCase.worker_id,
        AppealDecision.outcome,
        AppealDecision.granted_seconds,
    ).join(AppealCase, AppealCase.id == AppealDecision.case_id)
    rows, behind = _page(query, AppealDecision.id, AppealDecision.decided_at, window)
    told = [
        rules.appeal_answered(
            row.worker_id, row.appeal_ref, upheld=row.outcome == "upheld", granted_seconds=row.granted_seconds
        )
        for row in rows
    ]
    return told, behind


def disputes_answered(window: Window) -> tuple[list[Told], int | None]:
    """Decisions on disputes that were opened from a phone."""
    query = select(Dispute.id, Dispute.public_id, Dispute.reporter_id, Dispute.kind, Dispute.status).where(
        Dispute.reporter_id.is_not(None), Dispute.status.in_(["upheld", "dismissed"])
    )
    rows, behind = _page(query, Dispute.id, Dispute.ended_at, window)
    told = [
        rules.dispute_answered(row.reporter_id, row.public_id, KIND_WORDS[row.kind], upheld=row.status == "upheld")
        for row in rows
    ]
    return told, behind


def payments_made(window: Window) -> tuple[list[Told], int | None]:
    """Money of claim lines that left the fund."""
    query = (
        select(
            FundEntry.id,
            FundEntry.amount_fen,
            FundEntry.at,
            ClaimLine.public_id,
            ClaimLine.worker_id,
            Enterprise.name,
        )
        .join(ClaimLine, ClaimLine.id == FundEntry.claim_line_id)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(Enterprise, Enterprise.id == SubsidyClaim.enterprise_id)
    )
    rows, behind = _page(query, FundEntry.id, FundEntry.at, window)
    told = [
        rules.payment_made(row.worker_id, row.public_id, row.name, row.amount_fen, clock.local_date(row.at))
        for row in rows
    ]
    return told, behind


READERS: Mapping[str, Reader] = {
    "claim-in-name": claims_in_name,
    "certificate-issued": certificates_issued,
    "appeal-answered": appeals_answered,
    "dispute-answered": disputes_answered,
    "payment-made": payments_made,
}


def _page(query: Select[*tuple[Any, ...]], row_id: Any, at: Any, window: Window) -> tuple[list[Any], int | None]:
    """The next rows of the window in the order of their ids, and behind which id to go on; None at the end."""
    wanted = query.where(at >= window.since, at <= window.until, row_id > window.after_id).order_by(row_id).limit(PAGE)
    rows = list(db.session.execute(wanted))
    return rows, (rows[-1].id if len(rows) == PAGE else None)
