"""Requests to move a person's account to a new phone, vouched for by an enterprise's agent."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.people import services as people
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision


@blueprint.get("/identity/<uuid:claim_id>")
def identity(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Who asks, who vouches and why; personal values in masks."""
    return _page(claim_id, Form())


@blueprint.post("/identity/<uuid:claim_id>/decision")
def decide_identity(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Let the account move, or not."""
    form = Form(request.form)
    decision, reason, _ = read_decision(form, ("approve", "reject"))
    decided = form.submit(
        lambda: reviews.decide_identity_claim(
            claim_id=claim_id, staff=access.staff(), approve=decision == "approve", reason=reason
        )
    )
    if decided is None:
        return _page(claim_id, form), form.status
    flash("已办理：换机申请。")
    return redirect(url_for(".queue"))


def _page(claim_id: uuid.UUID, form: Form) -> str:
    asked = next((item for item in people.requested_identity_claims() if item.public_id == claim_id), None)
    if asked is None:
        abort(404)
    return render_template("reviewer/identity.html", asked=asked, form=form)
