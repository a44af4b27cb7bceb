"""Certificates at the office: found by number, revoked or corrected with reason and clause."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from backend.reviews import services as reviews
from console import access, words
from console.forms import Form
from console.reviewer.door import blueprint


@blueprint.get("/certificates")
def certificate_search() -> ResponseReturnValue:
    """Find one by its number, however it was typed."""
    form = Form(MultiDict(request.args))
    if form.blank("number"):
        return render_template("reviewer/certificate_search.html", form=form)
    number = form.text("number", "证书编号", limit=60)
    found = form.ask(lambda: certificates.by_number(number))
    if found is None:
        return render_template("reviewer/certificate_search.html", form=form), form.status
    return redirect(url_for(".certificate", certificate_id=found.certificate_id))


@blueprint.get("/certificates/<uuid:certificate_id>")
def certificate(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """One certificate, its state and what was decided about it."""
    return _page(certificate_id, Form())


@blueprint.post("/certificates/<uuid:certificate_id>/revoke")
def revoke_certificate(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Revoke it."""
    form = Form(request.form)
    reason = form.text("reason", "理由", limit=500)
    return _decide(
        certificate_id,
        form,
        lambda: reviews.revoke_certificate(
            certificate_id=certificate_id, staff=access.staff(), reason=reason, clause=form["clause"]
        ),
        "已撤销：{}。",
    )


@blueprint.post("/certificates/<uuid:certificate_id>/correct")
def correct_certificate(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Replace it by one with another name or trade."""
    form = Form(request.form)
    name, trade_code = form.text("name", "姓名", limit=50), form.text("trade_code", "职业（工种）代码", limit=30)
    reason = form.text("reason", "理由", limit=500)
    return _decide(
        certificate_id,
        form,
        lambda: reviews.correct_certificate(
            certificate_id=certificate_id,
            staff=access.staff(),
            name=name,
            trade_code=trade_code,
            reason=reason,
            clause=form["clause"],
        ),
        "已更正，新证书编号：{}。",
    )


def _decide(
    certificate_id: uuid.UUID, form: Form, work: Callable[[], CertificateView], done: str
) -> ResponseReturnValue:
    decided = form.submit(work)
    if decided is None:
        return _page(certificate_id, form), form.status
    flash(done.format(decided.number))
    return redirect(url_for(".certificate", certificate_id=decided.certificate_id))


def _page(certificate_id: uuid.UUID, form: Form) -> str:
    shown = certificates.certificate(certificate_id=certificate_id)
    return render_template(
        "reviewer/certificate.html",
        shown=shown,
        state=words.CERTIFICATE_STATUS[shown.status],
        history=reviews.history(subject="certificate", subject_id=certificate_id),
        form=form,
    )
