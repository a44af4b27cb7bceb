"""One screen an amendment of a plan on file: what changes, what the checker finds, the decision."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.plans import services as plans
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision

_DECIDE = {
    "approve": reviews.approve_amendment,
    "send_back": reviews.send_back_amendment,
    "reject": reviews.reject_amendment,
}


@blueprint.get("/amendments/<uuid:amendment_id>")
def amendment(amendment_id: uuid.UUID) -> ResponseReturnValue:
    """The change beside the plan as it is on file."""
    return _page(amendment_id, Form())


@blueprint.post("/amendments/<uuid:amendment_id>/decision")
def decide_amendment(amendment_id: uuid.UUID) -> ResponseReturnValue:
    """Approve, send back or refuse, with reason and clause."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, tuple(_DECIDE))
    decided = form.submit(
        lambda: _DECIDE[decision](amendment_id=amendment_id, staff=access.staff(), reason=reason, clause=clause)
    )
    if decided is None:
        return _page(amendment_id, form), form.status
    flash(f"已办理：{decided.enterprise_name}的备案变更。")
    return redirect(url_for(".queue"))


def _page(amendment_id: uuid.UUID, form: Form) -> str:
    item = plans.amendment_view(amendment_id)
    return render_template(
        "reviewer/amendment.html",
        item=item,
        plan=plans.plan_view(item.plan_id),
        documents=plans.documents_of(item.plan_id),
        findings=plans.check_amendment(amendment_id=amendment_id),
        history=reviews.history(subject="amendment", subject_id=amendment_id),
        form=form,
    )
