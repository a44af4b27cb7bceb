"""The advance for new hires (二(一)): put an application together, see what each person brings, submit, withdraw, correct."""

from __future__ import annotations

import uuid
from datetime import date
from functools import partial

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from backend.enterprises import services as enterprises
from backend.new_hires import services as new_hires
from backend.new_hires.services import NewHireApplicationView, Particulars
from backend.reviews import services as reviews
from config.database import transaction
from config.errors import DomainError
from console import access
from console.enterprise.door import blueprint, enterprise
from console.forms import Form
from wire.downloads import stored

_FEN = 100
_MOST_YUAN = 100_000


def own_application(application_id: uuid.UUID) -> NewHireApplicationView:
    """An application of this enterprise; another's looks as if it did not exist."""
    application = new_hires.application_view(application_id)
    if application.enterprise_id != enterprise().id:
        abort(404)
    return application


@blueprint.get("/<uuid:enterprise_id>/new-hires")
def new_hire_list(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The applications so far."""
    return render_template(
        "enterprise/new_hire_list.html", applications=new_hires.applications_of_enterprise(enterprise().id)
    )


@blueprint.post("/<uuid:enterprise_id>/new-hires")
def draft_new_hires(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Begin an application; an empty one that is there already is opened."""
    made = transaction(lambda: new_hires.draft_application(enterprise_id=enterprise().id, actor=access.actor()))
    return _go(made.application_id)


@blueprint.get("/<uuid:enterprise_id>/new-hires/<uuid:application_id>")
def new_hires_page(enterprise_id: uuid.UUID, application_id: uuid.UUID) -> ResponseReturnValue:
    """An application, person by person."""
    return _page(own_application(application_id), Form())


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/people")
def put_new_hires(enterprise_id: uuid.UUID, application_id: uuid.UUID) -> ResponseReturnValue:
    """Say the same of the chosen people of the roster."""
    shown = own_application(application_id)
    form = Form(request.form)
    entry_ids = form.ids("entries", "新录用职工")
    mentor_id = None if form.blank("mentor") else next(iter(form.ids("mentor", "带教师傅")), None)
    particulars = _particulars(form)
    form.submit(
        lambda: new_hires.put_people(
            application_id=application_id,
            entry_ids=entry_ids,
            particulars=particulars,
            mentor_id=mentor_id,
            actor=access.actor(),
        )
    )
    if form.refused:
        return _page(shown, form), form.status
    flash(f"已填入{len(entry_ids)}人。")
    return _go(application_id)


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/people/<uuid:line_id>/remove")
def remove_new_hire(enterprise_id: uuid.UUID, application_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """Take a person out of a draft."""
    own_application(application_id)
    transaction(lambda: new_hires.remove_person(application_id=application_id, line_id=line_id))
    return _go(application_id)


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/papers")
def add_new_hire_paper(enterprise_id: uuid.UUID, application_id: uuid.UUID) -> ResponseReturnValue:
    """Hand in a paper: proof of insurance, contracts, the registration, later what proves the training."""
    shown = own_application(application_id)
    form = Form(request.form)
    upload = form.file("paper", "文件", request.files)
    if upload is not None:
        _keep_paper(form, application_id, upload)
    if form.refused:
        return _page(shown, form), form.status
    flash("材料已上传。")
    return _go(application_id)


@blueprint.get("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/files/<uuid:attachment_id>")
def new_hire_file(enterprise_id: uuid.UUID, application_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """A paper or a photo of the application, as it was handed in."""
    own_application(application_id)
    file, path = new_hires.open_file(application_id=application_id, attachment_id=attachment_id)
    return stored(path, file.name, file.media_type, sha256=file.sha256)


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/submit")
def submit_new_hires(enterprise_id: uuid.UUID, application_id: uuid.UUID) -> ResponseReturnValue:
    """Submit with the promise; sent twice, it is submitted once."""
    shown = own_application(application_id)
    form = Form(request.form)
    promised, actor = form.ticked("promised"), access.actor()
    form.submit(lambda: new_hires.submit_application(application_id=application_id, promised=promised, actor=actor))
    if form.refused:
        return _page(shown, form), form.status
    flash("申请已提交，等待审核。")
    return _go(application_id)


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/withdraw")
def withdraw_new_hires(enterprise_id: uuid.UUID, application_id: uuid.UUID) -> ResponseReturnValue:
    """Take the application back; its people may be applied for again."""
    shown = own_application(application_id)
    form = Form(request.form)
    reason, actor = form.text("reason", "撤回原因", limit=200), access.actor()
    form.submit(lambda: new_hires.withdraw_application(application_id=application_id, reason=reason, actor=actor))
    if form.refused:
        return _page(shown, form), form.status
    flash("申请已撤回。")
    return _go(application_id)


@blueprint.post("/<uuid:enterprise_id>/new-hires/<uuid:application_id>/copy")
def copy_new_hires(enterprise_id: uuid.UUID, application_id: uuid.UUID) -> ResponseReturnValue:
    """A new draft with the same people, to be corrected."""
    own_application(application_id)
    made = transaction(lambda: new_hires.copy_application(application_id=application_id, actor=access.actor()))
    flash("已按原名单新建一份，请更正并重新上传材料后提交。")
    return _go(made.application_id)


def _keep_paper(form: Form, application_id: uuid.UUID, upload: FileStorage) -> None:
    """Examined and kept first, outside of the transaction that enters it."""
    try:
        file = new_hires.receive(kind="paper", name=upload.filename or "材料", stream=upload.stream)
    except DomainError as refusal:
        form.refuse(refusal)
        return
    form.submit(partial(new_hires.add_paper, application_id=application_id, file=file, actor=access.actor()))


def _particulars(form: Form) -> Particulars:
    return Particulars(
        contract_on=_day_or_none(form, "contract_on", "劳动合同签订日期"),
        contract_renewed=form.ticked("contract_renewed"),
        hire_registered=form.ticked("hire_registered"),
        insured_on=_day_or_none(form, "insured_on", "参保日期"),
        left_on=_day_or_none(form, "left_on", "离职日期"),
        other_subsidy_fen=0
        if form.blank("other_subsidy")
        else form.whole("other_subsidy", "已享受的以工代训补贴（元）", least=0, most=_MOST_YUAN) * _FEN,
        form=form.choice("form", "培训方式", new_hires.FORMS),
        contents=tuple(form.all("contents")),
    )


def _day_or_none(form: Form, name: str, label: str) -> date | None:
    return None if form.blank(name) else form.day(name, label)


def _go(application_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for(".new_hires_page", enterprise_id=enterprise().public_id, application_id=application_id))


def _page(application: NewHireApplicationView, form: Form) -> str:
    draft = application.status == "draft"
    people = enterprises.roster(enterprise().id) if draft else []
    policy = new_hires.policy_for(enterprise().id)
    return render_template(
        "enterprise/new_hires.html",
        application=application,
        decisions=new_hires.preview(application.application_id) if draft else {},
        trainings=new_hires.trainings_of(application.application_id),
        candidates=[person for person in people if person.hired_on >= policy.new_hire.first_day_on],
        candidates_of_mentor=[(str(person.public_id), person.masked_name) for person in people],
        papers=new_hires.papers_of(application.application_id),
        promise=new_hires.TEXTS[new_hires.CURRENT_VERSION],
        policy=policy,
        history=reviews.history(subject="new_hire", subject_id=application.application_id),
        form=form,
    )
