"""Where an agent's day begins: the enterprises acted for, registering one, and what to do next."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from console import access, words
from console.enterprise.door import blueprint, enterprise
from console.forms import Form


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Straight to the only enterprise; a choice when there are several (or another is to come); else the registration."""
    own = enterprises.enterprises_of_agent(access.staff().id)
    if len(own) == 1 and "another" not in request.args:
        return redirect(url_for(".overview", enterprise_id=own[0].public_id))
    return render_template("enterprise/home.html", enterprises=own, form=Form())


@blueprint.post("/register")
def register() -> ResponseReturnValue:
    """Register an enterprise by its unified social credit code; the agent signed in acts for it."""
    form = Form(request.form)
    name = form.text("name", "企业名称", limit=100)
    uscc = form.text("uscc", "统一社会信用代码", limit=40)
    kind = form.choice("kind", "企业类型", words.ENTERPRISE_KIND)
    business_scope = form.text("business_scope", "经营范围", limit=2_000, required=False)
    confirmed = form.ticked("uscc_confirmed")
    made = form.submit(
        lambda: enterprises.register_enterprise(
            name=name,
            uscc=uscc,
            kind=kind,
            business_scope=business_scope,
            agent_staff_id=access.staff().id,
            uscc_confirmed=confirmed,
        )
    )
    if made is None:
        own = enterprises.enterprises_of_agent(access.staff().id)
        return render_template("enterprise/home.html", enterprises=own, form=form), form.status
    flash(f"{made.name}已登记。接下来请导入花名册。")
    return redirect(url_for(".overview", enterprise_id=made.public_id))


@blueprint.get("/<uuid:enterprise_id>/")
def overview(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The enterprise at a glance: people, plans, claims, and the next step."""
    own = enterprise()
    return render_template(
        "enterprise/overview.html",
        people=enterprises.roster(own.id),
        plans=plans.plans_of_enterprise(own.id),
        claims=claims.claims_of_enterprise(own.id),
    )
