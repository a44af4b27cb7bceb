"""Objections and disputes at the desk: read, decided; a dispute taken down for somebody without a phone."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.disputes import services as disputes
from backend.notices import services as notices
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision


@blueprint.get("/objections/<uuid:objection_id>")
def objection(objection_id: uuid.UUID) -> ResponseReturnValue:
    """The objection with the objector's words and contact."""
    return _objection(objection_id, Form())


@blueprint.post("/objections/<uuid:objection_id>/decision")
def decide_objection(objection_id: uuid.UUID) -> ResponseReturnValue:
    """Uphold or dismiss it; the answer is published."""
    form = Form(request.form)
    decision, answer, clause = read_decision(form, ("approve", "reject"))
    lines = form.ids("line_id", "人员", required=False)
    form.submit(
        lambda: reviews.decide_objection(
            objection_id=objection_id,
            staff=access.staff(),
            uphold=decision == "approve",
            answer=answer,
            clause=clause,
            line_ids=lines or None,
        )
    )
    if form.refused:
        return _objection(objection_id, form), form.status
    flash("已答复：公示异议。")
    return redirect(url_for(".queue"))


@blueprint.get("/disputes/new")
def new_dispute() -> ResponseReturnValue:
    """The form for somebody at the counter."""
    return render_template("reviewer/dispute_new.html", form=Form())


@blueprint.post("/disputes")
def take_dispute() -> ResponseReturnValue:
    """Take down that somebody's ID number was registered by another."""
    form = Form(request.form)
    name = form.text("name", "姓名", limit=50)
    id_number = form.text("id_number", "身份证号", limit=30)
    text = form.text("text", "情况", limit=1_000)
    contact = form.text("contact", "联系方式", limit=100)
    staff = access.staff()
    taken = form.submit(
        lambda: disputes.report_misuse(name=name, id_number=id_number, text=text, contact=contact, staff_id=staff.id)
    )
    if taken is None:
        return render_template("reviewer/dispute_new.html", form=form), form.status
    flash(f"已受理：{taken.number}，以该身份证号申领的补贴已暂停拨付。")
    return redirect(url_for(".dispute", dispute_id=taken.dispute_id))


@blueprint.get("/disputes/<uuid:dispute_id>")
def dispute(dispute_id: uuid.UUID) -> ResponseReturnValue:
    """One dispute with everything claimed in that name."""
    return _dispute(dispute_id, Form(given={"clause": "四.5"}))


@blueprint.post("/disputes/<uuid:dispute_id>/decision")
def decide_dispute(dispute_id: uuid.UUID) -> ResponseReturnValue:
    """Uphold or dismiss it; the reporter is told."""
    form = Form(request.form)
    decision, answer, clause = read_decision(form, ("approve", "reject"))
    form.submit(
        lambda: reviews.decide_dispute(
            dispute_id=dispute_id, staff=access.staff(), uphold=decision == "approve", answer=answer, clause=clause
        )
    )
    if form.refused:
        return _dispute(dispute_id, form), form.status
    flash("已办理：培训争议。")
    return redirect(url_for(".queue"))


def _objection(objection_id: uuid.UUID, form: Form) -> str:
    case = notices.objection_case(objection_id)
    claim = claims.claim_view(case.view.claim_id)
    about = [line for line in claim.lines if case.view.line_id in (None, line.line_id) and line.status != "refused"]
    return render_template(
        "reviewer/objection.html",
        case=case,
        claim=claim,
        about=about,
        positions={entry.line_id: entry.position for entry in notices.notice_view(case.view.notice_id).entries},
        escalated=disputes.is_escalated("objection", objection_id),
        history=reviews.history(subject="objection", subject_id=objection_id),
        form=form,
    )


def _dispute(dispute_id: uuid.UUID, form: Form) -> str:
    case = disputes.dispute_case(dispute_id)
    claimed = [own for own in claims.claims_in_name_of(case.view.worker_id) if own.eligible]
    return render_template(
        "reviewer/dispute.html",
        case=case,
        claimed=claimed,
        history=reviews.history(subject="dispute", subject_id=dispute_id),
        form=form,
    )
