"""One screen a claim: each person's decision with its steps and evidence, and the decision of the whole."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision

_DECIDE = {
    "approve": reviews.approve_claim,
    "return": reviews.return_claim,
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


@blueprint.post("/claims/<uuid:claim_id>/lines/<uuid:line_id>/cut")
def cut_line(claim_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """The first reviewer grants one person fewer class hours, with reason and clause; never more."""
    form = Form(request.form)
    class_hours = form.whole("class_hours", "核给课时", least=0, most=1_000)
    reason = form.text("reason", "核减理由", limit=500)
    made = form.submit(
        lambda: reviews.adjust_line(
            claim_id=claim_id,
            line_id=line_id,
            class_hours=class_hours,
            reason=reason,
            clause=form["clause"],
            staff=access.staff(),
        )
    )
    if made is None:
        return _page(claim_id, Form(), refused_cut=(line_id, form)), form.status
    flash(made.sentence)
    return redirect(url_for(".claim", claim_id=claim_id))


def _page(claim_id: uuid.UUID, form: Form, *, refused_cut: tuple[uuid.UUID, Form] | None = None) -> str:
    """``refused_cut``: whose cut was refused, and the form that says why."""
    shown = claims.claim_view(claim_id)
    line_id, cut_form = refused_cut or (None, Form())
    return render_template(
        "reviewer/claim.html",
        claim=shown,
        cuts=claims.adjustments_of(claim_id),
        can_cut=shown.status == "submitted" and access.staff().role == "reviewer",
        cut_line=line_id,
        cut_form=cut_form,
        account=enterprises.named_account_of(shown.enterprise_id),
        history=reviews.history(subject="claim", subject_id=claim_id),
        form=form,
    )
