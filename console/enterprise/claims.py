"""The subsidy claim: computed and explained person by person, submitted, withdrawn."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.claims.rules import LIVE_STATUSES
from backend.claims.services import ClaimView
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from config import clock
from config.errors import DomainError
from console import access
from console.enterprise.door import blueprint, enterprise
from console.enterprise.plans import own_plan
from console.forms import Form


def own_claim(claim_id: uuid.UUID) -> ClaimView:
    """A claim of this enterprise; another's looks as if it did not exist."""
    claim = claims.claim_view(claim_id)
    if claim.enterprise_id != enterprise().id:
        abort(404)
    return claim


def live_claim(plan_id: uuid.UUID) -> ClaimView | None:
    """The plan's claim that waits, was approved or was paid, if there is one."""
    own = claims.claims_of_enterprise(enterprise().id)
    return next((claim for claim in own if claim.plan_id == plan_id and claim.status in LIVE_STATUSES), None)


@blueprint.get("/<uuid:enterprise_id>/claims")
def claim_list(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The claims so far, and the plans that can be computed."""
    own = plans.plans_of_enterprise(enterprise().id)
    return render_template(
        "enterprise/claim_list.html",
        claims=claims.claims_of_enterprise(enterprise().id),
        plans=[plan for plan in own if plan.status == "approved"],
    )


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/claim")
def claim_preview(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """What a claim would come to now, and what each person still lacks."""
    return _preview_page(plan_id, Form(given={"key": str(uuid.uuid4())}))


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/claim")
def submit_claim(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Submit; the same form sent twice makes one claim."""
    own_plan(plan_id)
    form = Form(request.form)
    key = form.text("key", "提交编号", limit=100)
    made = form.submit(lambda: claims.submit_claim(plan_id=plan_id, key=key, actor=access.actor()))
    if made is None:
        return _preview_page(plan_id, form), form.status
    flash("补贴申领已提交，对应学时已冻结，等待审核。")
    return redirect(url_for(".claim", enterprise_id=enterprise_id, claim_id=made.claim_id))


@blueprint.get("/<uuid:enterprise_id>/claims/<uuid:claim_id>")
def claim(enterprise_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """A submitted claim, person by person."""
    return _claim_page(claim_id, Form())


@blueprint.post("/<uuid:enterprise_id>/claims/<uuid:claim_id>/withdraw")
def withdraw_claim(enterprise_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """Take the claim back; what was held is released."""
    own_claim(claim_id)
    form = Form(request.form)
    reason = form.text("reason", "撤回原因", limit=200)
    form.submit(lambda: claims.withdraw_claim(claim_id=claim_id, reason=reason, actor=access.actor()))
    if form.refused:
        return _claim_page(claim_id, form), form.status
    flash("申领已撤回，冻结的学时已解冻。")
    return redirect(url_for(".claim", enterprise_id=enterprise_id, claim_id=claim_id))


def _claim_page(claim_id: uuid.UUID, form: Form) -> str:
    shown = own_claim(claim_id)
    return render_template("enterprise/claim.html", claim=shown, cuts=claims.adjustments_of(claim_id), form=form)


def _preview_page(plan_id: uuid.UUID, form: Form) -> str:
    plan = own_plan(plan_id)
    preview = days_left = None
    try:
        preview = claims.compute_claim(plan_id=plan_id)
        days_left = (preview.last_day_on - clock.today()).days
    except DomainError as refusal:
        form.refuse(refusal)
    return render_template(
        "enterprise/claim_preview.html",
        plan=plan,
        preview=preview,
        days_left=days_left,
        live=live_claim(plan_id),
        account=enterprises.named_account_of(enterprise().id),
        form=form,
    )
