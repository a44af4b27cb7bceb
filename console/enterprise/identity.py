"""Helping a worker whose old phone is lost: the agent types the worker's desk code and vouches; a reviewer decides."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.enterprises import services as enterprises
from console import access
from console.enterprise.door import blueprint, enterprise
from console.forms import Form


@blueprint.get("/<uuid:enterprise_id>/identity")
def identity(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The code field."""
    return render_template("enterprise/identity.html", form=Form(), asked=None)


@blueprint.post("/<uuid:enterprise_id>/identity/look-up")
def look_up_identity(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Whose code it is, in masks, if the person is on this enterprise's roster."""
    form = Form(request.form)
    code = form.text("code", "办理码", limit=40)
    asked = form.submit(lambda: enterprises.identity_claim_of_code(enterprise_id=enterprise().id, code=code))
    return render_template("enterprise/identity.html", form=form, asked=asked), form.status if form.refused else 200


@blueprint.post("/<uuid:enterprise_id>/identity")
def vouch_for_identity(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Pass it on to a reviewer."""
    form = Form(request.form)
    code = form.text("code", "办理码", limit=40)
    reason = form.text("reason", "说明", limit=500)
    form.submit(
        lambda: enterprises.vouch_for_identity(
            enterprise_id=enterprise().id, staff_id=access.staff().id, code=code, reason=reason
        )
    )
    if form.refused:
        again = Form(request.form)
        asked = again.submit(lambda: enterprises.identity_claim_of_code(enterprise_id=enterprise().id, code=code))
        return render_template("enterprise/identity.html", form=form, asked=asked), form.status
    flash("已提交，等待市高训中心审核；通过后劳动者在新手机上重新登录即可。")
    return redirect(url_for(".identity", enterprise_id=enterprise_id))
