"""Filing a training plan (备案): the checker over its stored facts, and the moves that follow (clause 三)."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from backend.audit import services as audit
from backend.courses import services as courses
from backend.enterprises import services as enterprises
from backend.plans import checker, rules
from backend.plans.enrollments import employments_of_class, file_class_list
from backend.plans.listed import hits_of
from backend.plans.loading import load_plan, policy_of, view
from backend.plans.materials import document_facts
from backend.plans.models import TrainingPlan
from backend.plans.plan_facts import PlanFacts, PlanFinding
from backend.plans.views import PlanView
from backend.platforms import services as platforms
from backend.policies import services as policies
from config import clock
from config.database import db
from config.errors import Invalid


def check_plan(plan_id: UUID) -> list[PlanFinding]:
    """The plan checker: what blocks the filing and what is worth a warning, each with clause and sentence.

    Raises ``NotFound`` PLAN_NOT_FOUND.
    """
    return _findings(load_plan(plan_id))


def submit_plan(*, plan_id: UUID, actor: str) -> PlanView:
    """File the plan (备案), or file it again after it was sent back; ``filed_at`` stays that of the first filing.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_MOVE_REFUSED, ``Invalid`` PLAN_NOT_READY with the blocking findings.
    """
    plan = load_plan(plan_id, lock=True)
    after = rules.next_status(plan.status, "submit")
    _refuse_blocked(plan)
    plan.submitted_at = clock.now()
    plan.filed_at = plan.filed_at or plan.submitted_at
    plan.policy_version = policies.keep(policies.get(plan.policy_id))
    plan.decision_reason = plan.decision_clause = ""
    file_class_list(plan.training_class.id)
    _move(plan, after, actor=actor, action="plan.submitted", detail={"policy_version": plan.policy_version})
    return view(plan)


def approve_plan(*, plan_id: UUID, actor: str, reason: str, clause: str) -> PlanView:
    """Accept the filing and give it its number; called by ``reviews``. Time from now on is claimable (domain.md A3).

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_MOVE_REFUSED, ``Invalid`` PLAN_NOT_READY.
    """
    plan = load_plan(plan_id, lock=True)
    after = rules.next_status(plan.status, "approve")
    _refuse_blocked(plan)
    plan.approved_at = clock.now()
    plan.filing_number = rules.filing_number(clock.local_date(plan.approved_at), plan.id)
    _decide(plan, after, actor=actor, action="plan.approved", reason=reason, clause=clause)
    return view(plan)


def send_back_plan(*, plan_id: UUID, actor: str, reason: str, clause: str) -> PlanView:
    """Return the plan for correction; called by ``reviews``.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_MOVE_REFUSED.
    """
    plan = load_plan(plan_id, lock=True)
    after = rules.next_status(plan.status, "send_back")
    _decide(plan, after, actor=actor, action="plan.sent_back", reason=reason, clause=clause)
    return view(plan)


def reject_plan(*, plan_id: UUID, actor: str, reason: str, clause: str) -> PlanView:
    """Refuse the filing for good; called by ``reviews``.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_MOVE_REFUSED.
    """
    plan = load_plan(plan_id, lock=True)
    after = rules.next_status(plan.status, "reject")
    _decide(plan, after, actor=actor, action="plan.rejected", reason=reason, clause=clause)
    return view(plan)


def is_filed_late(plan_id: UUID) -> bool:
    """Whether the class was to start before the plan was filed (补备案). Raises ``NotFound`` PLAN_NOT_FOUND."""
    facts = facts_of(load_plan(plan_id))
    return facts.starts_on is not None and facts.starts_on < facts.filed_on


def _findings(plan: TrainingPlan) -> list[PlanFinding]:
    return checker.check(facts_of(plan), policy_of(plan))


def facts_of(plan: TrainingPlan) -> PlanFacts:
    """The plan as the checker sees it now."""
    enterprise = enterprises.enterprise_by_id(plan.enterprise_id)
    training_class = plan.training_class
    people = employments_of_class(training_class.id, as_filed=plan.status not in rules.EDITABLE)
    starts_on = training_class.starts_on
    today = clock.today()
    policy = policy_of(plan)
    filed_on = today if plan.filed_at is None else clock.local_date(plan.filed_at)
    return PlanFacts(
        enterprise_name=plan.enterprise_name,
        enterprise_kind=enterprise.kind,
        kind=plan.kind,
        head_count=plan.head_count,
        course_count=len(plan.courses),
        class_hours=plan.class_hours,
        mode=plan.mode,
        platform=plan.platform,
        platforms_outside=platforms.platforms_outside(
            plan.platform, on=filed_on, first_batch_on=policy.directory.first_batch_on
        ),
        agreement=plan.agreement,
        relevance=plan.relevance,
        trade_code=plan.trade_code,
        affected=plan.affected,
        commitment_signed=plan.commitment_sha256 is not None,
        starts_on=starts_on,
        ends_on=training_class.ends_on,
        enrolled=len(people),
        media_ms=courses.verified_media_ms([course.course_version_id for course in plan.courses]),
        topics=_topics(plan),
        filed_on=filed_on,
        checked_on=today,
        approved=plan.status == "approved",
        documents=document_facts(plan),
        relations=frozenset(relation for relation, _ in people),
        hired_late=sum(hired_on > starts_on for _, hired_on in people) if starts_on else 0,
        late_filing_reason=plan.late_filing_reason,
        list_hits=hits_of(plan, policy),
    )


def _topics(plan: TrainingPlan) -> frozenset[str]:
    chosen = [courses.course_view(course.course_public_id, version=course.version) for course in plan.courses]
    return frozenset(topic for course in chosen for topic in course.topics)


def _refuse_blocked(plan: TrainingPlan) -> None:
    blocks = checker.blocking(_findings(plan))
    if blocks:
        raise Invalid(
            "PLAN_NOT_READY",
            "培训计划还不能备案：" + "".join(finding.sentence for finding in blocks),
            errors=[asdict(finding) for finding in blocks],
        )


def _decide(plan: TrainingPlan, after: str, *, actor: str, action: str, reason: str, clause: str) -> None:
    plan.decision_reason, plan.decision_clause = reason, clause
    _move(plan, after, actor=actor, action=action, detail={"reason": reason, "clause": clause})


def _move(plan: TrainingPlan, after: str, *, actor: str, action: str, detail: dict[str, str]) -> None:
    plan.status = after
    db.session.flush()
    audit.write(actor=actor, action=action, subject=f"plan:{plan.public_id}", detail=detail)
