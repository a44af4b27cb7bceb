"""Training plans: draft, fill in under the eyes of the checker, sign, submit; the class code as a QR."""

from __future__ import annotations

import io
import uuid

import segno
from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.courses import services as courses
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from backend.plans.rules import EDITABLE
from backend.plans.services import PlanFields, PlanView
from backend.policies import services as policies
from config.database import transaction
from console import access, pages
from console.enterprise.door import blueprint, enterprise
from console.enterprise.plan_fields import read_fields, typed
from console.forms import Form


def own_plan(plan_id: uuid.UUID) -> PlanView:
    """A plan of this enterprise; another's looks as if it did not exist."""
    plan = plans.plan_view(plan_id)
    if plan.enterprise_id != enterprise().id:
        abort(404)
    return plan


@blueprint.get("/<uuid:enterprise_id>/plans")
def plan_list(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Every plan of the enterprise, the newest first."""
    return render_template("enterprise/plan_list.html", plans=plans.plans_of_enterprise(enterprise().id))


@blueprint.post("/<uuid:enterprise_id>/plans")
def draft_plan(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Begin an empty draft and open its form."""
    plan = transaction(
        lambda: plans.draft_plan(enterprise_id=enterprise().id, fields=PlanFields(), actor=access.actor())
    )
    return redirect(url_for(".edit_plan", enterprise_id=enterprise_id, plan_id=plan.plan_id))


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>")
def plan(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """The plan as filed, its state, the class code, and the files kept of it."""
    return plan_page(own_plan(plan_id), Form())


def plan_page(shown: PlanView, form: Form) -> str:
    """The plan with its materials; ``form`` is the one for handing more in."""
    return render_template(
        "enterprise/plan.html",
        plan=shown,
        findings=plans.check_plan(shown.plan_id) if shown.status in EDITABLE else None,
        documents=plans.documents_of(shown.plan_id),
        materials=plans.materials_of(shown.plan_id),
        form=form,
    )


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/edit")
def edit_plan(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """The form, with what was saved so far."""
    shown = own_plan(plan_id)
    return form_page(shown, Form(typed(shown.fields)))


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/edit")
def save_plan(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Save the draft; htmx gets the checker's findings, a plain browser the page."""
    own_plan(plan_id)
    form = Form(request.form)
    fields = read_fields(form)
    form.submit(lambda: plans.revise_plan(plan_id=plan_id, fields=fields, actor=access.actor()))
    if pages.is_fragment():
        return render_template(
            "fragments/plan_check.html", findings=plans.check_plan(plan_id), form=form
        ), form.status if form.refused else 200
    if form.refused:
        return form_page(own_plan(plan_id), form), form.status
    flash("草稿已保存。")
    return redirect(url_for(".edit_plan", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/people")
def enroll(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Make the class list what is ticked."""
    shown = own_plan(plan_id)
    form = Form(request.form)
    ticked = form.ids("roster_entry_ids", "参训人员", required=False)
    leaving = sorted(_enrolled(shown) - set(ticked))

    def work() -> None:
        plans.unenroll(plan_id=plan_id, roster_entry_ids=leaving, actor=access.actor())
        plans.enroll(plan_id=plan_id, roster_entry_ids=ticked, actor=access.actor())

    form.submit(work)
    if form.refused:
        form.typed = typed(shown.fields)
        return form_page(shown, form), form.status
    flash(f"参训名单已保存，共 {len(ticked)} 人。")
    return redirect(url_for(".edit_plan", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/submit")
def submit_plan(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Sign the letter of commitment and file the plan, both or neither."""
    shown = own_plan(plan_id)
    form = Form(request.form)
    signer = form.text("signer", "签署人姓名", limit=50)
    if not form.ticked("commitment"):
        form.note("commitment", "请先阅读并勾选承诺书")

    def work() -> PlanView:
        plans.sign_commitment(plan_id=plan_id, version=plans.CURRENT_VERSION, signer=signer, actor=access.actor())
        return plans.submit_plan(plan_id=plan_id, actor=access.actor())

    form.submit(work)
    if form.refused:
        form.typed.update(typed(shown.fields))
        return form_page(shown, form), form.status
    flash("培训计划已提交，等待市高训中心审核。")
    return redirect(url_for(".plan", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/class-code.svg")
def class_qr(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """The class code as a QR for the WeChat group."""
    drawn = io.BytesIO()
    segno.make(own_plan(plan_id).training_class.class_code, error="m").save(drawn, kind="svg", scale=8, border=2)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def form_page(shown: PlanView, form: Form) -> str:
    """The form of a plan that may still be changed, its people, documents and signature."""
    return render_template(
        "enterprise/plan_form.html",
        plan=shown,
        form=form,
        findings=plans.check_plan(shown.plan_id),
        documents=plans.documents_of(shown.plan_id),
        late_filing=policies.get(shown.policy_id).window.class_start_means == "reviewer_grants_late_filing",
        courses=courses.list_courses(enterprise_ids=[enterprise().public_id]),
        people=enterprises.roster(enterprise().id),
        listed=plans.listed_on_roster(enterprise().id).people,
        enrolled=_enrolled(shown),
        commitment=plans.commitment_text(plans.CURRENT_VERSION),
    )


def _enrolled(shown: PlanView) -> set[uuid.UUID]:
    return {member.roster_entry.public_id for member in plans.class_members(shown.training_class.class_id)}
