"""One screen a training plan: what was filed, what the checker finds, the decision."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.enterprises import services as enterprises
from backend.imports import services as imports
from backend.plans import services as plans
from backend.reviews import services as reviews
from backend.reviews.services import Relevance
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision
from wire.downloads import stored

_DECIDE = {
    "approve": reviews.approve_plan,
    "send_back": reviews.send_back_plan,
    "reject": reviews.reject_plan,
}


@blueprint.get("/plans/<uuid:plan_id>")
def plan(plan_id: uuid.UUID) -> ResponseReturnValue:
    """The plan beside the enterprise's business scope, with the checker's findings."""
    return _page(plan_id, Form())


@blueprint.get("/plans/<uuid:plan_id>/materials/<uuid:attachment_id>")
def download_material(plan_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """One file that the enterprise keeps of the class, as it was handed in."""
    material, path = plans.open_material(plan_id=plan_id, attachment_id=attachment_id)
    return stored(path, material.name, material.media_type, sha256=material.sha256)


@blueprint.get("/plans/<uuid:plan_id>/imports/<uuid:batch_id>/papers/<uuid:attachment_id>")
def import_paper(plan_id: uuid.UUID, batch_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """What another platform vouches for its records by: a stamped paper, a signed statement, the table itself."""
    shown = plans.plan_view(plan_id)
    batch = imports.batch_of_enterprise(enterprise_id=shown.enterprise_id, batch_id=batch_id)
    paper, path = imports.open_paper(batch_id=batch.batch_id, attachment_id=attachment_id)
    return stored(path, paper.name, paper.media_type, sha256=paper.sha256)


@blueprint.post("/plans/<uuid:plan_id>/decision")
def decide_plan(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Approve, send back or refuse, with reason and clause."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, tuple(_DECIDE))
    relevance = _read_relevance(form, decision)
    decided = form.submit(
        lambda: _DECIDE[decision](
            plan_id=plan_id, staff=access.staff(), reason=reason, clause=clause, relevance=relevance
        )
    )
    if decided is None:
        return _page(plan_id, form), form.status
    flash(f"已办理：{decided.enterprise_name}的培训计划。")
    return redirect(url_for(".queue"))


def _read_relevance(form: Form, decision: str) -> Relevance | None:
    """一(一): whether the training belongs to the main business, and why; no plan is put on file without an answer."""
    if form.blank("relevant") and decision != "approve":
        return None
    answer = form.choice("relevant", "是否与主营业务相关", ("yes", "no"))
    return Relevance(answer == "yes", form.text("relevance_why", "相关性说明", limit=500, required=False))


def _page(plan_id: uuid.UUID, form: Form) -> str:
    shown = plans.plan_view(plan_id)
    batches = imports.batches_of_class(shown.training_class.class_id)
    return render_template(
        "reviewer/plan.html",
        plan=shown,
        owner=enterprises.enterprise_by_id(shown.enterprise_id),
        materials=plans.materials_of(plan_id),
        documents=plans.documents_of(plan_id),
        amendments=plans.amendments_of(plan_id),
        imported=[(batch, imports.papers_of(batch.batch_id)) for batch in batches],
        members=plans.class_members(shown.training_class.class_id),
        listed=plans.listed_on_plan(plan_id).people,
        findings=plans.check_plan(plan_id),
        history=reviews.history(subject="plan", subject_id=plan_id),
        form=form,
    )
