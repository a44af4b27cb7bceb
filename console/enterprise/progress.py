"""The progress board of a class: who is behind, and by how many minutes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.plans import services as plans
from backend.plans.services import ClassMember, PlanView
from backend.policies import services as policies
from backend.policies.rules import seconds_needed
from backend.study import services as study
from backend.study.services import ClassProgress
from console import pages
from console.enterprise.claims import live_claim
from console.enterprise.door import blueprint
from console.enterprise.plans import own_plan


@dataclass(frozen=True)
class BoardRow:
    """One person of the class list; ``progress`` is None until they have joined."""

    member: ClassMember
    progress: ClassProgress | None


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/progress")
def progress(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """The board; htmx asks for its table again every minute."""
    plan = own_plan(plan_id)
    policy = policies.of_version(plan.policy_id, plan.policy_version)
    needed = seconds_needed(plan.fields.class_hours, policy)
    name = "enterprise/progress_table.html" if pages.is_fragment() else "enterprise/progress.html"
    return render_template(
        name,
        plan=plan,
        rows=_rows(plan),
        needed_seconds=needed,
        needed_class_hours=-(-needed // policy.class_hour.seconds),
        live=live_claim(plan_id),
    )


def _rows(plan: PlanView) -> list[BoardRow]:
    class_id = plan.training_class.class_id
    rows = []
    for member in plans.class_members(class_id):
        worker_id = member.enrollment.worker_id
        found = None if worker_id is None else study.progress(worker_id=worker_id, class_id=class_id)
        rows.append(BoardRow(member, found))
    return rows
