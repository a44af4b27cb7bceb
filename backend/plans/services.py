"""The plans slice's front door. ``plan_id`` and ``class_id`` are public ids; ``worker_id`` and ``enterprise_id`` are inside.

``drafting`` and ``enrollments`` prepare a plan, ``filing`` checks it and moves it, ``classes`` is what workers and the study
desk see, ``materials`` are the files kept of a class. ``actor`` is who did it, for the audit rows, for instance
``"staff:<public id>"``.
"""

from backend.plans.amending import (
    approve_amendment,
    check_amendment,
    reject_amendment,
    send_back_amendment,
    submit_amendment,
    withdraw_amendment,
)
from backend.plans.amendment_views import (
    AmendedPersonView,
    AmendmentView,
    amendment_states,
    amendment_view,
    amendments_of,
    submitted_amendments,
)
from backend.plans.classes import (
    class_members,
    class_of_code,
    class_view,
    class_view_by_id,
    classes_of,
    enrollment,
    enrollments,
    filed_from,
    join_class,
    places_in,
)
from backend.plans.commitment import CURRENT_VERSION, commitment_text
from backend.plans.documents import AGREEMENTS, DOCUMENT_KINDS, DocumentFacts
from backend.plans.drafting import draft_plan, revise_plan, sign_commitment
from backend.plans.enrollments import enroll, unenroll
from backend.plans.filing import approve_plan, check_plan, is_filed_late, reject_plan, send_back_plan, submit_plan
from backend.plans.listed import ListedPeople, listed_on_plan, listed_on_roster
from backend.plans.loading import (
    PlanState,
    count_plans,
    locked_plan_view,
    plan_states,
    plan_view,
    plan_view_by_id,
    plans_of_enterprise,
    policy_of_class,
    submitted_plans,
)
from backend.plans.materials import (
    MATERIAL_KINDS,
    DocumentView,
    add_document,
    add_material,
    documents_of,
    materials_of,
    open_material,
    receive_material,
    relation_proven,
)
from backend.plans.plan_facts import PlanFinding
from backend.plans.printing import commitment_pdf
from backend.plans.rules import AmendmentFields, PlanFields
from backend.plans.sealing import count_sealed_rows, sealed_rows
from backend.plans.views import ClassMember, ClassView, EnrollmentView, PlanCourseView, PlanView
from learning_records.evidence.attachments import AttachmentView, ReceivedFile

__all__ = [
    "AGREEMENTS",
    "CURRENT_VERSION",
    "DOCUMENT_KINDS",
    "MATERIAL_KINDS",
    "AmendedPersonView",
    "AmendmentFields",
    "AmendmentView",
    "AttachmentView",
    "ClassMember",
    "ClassView",
    "DocumentFacts",
    "DocumentView",
    "EnrollmentView",
    "ListedPeople",
    "PlanCourseView",
    "PlanFields",
    "PlanFinding",
    "PlanState",
    "PlanView",
    "ReceivedFile",
    "add_document",
    "add_material",
    "amendment_states",
    "amendment_view",
    "amendments_of",
    "approve_amendment",
    "approve_plan",
    "check_amendment",
    "check_plan",
    "class_members",
    "class_of_code",
    "class_view",
    "class_view_by_id",
    "classes_of",
    "commitment_pdf",
    "commitment_text",
    "count_plans",
    "count_sealed_rows",
    "documents_of",
    "draft_plan",
    "enroll",
    "enrollment",
    "enrollments",
    "filed_from",
    "is_filed_late",
    "join_class",
    "listed_on_plan",
    "listed_on_roster",
    "locked_plan_view",
    "materials_of",
    "open_material",
    "places_in",
    "plan_states",
    "plan_view",
    "plan_view_by_id",
    "plans_of_enterprise",
    "policy_of_class",
    "receive_material",
    "reject_amendment",
    "reject_plan",
    "relation_proven",
    "revise_plan",
    "sealed_rows",
    "send_back_amendment",
    "send_back_plan",
    "sign_commitment",
    "submit_amendment",
    "submit_plan",
    "submitted_amendments",
    "submitted_plans",
    "unenroll",
    "withdraw_amendment",
]
