"""Public notices (公示) for everybody: the list, one notice with its days left, how to object, and the answers."""

from __future__ import annotations

import uuid

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from backend.notices import services as notices
from backend.notices.services import FiledObjection, NoticeView
from backend.reviews import services as reviews
from config import clock
from config.errors import Invalid
from console.forms import Form
from console.public.door import blueprint

_LONGEST_COMPANY = 60


@blueprint.get("/notices")
def notice_list() -> ResponseReturnValue:
    """Every notice, or those that show a company."""
    form = Form(MultiDict(request.args))
    company = form.text("company", "企业名称", limit=_LONGEST_COMPANY, required=False)
    found = [] if form.errors else notices.public_notices(company=company)
    return render_template("public/notices.html", found=found, company=company, form=form, days_left=_days_left)


@blueprint.get("/notices/<uuid:notice_id>")
def notice(notice_id: uuid.UUID) -> ResponseReturnValue:
    """One notice; scanned before it is shown."""
    company = request.args.get("company", "").strip()[:_LONGEST_COMPANY]
    article = notices.public_html(notice_id, company=company, how_to_object=_how_to_object())
    return render_template(
        "public/notice.html",
        shown=notices.public_notice_view(notice_id, company=company),
        article=Markup(article),  # noqa: S704  escaped cell by cell where it is made
        company=company,
        days_left=_days_left,
        open_now=_open(notices.public_notice_view(notice_id)),
        redatings=notices.redatings_of(notice_id),
        objections=notices.objections_of(notice_id),
    )


@blueprint.get("/notices/<uuid:notice_id>/objection")
def objection_form(notice_id: uuid.UUID) -> ResponseReturnValue:
    """The form for an objection."""
    return _form(notice_id, Form(given={"scope": "person"}))


@blueprint.post("/notices/<uuid:notice_id>/objection")
def raise_objection(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Object; the code that withdraws it is shown once."""
    form = Form(request.form)
    shown = notices.public_notice_view(notice_id)
    position = form.whole("position", "序号", least=1, most=max(shown.people, 1))
    scope = form.choice("scope", "异议的对象", ("person", "claim"))
    text = form.text("text", "事实和理由", limit=1_000)
    contact = form.text("contact", "联系方式", limit=100)
    name = form.text("name", "称呼", limit=50, required=False)
    filed = form.submit(lambda: _raise(shown, position, scope, text=text, contact=contact, name=name))
    if filed is None:
        return _form(notice_id, form), form.status
    return render_template("public/objection_filed.html", filed=filed), 201


@blueprint.get("/objections/<uuid:objection_id>")
def objection(objection_id: uuid.UUID) -> ResponseReturnValue:
    """How an objection stands, and the answer; never who objected."""
    return render_template("public/objection.html", shown=notices.objection_view(objection_id), form=Form())


@blueprint.post("/objections/<uuid:objection_id>/withdraw")
def withdraw_objection(objection_id: uuid.UUID) -> ResponseReturnValue:
    """The objector takes it back with the code."""
    form = Form(request.form)
    shown = notices.objection_view(objection_id)
    code = form.text("code", "撤回码", limit=40)
    form.submit(lambda: reviews.withdraw_objection(number=shown.number, code=code))
    if form.refused:
        return render_template("public/objection.html", shown=shown, form=form), form.status
    flash("异议已撤回。")
    return redirect(url_for(".objection", objection_id=objection_id))


def _raise(shown: NoticeView, position: int, scope: str, *, text: str, contact: str, name: str) -> FiledObjection:
    entry = next((entry for entry in shown.entries if entry.position == position), None)
    if entry is None:
        raise Invalid("OBJECTION_POSITION", "公示表里没有这个序号，请核对后重新填写。")
    return notices.raise_objection(
        notice_id=shown.notice_id,
        claim_id=entry.claim_id,
        line_id=entry.line_id if scope == "person" else None,
        text=text,
        contact=contact,
        name=name,
    )


def _form(notice_id: uuid.UUID, form: Form) -> str:
    shown = notices.public_notice_view(notice_id)
    return render_template("public/objection_form.html", shown=shown, open_now=_open(shown), form=form)


def _open(shown: NoticeView) -> bool:
    return shown.status == "posted" and shown.closes_at is not None and clock.now() < shown.closes_at


def _days_left(shown: NoticeView) -> int:
    """Calendar days until the last one, which counts: 1 on the last day, 0 when it is over."""
    if not _open(shown) or shown.closes_on is None:
        return 0
    return (shown.closes_on - clock.today()).days + 1


def _how_to_object() -> str:
    contact = current_app.config["SETTINGS"].office_contact
    return f"公示期内，任何单位和个人有异议的，可以在本页提出，也可以向{contact}反映。"
