"""One screen a claim: each person's decision with its steps and evidence, and the decision of the whole."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision

_DECIDE = {
    "approve": reviews.approve_claim,
    "send_back": reviews.send_back_claim,
    "reject": reviews.reject_claim,
}


@blueprint.get("/claims/<uuid:claim_id>")
def claim(claim_id: uuid.UUID) -> ResponseReturnValue:
    """The claim, person by person."""
    return _page(claim_id, Form())


@blueprint.post("/claims/<uuid:claim_id>/decision")
def decide_claim(claim_id: uuid.UUID) -> ResponseReturnValue:
    """The first or second approval by the role signed in, or sending back, or refusing."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, tuple(_DECIDE))
    decided = form.submit(
        lambda: _DECIDE[decision](claim_id=claim_id, staff=access.staff(), reason=reason, clause=clause)
    )
    if decided is None:
        return _page(claim_id, form), form.status
    flash(f"已办理：{decided.enterprise_name}的补贴申领。")
    return redirect(url_for(".queue"))


def _page(claim_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "reviewer/claim.html",
        claim=claims.claim_view(claim_id),
        history=reviews.history(subject="claim", subject_id=claim_id),
        form=form,
    )
