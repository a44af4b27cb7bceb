"""The roster: see who is on it, try a workbook, get it back with reasons, import the good rows."""

from __future__ import annotations

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.enterprises import services as enterprises
from backend.enterprises.services import RosterReport
from backend.plans import services as plans
from config import clock
from console import access, pages
from console.enterprise.door import blueprint, enterprise
from console.forms import Form
from wire.downloads import attachment
from wire.sheets import XLSX


@blueprint.get("/<uuid:enterprise_id>/roster")
def roster(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Who is on the roster, and the upload."""
    return _page(Form(), None, imported=False)


@blueprint.get("/<uuid:enterprise_id>/roster/template.xlsx")
def roster_template(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The empty workbook, with its ID column as text."""
    return attachment(enterprises.roster_template(), "花名册模板.xlsx", XLSX)


@blueprint.post("/<uuid:enterprise_id>/roster/preview")
def preview_roster(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The verdict on every row; nothing is written."""
    form = Form(request.form)
    report = form.submit_file("workbook", "花名册文件", request.files, _check)
    if pages.is_fragment():
        return render_template(
            "fragments/roster_preview.html", form=form, report=report, imported=False
        ), form.status if form.refused else 200
    return _page(form, report, imported=False), form.status if form.refused else 200


@blueprint.post("/<uuid:enterprise_id>/roster/annotated.xlsx")
def annotated_roster(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The same workbook with a reason in each refused row."""
    form = Form(request.form)
    marked = form.submit_file(
        "workbook", "花名册文件", request.files, lambda data: enterprises.annotated_workbook(data, _check(data))
    )
    if marked is None:
        return _page(form, None, imported=False), form.status
    return attachment(marked, "花名册核对结果.xlsx", XLSX)


@blueprint.post("/<uuid:enterprise_id>/roster")
def import_roster(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Take in the good rows; a refused row never stops them, and the same file twice changes nothing."""
    form = Form(request.form)
    report = form.submit_file(
        "workbook",
        "花名册文件",
        request.files,
        lambda data: enterprises.import_roster(
            enterprise_id=enterprise().id, workbook=data, on=clock.today(), staff_id=access.staff().id
        ),
    )
    return _page(form, report, imported=True), form.status if form.refused else 200


def _check(workbook: bytes) -> RosterReport:
    return enterprises.check_roster(workbook=workbook, on=clock.today())


def _page(form: Form, report: RosterReport | None, *, imported: bool) -> str:
    return render_template(
        "enterprise/roster.html",
        people=enterprises.roster(enterprise().id),
        listed=plans.listed_on_roster(enterprise().id).people,
        form=form,
        report=report,
        imported=imported,
    )
