"""备案变更: ask for a change of a plan on file, and see what became of it; what is left of each person's cap."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.courses import services as courses
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from backend.plans.services import AmendmentFields, PlanView
from backend.policies import services as policies
from backend.registers.remaining_caps import remaining_caps
from console import access
from console.enterprise.door import blueprint, enterprise
from console.enterprise.plans import own_plan
from console.forms import Form


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/amendments")
def amendments(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """What was asked for so far, and the form for more."""
    return _page(own_plan(plan_id), Form())


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/amendments")
def submit_amendment(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for a change."""
    shown = own_plan(plan_id)
    form = Form(request.form)
    fields = AmendmentFields(
        reason=form.text("reason", "变更原因", limit=500),
        added=tuple(form.ids("added", "新增人员", required=False)),
        corrected=tuple(form.ids("corrected", "更正人员", required=False)),
        course_ids=tuple(form.ids("course_ids", "新增课程", required=False)),
        head_count=None if form.blank("head_count") else form.whole("head_count", "培训人数", least=1, most=100_000),
        class_hours=None if form.blank("class_hours") else form.whole("class_hours", "培训时长", least=1, most=1_000),
    )
    form.submit(lambda: plans.submit_amendment(plan_id=plan_id, fields=fields, actor=access.actor()))
    if form.refused:
        return _page(shown, form), form.status
    flash("变更申请已提交，等待市高训中心审核；审核通过前按原备案执行。")
    return redirect(url_for(".amendments", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/amendments/<uuid:amendment_id>/withdraw")
def withdraw_amendment(enterprise_id: uuid.UUID, plan_id: uuid.UUID, amendment_id: uuid.UUID) -> ResponseReturnValue:
    """Take back what still waits."""
    shown = own_plan(plan_id)
    if plans.amendment_view(amendment_id).plan_id != shown.plan_id:
        abort(404)
    form = Form(request.form)
    form.submit(lambda: plans.withdraw_amendment(amendment_id=amendment_id, actor=access.actor()))
    if form.refused:
        return _page(shown, form), form.status
    flash("变更申请已撤回。")
    return redirect(url_for(".amendments", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/caps")
def caps(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Before training: what is left of the cap for each person on the list."""
    shown = own_plan(plan_id)
    cap_fen = policies.of_version(shown.policy_id, shown.policy_version).subsidy.cap_fen
    return render_template("enterprise/caps.html", plan=shown, caps=remaining_caps(plan_id), cap_fen=cap_fen)


def _page(shown: PlanView, form: Form) -> str:
    members = plans.class_members(shown.training_class.class_id)
    present = {member.roster_entry.public_id for member in members}
    in_plan = set(shown.fields.course_ids)
    return render_template(
        "enterprise/amendments.html",
        plan=shown,
        form=form,
        amendments=plans.amendments_of(shown.plan_id),
        absent=[entry for entry in enterprises.roster(enterprise().id) if entry.public_id not in present],
        differing=[
            member
            for member in members
            if (member.relation, member.hired_on) != (member.roster_entry.relation, member.roster_entry.hired_on)
        ],
        courses=[
            course
            for course in courses.list_courses(enterprise_ids=[enterprise().public_id])
            if course.public_id not in in_plan
        ],
    )
