"""What a plan is filed with (三): licence, training scheme, agreements and proofs; and the signed letter of commitment."""

from __future__ import annotations

import re
import uuid
from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from backend.plans import services as plans
from backend.plans.rules import EDITABLE
from backend.plans.services import DocumentFacts
from config.database import transaction
from config.errors import DomainError
from console import access
from console.enterprise.door import blueprint
from console.enterprise.plan_fields import typed
from console.enterprise.plans import form_page, own_plan, plan_page
from console.forms import Form
from wire.downloads import attachment


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/documents")
def add_document(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """File one document with the plan; a wrong file or a wrong word about it leaves nothing behind."""
    shown = own_plan(plan_id)
    form = Form(request.form)
    facts = DocumentFacts(
        kind=form.choice("document_kind", "材料类别", plans.DOCUMENT_KINDS),
        party=form.text("party", "协议对方单位", limit=100, required=False),
        expires_on=None if form.blank("expires_on") else form.day("expires_on", "有效期"),
        settled_month=_month(form),
    )
    upload = form.file("document", "文件", request.files)
    if upload is not None and not form.errors:
        try:
            file = plans.receive_material(kind=facts.kind, name=upload.filename or "", stream=upload.stream)
            transaction(lambda: plans.add_document(plan_id=plan_id, facts=facts, file=file, actor=access.actor()))
        except DomainError as refusal:
            form.refuse(refusal)
    editable = shown.status in EDITABLE
    if form.refused and editable:
        form.typed.update(typed(shown.fields))
        return form_page(shown, form), form.status
    if form.refused:
        return plan_page(shown, form), form.status
    flash(f"已保存{plans.DOCUMENT_KINDS[facts.kind]}。")
    page = ".edit_plan" if editable else ".plan"
    return redirect(url_for(page, enterprise_id=enterprise_id, plan_id=plan_id, _anchor="documents"))


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/commitment.pdf")
def commitment_letter(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """The letter of commitment as it was signed."""
    shown = own_plan(plan_id)
    return attachment(
        plans.commitment_pdf(plan_id), f"承诺书-{shown.fields.title or '培训计划'}.pdf", "application/pdf"
    )


def _month(form: Form) -> date | None:
    text = form["settled_month"].strip()
    if not text:
        return None
    if not re.fullmatch(r"(19|2\d)\d\d-(0[1-9]|1[0-2])", text):
        form.note("settled_month", "请选择结算月份，例如 2020-03")
        return None
    return date.fromisoformat(f"{text}-01")
