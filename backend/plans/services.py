"""The plans slice's front door. ``plan_id`` and ``class_id`` are public ids; ``worker_id`` and ``enterprise_id`` are inside.

``drafting`` and ``enrollments`` prepare a plan, ``filing`` checks it and moves it, ``classes`` is what workers and the study
desk see, ``materials`` are the files kept of a class. ``actor`` is who did it, for the audit rows, for instance
``"staff:<public id>"``.
"""

from backend.plans.checker import PlanFinding
from backend.plans.classes import (
    class_members,
    class_of_code,
    class_view,
    class_view_by_id,
    classes_of,
    enrollment,
    enrollments,
    join_class,
    places_in,
    plan_state_at,
)
from backend.plans.commitment import CURRENT_VERSION, commitment_text
from backend.plans.drafting import draft_plan, revise_plan, sign_commitment
from backend.plans.enrollments import enroll, unenroll
from backend.plans.filing import approve_plan, check_plan, reject_plan, send_back_plan, submit_plan
from backend.plans.loading import (
    PlanState,
    count_plans,
    locked_plan_view,
    plan_states,
    plan_view,
    plan_view_by_id,
    plans_of_enterprise,
    submitted_plans,
)
from backend.plans.materials import MATERIAL_KINDS, add_material, materials_of, open_material, receive_material
from backend.plans.rules import PlanFields
from backend.plans.views import ClassMember, ClassView, EnrollmentView, PlanCourseView, PlanView
from learning_records.evidence.attachments import AttachmentView, ReceivedFile

__all__ = [
    "CURRENT_VERSION",
    "MATERIAL_KINDS",
    "AttachmentView",
    "ClassMember",
    "ClassView",
    "EnrollmentView",
    "PlanCourseView",
    "PlanFields",
    "PlanFinding",
    "PlanState",
    "PlanView",
    "ReceivedFile",
    "add_material",
    "approve_plan",
    "check_plan",
    "class_members",
    "class_of_code",
    "class_view",
    "class_view_by_id",
    "classes_of",
    "commitment_text",
    "count_plans",
    "draft_plan",
    "enroll",
    "enrollment",
    "enrollments",
    "join_class",
    "locked_plan_view",
    "materials_of",
    "open_material",
    "places_in",
    "plan_state_at",
    "plan_states",
    "plan_view",
    "plan_view_by_id",
    "plans_of_enterprise",
    "receive_material",
    "reject_plan",
    "revise_plan",
    "send_back_plan",
    "sign_commitment",
    "submit_plan",
    "submitted_plans",
    "unenroll",
]
