"""A worker's appeal against time that did not count: what happened, the answer. Learning data are never edited here."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.people import services as people
from backend.reviews import services as reviews
from backend.study import services as study
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision
from learning_records.sessions.services import REASONS


@blueprint.get("/appeals/<uuid:appeal_id>")
def appeal(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """The uncounted time, its reasons and the worker's words."""
    return _page(appeal_id, Form())


@blueprint.post("/appeals/<uuid:appeal_id>/decision")
def decide_appeal(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """Uphold it, and its time is deposited with this decision as evidence, or refuse it."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, ("approve", "reject"))
    form.submit(
        lambda: reviews.decide_appeal(
            appeal_id=appeal_id, staff=access.staff(), approve=decision == "approve", reason=reason, clause=clause
        )
    )
    if form.refused:
        return _page(appeal_id, form), form.status
    flash("已办理：学时申诉。")
    return redirect(url_for(".queue"))


def _page(appeal_id: uuid.UUID, form: Form) -> str:
    case = study.appeal_case(appeal_id=appeal_id)
    return render_template(
        "reviewer/appeal.html",
        case=case,
        sentences=[REASONS[code].sentence for code in case.appeal.codes if code in REASONS],
        worker=people.worker_view(case.worker_id),
        history=reviews.history(subject="appeal", subject_id=appeal_id),
        form=form,
    )
