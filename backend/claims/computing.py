"""Gathering the facts of a plan's people and computing its claim without storing anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.claims import rules
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.rules import ClaimPreview, PersonInClass, PlanInClaim
from backend.courses import services as courses
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from backend.plans.services import ClassMember, PlanView
from backend.policies import services as policies
from backend.policies.rules import last_claim_on
from backend.quizzes import services as quizzes
from backend.study import services as study
from config import clock
from config.database import db


def compute_claim(*, plan_id: UUID) -> ClaimPreview:
    """What the plan's people are worth now, person by person, with every step and what is missing. Stores nothing.

    A person whose line is live in another claim has that amount taken off the cap (domain.md A4).

    Raises ``NotFound`` PLAN_NOT_FOUND.
    """
    plan = plans.plan_view(plan_id)
    policy = policies.get(plan.policy_id)
    shared = PlanInClaim(
        filed=plan.status == "approved",
        enterprise_kind=enterprises.enterprise_by_id(plan.enterprise_id).kind,
        starts_on=plan.fields.starts_on,
        media_seconds=_media_seconds(plan),
        claimed_at=_claimed_at(plan),
    )
    lines = tuple(rules.compute_line(person, shared, policy) for person in _people(plan))
    return ClaimPreview(
        plan_id=plan.plan_id,
        enterprise_name=plan.enterprise_name,
        policy_version=policy.version,
        claimed_at=shared.claimed_at,
        last_day_on=last_claim_on(policy),
        lines=lines,
        total_fen=sum(line.amount_fen for line in lines),
        people_eligible=sum(line.amount_fen > 0 for line in lines),
    )


def drawn_fen(worker_ids: Iterable[int], policy_id: str) -> dict[int, int]:
    """What each person already holds or was paid under the policy, over all claims and enterprises; absent means 0."""
    rows = db.session.execute(
        select(ClaimLine.worker_id, func.sum(ClaimLine.amount_fen))
        .where(
            ClaimLine.worker_id.in_(list(worker_ids)),
            ClaimLine.policy_id == policy_id,
            ClaimLine.status.in_(["held", "settled"]),
        )
        .group_by(ClaimLine.worker_id)
    )
    return {worker_id: int(amount) for worker_id, amount in rows}


def _people(plan: PlanView) -> list[PersonInClass]:
    class_id = plan.training_class.class_id
    members = plans.class_members(class_id)
    drawn = drawn_fen([_worker for member in members if (_worker := member.enrollment.worker_id)], plan.policy_id)
    return [_person(member, class_id, drawn) for member in members]


def _person(member: ClassMember, class_id: UUID, drawn: dict[int, int]) -> PersonInClass:
    worker_id = member.enrollment.worker_id
    quiz = None if worker_id is None else quizzes.best_result(worker_id, class_id)
    return PersonInClass(
        enrollment_id=member.enrollment.id,
        worker_id=worker_id,
        masked_name=member.roster_entry.masked_name,
        relation=member.roster_entry.relation,
        seconds=0 if worker_id is None else credit_bank.claimable_in(worker_id=worker_id, context_ref=class_id),
        checked_in=worker_id is not None and study.has_checked_in(worker_id=worker_id, class_id=class_id),
        quiz_passed=quiz is not None and quiz.passed,
        drawn_fen=0 if worker_id is None else drawn.get(worker_id, 0),
    )


def _media_seconds(plan: PlanView) -> int:
    return courses.verified_media_ms([course.course_version_id for course in plan.training_class.courses]) // 1000


def _claimed_at(plan: PlanView) -> datetime:
    """Now, or the submission of the plan's first claim if that was sent back for correction (domain.md A10)."""
    first = db.session.scalar(
        select(func.min(SubsidyClaim.submitted_at)).where(
            SubsidyClaim.plan_id == plan.id, SubsidyClaim.status == "sent_back"
        )
    )
    return first or clock.now()
