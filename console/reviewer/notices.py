"""Public notices at the desk: made, exported for the website, posted; objections and disputes answered."""

from __future__ import annotations

import uuid

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from backend.notices import services as notices
from backend.reviews import services as reviews
from config.errors import NotFound
from console import access
from console.downloads import attachment
from console.forms import Form
from console.reviewer.door import blueprint

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/notices")
def notice_list() -> ResponseReturnValue:
    """What waits for a notice, and the notices."""
    return _list(Form())


@blueprint.post("/notices")
def make_notice() -> ResponseReturnValue:
    """A draft of the ticked claims, or of all that wait."""
    form = Form(request.form)
    chosen = form.ids("claim_id", "申领")
    made = form.submit(lambda: reviews.make_notice(staff=access.staff(), claim_ids=chosen))
    if made is None:
        return _list(form), form.status
    flash(f"已生成：{made.number}。请导出后在网站发布，再登记发布日期和网址。")
    return redirect(url_for(".notice", notice_id=made.notice_id))


@blueprint.get("/notices/<uuid:notice_id>")
def notice(notice_id: uuid.UUID) -> ResponseReturnValue:
    """One notice: what is published, its state, objections."""
    return _page(notice_id, Form())


@blueprint.post("/notices/<uuid:notice_id>/posting")
def post_notice(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Record the posting on the website; the clock runs."""
    form = Form(request.form)
    posted_on = form.day("posted_on", "发布日期")
    url = form.text("url", "网址", limit=500)
    posted = form.submit(
        lambda: reviews.post_notice(notice_id=notice_id, posted_on=posted_on, url=url, staff=access.staff())
    )
    if posted is None:
        return _page(notice_id, form), form.status
    flash(f"已登记发布，公示至{posted.closes_on}；期满后自动结束。")
    return redirect(url_for(".notice", notice_id=notice_id))


@blueprint.post("/notices/<uuid:notice_id>/discard")
def discard_notice(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    form = Form(request.form)
    form.submit(lambda: reviews.discard_notice(notice_id=notice_id, staff=access.staff()))
    if form.refused:
        return _page(notice_id, form), form.status
    flash("已作废，申领可以重新公示。")
    return redirect(url_for(".notice_list"))


@blueprint.get("/notices/<uuid:notice_id>/export.<string:ending>")
def export_notice(notice_id: uuid.UUID, ending: str) -> Response:
    """The notice as a file for the website: HTML fragment, PDF, XLSX. Refused when the scanner finds anything."""
    contact = current_app.config["SETTINGS"].office_contact
    how = how_to_object()
    name = f"{notices.notice_view(notice_id).number}.{ending}"
    if ending == "html":
        return attachment(notices.notice_html(notice_id, how_to_object=how).encode(), name, "text/html; charset=utf-8")
    if ending == "pdf":
        return attachment(notices.notice_pdf(notice_id, office=contact, how_to_object=how), name, "application/pdf")
    if ending != "xlsx":
        raise NotFound("FILE_UNKNOWN", "公示只能导出为网页、PDF 和 Excel。")
    return attachment(notices.notice_xlsx(notice_id, how_to_object=how), name, _XLSX)


def how_to_object() -> str:
    """The sentence at the foot of a notice."""
    contact = current_app.config["SETTINGS"].office_contact
    return f"公示期内，任何单位和个人有异议的，可以在无锡创课公示页面提出，也可以向{contact}反映。"


def _list(form: Form) -> str:
    return render_template(
        "reviewer/notices.html", waiting=reviews.waiting_claims(), notices=notices.notices(), form=form
    )


def _page(notice_id: uuid.UUID, form: Form) -> str:
    shown = notices.notice_view(notice_id)
    article = notices.notice_html(notice_id, how_to_object=how_to_object())
    return render_template(
        "reviewer/notice.html",
        shown=shown,
        article=Markup(article),  # noqa: S704  escaped cell by cell where it is made
        redatings=notices.redatings_of(notice_id),
        objections=notices.objections_of(notice_id),
        form=form,
    )
