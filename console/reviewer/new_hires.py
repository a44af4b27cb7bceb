"""Applications for new hires: person by person, leaving single ones out, two approvals; afterwards the training is checked."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.new_hires import services as new_hires
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision
from wire.downloads import stored

_DECIDE = {
    "approve": reviews.approve_new_hires,
    "send_back": reviews.send_back_new_hires,
    "reject": reviews.reject_new_hires,
}
_CLAUSE = {"clause": "二(一)"}


@blueprint.get("/new-hires/<uuid:application_id>")
def new_hires_page(application_id: uuid.UUID) -> ResponseReturnValue:
    """An application, or what is left to check of it."""
    return _page(application_id, Form(given=_CLAUSE))


@blueprint.post("/new-hires/<uuid:application_id>/decision")
def decide_new_hires(application_id: uuid.UUID) -> ResponseReturnValue:
    """The first or second approval by the role signed in, or sending back, or refusing."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, tuple(_DECIDE))
    decided = form.submit(
        lambda: _DECIDE[decision](application_id=application_id, staff=access.staff(), reason=reason, clause=clause)
    )
    if decided is None:
        return _page(application_id, form), form.status
    flash(f"已办理：{decided.enterprise_name}的新录用职工补贴。")
    return redirect(url_for(".queue"))


@blueprint.get("/new-hires/<uuid:application_id>/people/<uuid:line_id>")
def new_hire_person(application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """One person: the decision with its steps, the training, and what may be decided of them."""
    return _person(application_id, line_id, Form(given=_CLAUSE))


@blueprint.post("/new-hires/<uuid:application_id>/people/<uuid:line_id>/drop")
def drop_new_hire(application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """Leave this person out of the application."""
    form = Form(request.form)
    _, reason, clause = read_decision(form, ("reject",))
    form.submit(lambda: reviews.drop_new_hire(line_id=line_id, staff=access.staff(), reason=reason, clause=clause))
    if form.refused:
        return _person(application_id, line_id, form), form.status
    flash("已从名单中剔除1人。")
    return redirect(url_for(".new_hires_page", application_id=application_id))


@blueprint.post("/new-hires/<uuid:application_id>/people/<uuid:line_id>/check")
def check_new_hire(application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """Say whether the training took place."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, ("approve", "reject"))
    trained = decision == "approve"
    form.submit(
        lambda: reviews.decide_new_hire_check(
            line_id=line_id, staff=access.staff(), trained=trained, reason=reason, clause=clause
        )
    )
    if form.refused:
        return _person(application_id, line_id, form), form.status
    flash("已核查1人。" if trained else "已认定未完成培训，补贴转入追回。")
    return redirect(url_for(".new_hires_page", application_id=application_id))


@blueprint.get("/new-hires/<uuid:application_id>/files/<uuid:attachment_id>")
def new_hire_file(application_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """A paper or a photo of the application, as it was handed in."""
    file, path = new_hires.open_file(application_id=application_id, attachment_id=attachment_id)
    return stored(path, file.name, file.media_type, sha256=file.sha256)


def _page(application_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "reviewer/new_hires.html",
        application=new_hires.application_view(application_id),
        trainings=new_hires.trainings_of(application_id),
        papers=new_hires.papers_of(application_id),
        history=reviews.history(subject="new_hire", subject_id=application_id),
        form=form,
    )


def _person(application_id: uuid.UUID, line_id: uuid.UUID, form: Form) -> str:
    application = new_hires.application_view(application_id)
    line = next((line for line in application.lines if line.line_id == line_id), None)
    if line is None:
        abort(404)
    return render_template(
        "reviewer/new_hire_person.html",
        application=application,
        line=line,
        training=new_hires.training_of(line_id),
        history=reviews.history(subject="new_hire", subject_id=line_id),
        form=form,
    )
