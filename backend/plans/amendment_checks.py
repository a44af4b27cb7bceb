"""What an amendment may change, looked up and held against the plan as it would be (clause 三, domain.md A23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import cast

from sqlalchemy import select

from backend.courses import services as courses
from backend.enterprises import services as enterprises
from backend.enterprises.rules import Relation
from backend.enterprises.services import Employment
from backend.people import services as people
from backend.plans import checker
from backend.plans.amendment_models import AmendedCourse, PlanAmendment
from backend.plans.drafting import course_of_enterprise
from backend.plans.filing import facts_of
from backend.plans.listed import hits_of_people
from backend.plans.loading import policy_of
from backend.plans.models import Enrollment, TrainingPlan
from backend.plans.plan_facts import PlanFinding
from backend.plans.rules import AmendmentFields
from config.database import db
from config.errors import Conflict, Invalid, NotFound
from learning_records.sessions import services as sessions

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Change:
    """What an amendment changes, looked up: people by roster row, courses in their newest version."""

    added: Sequence[Employment]
    corrected: Sequence[Employment]
    courses: Sequence[AmendedCourse]
    head_count: int | None
    class_hours: int | None


def looked_up(plan: TrainingPlan, fields: AmendmentFields) -> Change:
    """Look up what an enterprise asks for: people on its roster, courses it may use. Raises as ``submit_amendment``."""
    wanted = [*fields.added, *fields.corrected]
    if fields.class_hours is not None and fields.class_hours <= (plan.class_hours or 0):
        message = f"变更后的课时应多于备案的{plan.class_hours}课时"
        error = {"field": "class_hours", "message": message}
        raise Invalid("AMENDMENT_FIELDS_INVALID", "变更申请中有填写错误，请按提示改正。", errors=[error])
    known = enterprises.employments_on_roster(enterprise_id=plan.enterprise_id, public_ids=wanted)
    if len(known) < len(set(wanted)):
        raise NotFound("ROSTER_ENTRY_NOT_FOUND", "所选人员不在本企业花名册上，请刷新花名册后重新选择。")
    added = [known[public_id] for public_id in fields.added]
    corrected = [known[public_id] for public_id in fields.corrected]
    require_absent(plan, added)
    require_not_begun(plan, corrected)
    _require_differing(plan, corrected)
    owner = enterprises.enterprise_by_id(plan.enterprise_id)
    there = {course.course_public_id for course in plan.courses}
    if there & set(fields.course_ids):
        raise Conflict("COURSE_IN_PLAN", "所选课程已在备案的培训课程里，请只选新增的课程。")
    chosen = [course_of_enterprise(course_id, owner) for course_id in fields.course_ids]
    new_courses = [
        AmendedCourse(
            course_public_id=course.public_id,
            course_version_id=course.version_id,
            version=course.version,
            title=course.title,
        )
        for course in chosen
    ]
    return Change(added, corrected, new_courses, fields.head_count, fields.class_hours)


def kept_change(amendment: PlanAmendment) -> Change:
    """What was asked for, as it was sealed, whatever the roster says by now."""
    entries = enterprises.employments(person.roster_entry_id for person in amendment.people)
    by_action: dict[str, list[Employment]] = {"add": [], "correct": []}
    for person in amendment.people:
        entry = entries[person.roster_entry_id]
        as_sealed = replace(entry, relation=cast(Relation, person.relation), hired_on=person.hired_on)
        by_action[person.action].append(as_sealed)
    return Change(
        by_action["add"], by_action["correct"], amendment.courses, amendment.head_count, amendment.class_hours
    )


def require_none_waiting(plan: TrainingPlan) -> None:
    """Raises ``Conflict`` AMENDMENT_WAITING while another amendment of the plan waits."""
    query = select(PlanAmendment.id).where(PlanAmendment.plan_id == plan.id, PlanAmendment.status == "submitted")
    if db.session.scalar(query) is not None:
        raise Conflict("AMENDMENT_WAITING", "上一份变更申请还在审核；请等审核结果，或撤回后重新提交。")


def _places(plan: TrainingPlan, people_of: Sequence[Employment]) -> dict[int, Enrollment]:
    found: dict[int, Enrollment] = {}
    for start in range(0, len(people_of), _AT_ONCE):
        some = [entry.entry_id for entry in people_of[start : start + _AT_ONCE]]
        query = select(Enrollment).where(
            Enrollment.class_id == plan.training_class.id, Enrollment.roster_entry_id.in_(some)
        )
        found |= {row.roster_entry_id: row for row in db.session.scalars(query)}
    return found


def require_absent(plan: TrainingPlan, added: Sequence[Employment]) -> None:
    """Raises ``Conflict`` PERSON_ENROLLED for who is on the class list already."""
    if present := len(_places(plan, added)):
        raise Conflict("PERSON_ENROLLED", f"所选人员中有{present}人已在参训名单里，请只选新增的人员。")


def require_not_begun(plan: TrainingPlan, corrected: Sequence[Employment]) -> None:
    """What somebody was filed as is corrected only before that person's first session (domain.md A23)."""
    places = _places(plan, corrected)
    if len(places) < len(corrected):
        raise NotFound("ROSTER_ENTRY_NOT_FOUND", "要更正的人员不在参训名单里，请刷新页面后重新选择。")
    workers = [row.worker_id for row in places.values() if row.worker_id is not None]
    refs = list(people.learner_refs(workers).values())
    class_ref = plan.training_class.public_id
    begun = {
        ref
        for start in range(0, len(refs), _AT_ONCE)
        for ref in sessions.begun(person_refs=refs[start : start + _AT_ONCE], context_ref=class_ref)
    }
    if begun:
        raise Conflict("PERSON_HAS_BEGUN", f"所选人员中有{len(begun)}人已经开始学习，备案信息不能再更正。")


def _require_differing(plan: TrainingPlan, corrected: Sequence[Employment]) -> None:
    places = _places(plan, corrected)
    for entry in corrected:
        row = places[entry.entry_id]
        if (row.filed_relation, row.filed_hired_on) == (entry.relation, entry.hired_on):
            raise Invalid(
                "AMENDMENT_FIELDS_INVALID",
                "所选人员的用工形式和入职日期与备案时相同；请先在花名册里改正，再申请更正。",
            )


def amended_findings(plan: TrainingPlan, change: Change) -> list[PlanFinding]:
    """What the checker says of the plan as it would be."""
    policy, facts = policy_of(plan), facts_of(plan)
    starts_on = plan.training_class.starts_on
    assert starts_on is not None, "a plan on file has its dates"
    people_of = [*change.added, *change.corrected]
    versions = [course.course_version_id for course in plan.courses]
    versions += [course.course_version_id for course in change.courses]
    topics = {
        topic
        for course in change.courses
        for topic in courses.course_view(course.course_public_id, version=course.version).topics
    }
    amended = replace(
        facts,
        head_count=change.head_count or facts.head_count,
        class_hours=change.class_hours or facts.class_hours,
        course_count=len(versions),
        enrolled=facts.enrolled + len(change.added),
        media_ms=courses.verified_media_ms(versions),
        topics=facts.topics | topics,
        relations=facts.relations | {entry.relation for entry in people_of},
        hired_late=sum(entry.hired_on > starts_on for entry in people_of),
        list_hits=hits_of_people(plan, people_of, policy),
    )
    return checker.check(amended, policy)


def refuse_blocked(plan: TrainingPlan, change: Change) -> None:
    """Raises ``Invalid`` AMENDMENT_NOT_READY with the blocking findings."""
    blocks = checker.blocking(amended_findings(plan, change))
    if blocks:
        raise Invalid(
            "AMENDMENT_NOT_READY",
            "按变更后的内容还不能备案：" + "".join(finding.sentence for finding in blocks),
            errors=[asdict(finding) for finding in blocks],
        )
