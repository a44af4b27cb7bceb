"""What waits for a decision, and the decisions that were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.disputes import services as disputes
from backend.enterprises import services as enterprises
from backend.new_hires import services as new_hires
from backend.notices import services as notices
from backend.people import services as people
from backend.plans import services as plans
from backend.reviews import rules
from backend.reviews.models import Review
from backend.reviews.rules import Stage, Subject
from backend.study import services as study
from config import clock
from config.database import db


@dataclass(frozen=True)
class QueueItem:
    """Something that waits for a decision. ``due_at`` is None where no clause sets a time."""

    subject: Subject
    subject_id: UUID
    stage: Stage
    title: str
    who: str
    waiting_since: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class ReviewView:
    """One decision, looked back at."""

    review_id: UUID
    subject: str
    subject_id: UUID
    stage: str
    verdict: str
    reason: str
    clause: str
    staff_name: str
    at: datetime
    relevant: bool | None = None
    relevance_why: str | None = None


def queue(*, role: str | None = None) -> list[QueueItem]:
    """What waits for a decision, the longest wait first; with ``role`` only what that role decides."""
    items = [
        *(
            QueueItem("plan", plan.plan_id, "only", plan.fields.title, plan.enterprise_name, plan.submitted_at)
            for plan in plans.submitted_plans()
            if plan.submitted_at is not None
        ),
        *(
            QueueItem("amendment", item.amendment_id, "only", item.plan_title, item.enterprise_name, item.submitted_at)
            for item in plans.submitted_amendments()
        ),
        *(
            QueueItem("claim", claim.claim_id, stage_of(claim), claim.title, claim.enterprise_name, claim.submitted_at)
            for claim in claims.open_claims()
        ),
        *(
            QueueItem(
                "bank_account",
                item.account_id,
                "only",
                f"收款账户 {item.masked_number}",
                item.enterprise_name,
                item.proposed_at,
            )
            for item in enterprises.proposed_accounts()
        ),
        *_new_hires(),
        *(
            QueueItem("identity_claim", asked.public_id, "only", "换机申请", asked.masked_name or "", asked.opened_at)
            for asked in people.requested_identity_claims()
        ),
        *_to_answer(),
    ]
    mine = [item for item in items if role is None or rules.can_decide(role, item.subject, item.stage)]
    return sorted(mine, key=lambda item: (item.waiting_since, str(item.subject_id)))


def _new_hires() -> list[QueueItem]:
    """Applications for new hires, and those whose paid people were not trained in time."""
    waiting = [
        QueueItem(
            "new_hire",
            item.application_id,
            "second" if item.status == "reviewed" else "first",
            f"新录用职工{item.head_count}人",
            item.enterprise_name,
            item.submitted_at,
        )
        for item in new_hires.open_applications()
        if item.submitted_at is not None
    ]
    overdue = [
        QueueItem(
            "new_hire",
            item.application_id,
            "only",
            f"岗前培训核查：{item.head_count}人到期未完成",
            item.enterprise_name,
            clock.midnight_after(clock.start_of_day(item.due_on)),
        )
        for item in new_hires.overdue_checks()
    ]
    return [*waiting, *overdue]


def _to_answer() -> list[QueueItem]:
    """Appeals, objections and disputes; what was not answered in time waits for a second reviewer."""

    def item(subject: Subject, ref: UUID, title: str, who: str, since: datetime, due_on: date) -> QueueItem:
        stage: Stage = "second" if disputes.is_escalated(subject, ref) else "only"
        due_at = clock.midnight_after(clock.start_of_day(due_on))
        return QueueItem(subject, ref, stage, title if stage == "only" else f"{title}（逾期）", who, since, due_at)

    def name(worker_id: int) -> str:
        return people.worker_view(worker_id).masked_name or ""

    return [
        *(
            item(
                "appeal",
                case.appeal.appeal_id,
                "学习时间申诉",
                name(case.worker_id),
                case.appeal.filed_at,
                case.answer_due_on,
            )
            for case in study.open_appeals()
        ),
        *(
            item("objection", each.objection_id, "公示异议", each.about, each.received_at, each.due_on)
            for each in notices.open_objections()
        ),
        *(
            item("dispute", each.dispute_id, each.kind_words, name(each.worker_id), each.opened_at, each.due_on)
            for each in disputes.open_disputes()
        ),
    ]


def history(*, subject: Subject, subject_id: UUID) -> list[ReviewView]:
    """Every decision about one subject, the first one first."""
    rows = db.session.scalars(
        select(Review).where(Review.subject_kind == subject, Review.subject_id == subject_id).order_by(Review.id)
    )
    return [_view(row) for row in rows]


def stage_of(claim: ClaimView) -> Stage:
    """Which of the two approvals a claim waits for."""
    return "second" if claim.status == "reviewed" else "first"


def _view(row: Review) -> ReviewView:
    return ReviewView(
        review_id=row.public_id,
        subject=row.subject_kind,
        subject_id=row.subject_id,
        stage=row.stage,
        verdict=row.verdict,
        reason=row.reason,
        clause=row.clause,
        staff_name=people.staff_of_id(row.staff_id).display_name,
        at=row.at,
        relevant=row.relevant,
        relevance_why=row.relevance_why,
    )
