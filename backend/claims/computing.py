"""Gathering the facts of a plan's people and computing its claim without storing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.certificates import services as certificates
from backend.claims import rules
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.rules import ClaimPreview, PersonInClass, PlanInClaim
from backend.courses import services as courses
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.lists import services as lists
from backend.lists.services import Asked
from backend.plans import services as plans
from backend.plans.services import ClassMember, PlanView
from backend.policies import services as policies
from backend.policies.rules import ListFinding, Policy, last_claim_on
from backend.quizzes import services as quizzes
from backend.study import services as study
from config import clock
from config.database import db

_AT_ONCE = 1_000
"""People asked about in one query: both databases bound the parameters of a statement."""


def compute_claim(*, plan_id: UUID) -> ClaimPreview:
    """What the plan's people are worth now, person by person, with every step and what is missing. Stores nothing.

    A person whose line is live in another claim has that amount taken off the cap (domain.md A4).

    Raises ``NotFound`` PLAN_NOT_FOUND.
    """
    plan = plans.plan_view(plan_id)
    policy = policies.of_version(plan.policy_id, plan.policy_version)
    claimed_at = _claimed_at(plan)
    began_at = _began_at(plan, policy)
    enterprise = enterprises.enterprise_by_id(plan.enterprise_id)
    starts_on = clock.local_date(began_at) if began_at else plan.fields.starts_on
    shared = PlanInClaim(
        filed=plan.status == "approved",
        enterprise_kind=enterprise.kind,
        starts_on=starts_on,
        starts_with_session=began_at is not None,
        class_hours=plan.fields.class_hours,
        media_seconds=_media_seconds(plan),
        claimed_at=claimed_at,
        cap_ref=rules.cap_ref(
            policy, plan=plan.plan_id, enterprise_id=plan.enterprise_id, on=clock.local_date(claimed_at)
        ),
    )
    listed = _Lists(enterprise, policy, rules.listed_on(policy, starts_on, clock.local_date(claimed_at)))
    lines = tuple(rules.compute_line(person, shared, policy) for person in _people(plan, shared.cap_ref, listed))
    return ClaimPreview(
        plan_id=plan.plan_id,
        enterprise_name=plan.enterprise_name,
        policy_version=policy.version,
        claimed_at=claimed_at,
        last_day_on=last_claim_on(policy),
        cap_ref=shared.cap_ref,
        lines=lines,
        total_fen=sum(line.amount_fen for line in lines),
        people_eligible=sum(line.amount_fen > 0 for line in lines),
    )


def drawn_fen(worker_ids: Iterable[int], policy_id: str, cap_ref: str = rules.CAP_OF_PERSON) -> dict[int, int]:
    """What each person already holds or was paid under the policy and one cap, over all claims; absent means 0."""
    rows = db.session.execute(
        select(ClaimLine.worker_id, func.sum(ClaimLine.granted_fen))
        .where(
            ClaimLine.worker_id.in_(list(worker_ids)),
            ClaimLine.policy_id == policy_id,
            ClaimLine.cap_ref == cap_ref,
            ClaimLine.status.in_(["held", "settled"]),
        )
        .group_by(ClaimLine.worker_id)
    )
    return {worker_id: int(amount) for worker_id, amount in rows}


class _Lists:
    """What the lists of other offices say on a day of an enterprise and its people (四.5)."""

    def __init__(self, enterprise: EnterpriseView, policy: Policy, on: date) -> None:
        self._uscc, self._actions, self._on = enterprise.uscc, policy.lists, on
        found = lists.findings_for_enterprise(uscc=enterprise.uscc, on=on, actions=policy.lists)
        self._of_all = tuple(ListFinding(each.kind, each.refuses, each.sentence) for each in found)

    def of(self, members: Sequence[ClassMember]) -> dict[int, tuple[ListFinding, ...]]:
        """The findings of each member, by the id of the place in the class: of the enterprise first."""
        rows = enterprises.employments(member.enrollment.roster_entry_id for member in members)
        asked = [
            Asked(
                str(member.enrollment.id),
                row.id_number_index,
                self._uscc if member.relation == "contract" else None,
            )
            for member in members
            if (row := rows.get(member.enrollment.roster_entry_id)) is not None
        ]
        found = lists.findings_for_people(asked, on=self._on, actions=self._actions)
        return {
            int(ref): (*self._of_all, *(ListFinding(each.kind, each.refuses, each.sentence) for each in findings))
            for ref, findings in found.items()
        }


def _people(plan: PlanView, cap_ref: str, listed: _Lists) -> Iterator[PersonInClass]:
    """Everybody on the class list; what is known of them is asked for many at once."""
    class_id = plan.training_class.class_id
    members = plans.class_members(class_id)
    proven = plans.relation_proven(plan.plan_id)
    certified = certificates.of_class(class_id)
    for start in range(0, len(members), _AT_ONCE):
        some = members[start : start + _AT_ONCE]
        joined = [worker_id for member in some if (worker_id := member.enrollment.worker_id) is not None]
        seconds = credit_bank.claimable_of(worker_ids=joined, context_ref=class_id)
        lessons = study.claimable_by_lesson(worker_ids=joined, class_id=class_id)
        checked_in = study.checked_in(worker_ids=joined, class_id=class_id)
        passed = quizzes.passed_by(joined, class_id)
        drawn = drawn_fen(joined, plan.policy_id, cap_ref)
        findings = listed.of(some)
        for member in some:
            worker_id = member.enrollment.worker_id
            yield PersonInClass(
                enrollment_id=member.enrollment.id,
                worker_id=worker_id,
                masked_name=member.masked_name,
                relation=member.relation,
                hired_on=member.hired_on,
                seconds=0 if worker_id is None else seconds.get(worker_id, 0),
                checked_in=worker_id in checked_in,
                quiz_passed=worker_id in passed,
                drawn_fen=0 if worker_id is None else drawn.get(worker_id, 0),
                lesson_seconds=() if worker_id is None else lessons.get(worker_id, ()),
                relation_proven=member.relation in proven,
                certificate_number=certified[worker_id].number if worker_id in certified else None,
                list_findings=findings.get(member.enrollment.id, ()),
            )


def _began_at(plan: PlanView, policy: Policy) -> datetime | None:
    """When the class really began, where the policy asks for it; None before anybody learned (domain.md A3)."""
    if policy.window.class_start_means != "first_session_after_filing":
        return None
    return study.class_began_at(class_id=plan.training_class.class_id)


def _media_seconds(plan: PlanView) -> int:
    return courses.verified_media_ms([course.course_version_id for course in plan.training_class.courses]) // 1000


def _claimed_at(plan: PlanView) -> datetime:
    """Now, or the first submission of a claim that was sent back for correction and not ended since (domain.md A10)."""
    first = None
    for status, submitted_at in db.session.execute(
        select(SubsidyClaim.status, SubsidyClaim.submitted_at)
        .where(SubsidyClaim.plan_id == plan.id)
        .order_by(SubsidyClaim.id.desc())
    ):
        if status != "sent_back":
            break
        first = submitted_at
    return first or clock.now()
