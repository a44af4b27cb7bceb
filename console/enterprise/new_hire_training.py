"""The training of one new hire, a page for each of its forms: online time, the self-study log, the mentor's log."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.new_hires import services as new_hires
from backend.new_hires.services import Entry, NewHireApplicationView, NewHireLineView
from config.database import transaction
from console import access
from console.enterprise.door import blueprint, enterprise
from console.enterprise.new_hires import own_application
from console.forms import Form

_MOST_MINUTES = 1_440


@blueprint.get("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/people/<uuid:line_id>")
def new_hire_training(enterprise_id: uuid.UUID, application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """What was recorded of the training, and what is missing."""
    application, line = _own_line(application_id, line_id)
    return _page(application, line, Form(given={"key": str(uuid.uuid4())}))


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/people/<uuid:line_id>/logs")
def write_mentor_log(enterprise_id: uuid.UUID, application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """An entry for a mentor without a phone; the trainee confirms it on theirs."""
    application, line = _own_line(application_id, line_id)
    form = Form(request.form)
    entry = Entry(
        key=form.text("key", "记录编号", limit=64),
        trained_on=form.day("trained_on", "培训日期"),
        minutes=form.whole("minutes", "培训时长（分钟）", least=1, most=_MOST_MINUTES),
        content=form.choice("content", "培训内容", line.contents),
        words=form.text("words", "教了什么", limit=500),
    )
    form.submit(lambda: new_hires.write_for_mentor(line_id=line_id, entry=entry, actor=access.actor()))
    if form.refused:
        return _page(application, line, form), form.status
    flash("已记录，请新职工在手机上确认。")
    return _go(application_id, line_id)


@blueprint.post(
    "/<uuid:enterprise_id>/new-hires/<uuid:application_id>/people/<uuid:line_id>/logs/<uuid:log_id>/take-back"
)
def take_back_mentor_log(
    enterprise_id: uuid.UUID, application_id: uuid.UUID, line_id: uuid.UUID, log_id: uuid.UUID
) -> ResponseReturnValue:
    """Take back what this account wrote and nobody answered yet."""
    _own_line(application_id, line_id)
    transaction(lambda: new_hires.take_back(log_id=log_id, actor=access.actor()))
    return _go(application_id, line_id)


def _own_line(application_id: uuid.UUID, line_id: uuid.UUID) -> tuple[NewHireApplicationView, NewHireLineView]:
    """A person of an application of this enterprise; another's looks as if they did not exist."""
    application = own_application(application_id)
    line = next((line for line in application.lines if line.line_id == line_id), None)
    if line is None:
        abort(404)
    return application, line


def _go(application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    own = enterprise().public_id
    return redirect(url_for(".new_hire_training", enterprise_id=own, application_id=application_id, line_id=line_id))


def _page(application: NewHireApplicationView, line: NewHireLineView, form: Form) -> str:
    return render_template(
        "enterprise/new_hire_training.html",
        application=application,
        line=line,
        training=new_hires.training_of(line.line_id),
        actor=access.actor(),
        form=form,
    )
