"""Drafting a training plan: its fields, its class code and the commitment letter (clause 三)."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.courses import services as courses
from backend.courses.services import CourseView
from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.plans import rules
from backend.plans.commitment import signed_digest
from backend.plans.loading import load_plan, view
from backend.plans.models import PlanCourse, TrainingClass, TrainingPlan
from backend.plans.rules import PlanFields
from backend.plans.views import PlanView
from backend.policies import services as policies
from config import clock
from config.database import db
from config.errors import Invalid, NotFound

_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else on a small screen
_CODE_LENGTH = 8
_PLAN_FIELDS = (
    "kind",
    "head_count",
    "class_hours",
    "mode",
    "platform",
    "agreement",
    "relevance",
    "trade_code",
    "affected",
    "late_filing_reason",
)


def draft_plan(*, enterprise_id: int, fields: PlanFields, actor: str) -> PlanView:
    """A new draft with its class and class code, under the policy of today. Blank fields are fine until it is submitted.

    Raises ``Invalid`` PLAN_FIELDS_INVALID, ``NotFound`` for an unknown course or enterprise.
    """
    fields = rules.clean_fields(fields)
    enterprise = enterprises.enterprise_by_id(enterprise_id)
    policy = policies.for_enterprise(enterprise.uscc)
    plan = TrainingPlan(
        enterprise_id=enterprise_id,
        enterprise_name=enterprise.name,
        status="draft",
        policy_id=policy.id,
        policy_version=policies.keep(policy),
        created_at=clock.now(),
        decision_reason="",
        decision_clause="",
        training_class=TrainingClass(title="", class_code=_new_class_code()),
    )
    _fill(plan, fields, enterprise)
    db.session.add(plan)
    db.session.flush()
    audit.write(actor=actor, action="plan.drafted", subject=f"plan:{plan.public_id}", detail={})
    return view(plan)


def revise_plan(*, plan_id: UUID, fields: PlanFields, actor: str) -> PlanView:
    """Replace every field of a draft or a plan sent back. A signature given for other fields falls away.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_NOT_EDITABLE, ``Invalid`` PLAN_FIELDS_INVALID.
    """
    fields = rules.clean_fields(fields)
    plan = _editable(plan_id)
    enterprise = enterprises.enterprise_by_id(plan.enterprise_id)
    plan.enterprise_name = enterprise.name
    _fill(plan, fields, enterprise)
    _unsign(plan)
    db.session.flush()
    audit.write(actor=actor, action="plan.revised", subject=f"plan:{plan.public_id}", detail={})
    return view(plan)


def sign_commitment(*, plan_id: UUID, version: str, signer: str, actor: str) -> PlanView:
    """Sign the commitment letter of clause 三 for this plan: version, signer, time and digest are kept.

    Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` PLAN_NOT_EDITABLE, ``Invalid`` COMMITMENT_VERSION_UNKNOWN or
    COMMITMENT_SIGNER_MISSING.
    """
    signer = signer.strip()
    if not 2 <= len(signer) <= 50:
        raise Invalid("COMMITMENT_SIGNER_MISSING", "请填写签署人姓名（2至50个字）。")
    plan = _editable(plan_id)
    signed_at = clock.now()
    plan.commitment_sha256 = signed_digest(
        version=version,
        enterprise_name=plan.enterprise_name,
        plan=str(plan.public_id),
        signer=signer,
        signed_at=signed_at,
    )
    plan.commitment_version, plan.commitment_signer, plan.commitment_signed_at = version, signer, signed_at
    db.session.flush()
    audit.write(
        actor=actor,
        action="plan.commitment_signed",
        subject=f"plan:{plan.public_id}",
        detail={"version": version, "sha256": plan.commitment_sha256},
    )
    return view(plan)


def _editable(plan_id: UUID) -> TrainingPlan:
    plan = load_plan(plan_id, lock=True)
    rules.require_editable(plan.status)
    return plan


def _fill(plan: TrainingPlan, fields: PlanFields, enterprise: EnterpriseView) -> None:
    for name in _PLAN_FIELDS:
        setattr(plan, name, getattr(fields, name))
    plan.training_class.title = fields.title
    plan.training_class.starts_on, plan.training_class.ends_on = fields.starts_on, fields.ends_on
    rows = {row.course_public_id: row for row in plan.courses}
    plan.courses = [
        _chosen(rows.get(course_id) or PlanCourse(course_public_id=course_id), position, enterprise)
        for position, course_id in enumerate(fields.course_ids)
    ]


def _chosen(row: PlanCourse, position: int, enterprise: EnterpriseView) -> PlanCourse:
    course = course_of_enterprise(row.course_public_id, enterprise)
    row.position, row.course_version_id = position, course.version_id
    row.version, row.title = course.version, course.title
    return row


def course_of_enterprise(course_id: UUID, enterprise: EnterpriseView) -> CourseView:
    """The course in its newest version. Raises ``NotFound`` COURSE_NOT_FOUND, also for another enterprise's own course."""
    course = courses.course_view(course_id)
    if course.owner.kind == "enterprise" and course.owner.enterprise_id != enterprise.public_id:
        raise NotFound("COURSE_NOT_FOUND", "没有找到这门课程，请刷新课程列表后再试。")
    return course


def _unsign(plan: TrainingPlan) -> None:
    plan.commitment_version = plan.commitment_signer = plan.commitment_sha256 = None
    plan.commitment_signed_at = None


def _new_class_code() -> str:
    while True:
        code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
        if db.session.scalar(select(TrainingClass.id).where(TrainingClass.class_code == code)) is None:
            return code
