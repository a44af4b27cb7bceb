"""Hour reports given out: making one, taking its files, withdrawing it."""

from __future__ import annotations

import uuid
from functools import partial

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.study import services as study
from config import blobs
from config.database import transaction
from console import access
from console.enterprise.door import blueprint, enterprise
from console.enterprise.reports import days_asked
from console.forms import Form
from wire.addresses import public_address
from wire.downloads import stored
from wire.sheets import CSV, XLSX

_MIMETYPES = {"pdf": "application/pdf", "xlsx": XLSX, "csv": CSV + "; charset=utf-8", "json": "application/json"}


@blueprint.get("/<uuid:enterprise_id>/hour-reports")
def issued_report_list(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """What was given out."""
    return _page(Form())


@blueprint.post("/<uuid:enterprise_id>/hour-reports")
def issue_report(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Make the files, then number and seal the report."""
    form = Form(request.form)
    starts_on, ends_on = days_asked(form)
    if form.errors:
        return _page(form), form.status
    prepared = form.ask(
        lambda: study.prepare_report(
            enterprise_id=enterprise().id,
            starts_on=starts_on,
            ends_on=ends_on,
            office=current_app.config["SETTINGS"].office_contact,
            address_of=lambda code: public_address(url_for("public.report", code=code)),
        )
    )
    if prepared is None:
        return _page(form), form.status
    issued = transaction(partial(study.issue_report, prepared=prepared, actor=access.actor()))
    flash(f"已出具学时报告，编号 {issued.number}。")
    return redirect(url_for(".issued_report_list", enterprise_id=enterprise_id))


@blueprint.get("/<uuid:enterprise_id>/hour-reports/<uuid:report_id>.<any(pdf,xlsx,csv,json):ending>")
def issued_report_file(enterprise_id: uuid.UUID, report_id: uuid.UUID, ending: str) -> ResponseReturnValue:
    """One file, byte for byte as it was given out."""
    issued = study.issued_report(report_id=report_id, enterprise_id=enterprise().id)
    sha256 = issued.files[ending]
    return stored(blobs.path_of(sha256), f"{issued.number}.{ending}", _MIMETYPES[ending], sha256=sha256)


@blueprint.post("/<uuid:enterprise_id>/hour-reports/<uuid:report_id>/withdraw")
def withdraw_report(enterprise_id: uuid.UUID, report_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw it with a reason."""
    form = Form(request.form)
    withdrawn = form.submit(
        lambda: study.withdraw_report(
            report_id=report_id, enterprise_id=enterprise().id, reason=form["reason"], actor=access.actor()
        )
    )
    if withdrawn is None:
        return _page(form), form.status
    flash(f"学时报告 {withdrawn.number} 已作废。")
    return redirect(url_for(".issued_report_list", enterprise_id=enterprise_id))


def _page(form: Form) -> str:
    return render_template("enterprise/issued_reports.html", reports=study.reports_of(enterprise().id), form=form)
