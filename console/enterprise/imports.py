"""外部平台学习记录 (一(二)): the template, the platform's table with its stamped paper, and what became of each row."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from backend.imports import services as imports
from backend.imports.services import BatchView
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.platforms import services as platforms
from backend.policies import services as policies
from config import clock
from config.errors import DomainError
from console import access, pages, words
from console.enterprise.door import blueprint, enterprise
from console.forms import Form
from wire.downloads import attachment, stored
from wire.paging import cursor_of, key_of, page
from wire.sheets import CSV, XLSX, csv_chunks, xlsx_chunks

ROWS_A_PAGE = 50
BATCHES_A_PAGE = 20
_FILES = {"csv": (csv_chunks, CSV + "; charset=utf-8"), "xlsx": (lambda *table: xlsx_chunks("核对结果", *table), XLSX)}


@dataclass(frozen=True)
class PlatformOption:
    """A platform to choose; being outside the directory is no bar (一(二): it is a reference)."""

    code: str
    name: str
    listed: bool


@blueprint.get("/<uuid:enterprise_id>/imports")
def import_list(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """What it is for, the template, the upload, and the batches so far."""
    return _page(Form(MultiDict(request.args)))


@blueprint.get("/<uuid:enterprise_id>/imports/template.xlsx")
def import_template(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """An empty table of the kind asked for, with the courses of the class to choose from."""
    form = Form(MultiDict(request.args))
    grade = form.choice("grade", "模板", words.IMPORT_GRADE)
    plan = _chosen(form)
    if plan is None or form.errors:
        return _page(form), 422
    content = imports.template(
        grade="attested" if grade == "attested" else "imported",
        courses=[course.title for course in plan.training_class.courses],
    )
    return attachment(content, f"学习记录模板（{words.IMPORT_GRADE[grade]}）.xlsx", XLSX)


@blueprint.post("/<uuid:enterprise_id>/imports")
def receive_import(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Take the table and the papers; the rows are judged by a job, and the next page shows how far it is."""
    form = Form(request.form)
    batch = _receive(form)
    if batch is None:
        return _page(form), form.status
    flash("表格已收到，正在逐行核对。可以离开这个页面，稍后回来看结果。")
    return redirect(url_for(".import_batch", enterprise_id=enterprise_id, batch_id=batch.batch_id))


@blueprint.get("/<uuid:enterprise_id>/imports/<uuid:batch_id>")
def import_batch(enterprise_id: uuid.UUID, batch_id: uuid.UUID) -> ResponseReturnValue:
    """One batch: progress while it is judged, then what became of its rows."""
    batch = _own(batch_id)
    if pages.is_fragment():
        headers = {} if batch.status == "waiting" else {"HX-Refresh": "true"}  # done: load the whole page anew
        return render_template("fragments/import_progress.html", batch=batch), headers
    show_all = request.args.get("rows") == "all"
    found = imports.verdicts(
        batch_row_id=batch.id,
        after_number=key_of(request.args.get("cursor")),
        limit=ROWS_A_PAGE + 1,
        refused_only=not show_all,
    )
    return render_template(
        "enterprise/import.html",
        batch=batch,
        counts=imports.code_counts(batch_row_id=batch.id),
        papers=imports.papers_of(batch.batch_id),
        rows=page(found, size=ROWS_A_PAGE, key=lambda verdict: verdict.number),
        show_all=show_all,
    )


@blueprint.get("/<uuid:enterprise_id>/imports/<uuid:batch_id>/result.<any(csv,xlsx):ending>")
def import_result(enterprise_id: uuid.UUID, batch_id: uuid.UUID, ending: str) -> ResponseReturnValue:
    """The same table with what became of each row beside it, streamed."""
    batch = _own(batch_id)
    write, mimetype = _FILES[ending]
    chunks: Iterator[bytes] = stream_with_context(write(*imports.result_table(batch)))
    return attachment(chunks, f"{batch.file_name.rpartition('.')[0]}-核对结果.{ending}", mimetype)


@blueprint.get("/<uuid:enterprise_id>/imports/<uuid:batch_id>/papers/<uuid:attachment_id>")
def import_paper(enterprise_id: uuid.UUID, batch_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """A stamped paper, a signed statement or the table itself, as it was handed in."""
    paper, path = imports.open_paper(batch_id=_own(batch_id).batch_id, attachment_id=attachment_id)
    return stored(path, paper.name, paper.media_type, sha256=paper.sha256)


def _own(batch_id: uuid.UUID) -> BatchView:
    return imports.batch_of_enterprise(enterprise_id=enterprise().id, batch_id=batch_id)


def _receive(form: Form) -> BatchView | None:
    plan = _chosen(form)
    platform = form.choice("platform", "平台", [option.code for option in _platforms()])
    table = form.file("table", "学习记录表格", request.files)
    papers = [upload for upload in request.files.getlist("papers") if upload.filename]
    if not papers:
        form.note("papers", "请选择平台盖章的证明材料")
    if form.errors or plan is None or table is None:
        return None
    try:
        kept = imports.keep_table(name=table.filename or "", source=table.stream)
        received = [imports.keep_paper(name=paper.filename or "", source=paper.stream) for paper in papers]
    except DomainError as refusal:
        form.refuse(refusal)
        return None
    return form.submit(
        lambda: imports.receive_table(
            enterprise_id=enterprise().id,
            class_id=plan.training_class.class_id,
            platform_code=platform,
            kept=kept,
            papers=received,
            actor=access.actor(),
        )
    )


def _chosen(form: Form) -> PlanView | None:
    """The plan whose class was chosen; noted in the form when it is none of this enterprise's filed ones."""
    by_id = {str(plan.plan_id): plan for plan in _filed_plans()}
    return by_id.get(form.choice("plan_id", "班级", by_id))


def _filed_plans() -> list[PlanView]:
    return [plan for plan in plans.plans_of_enterprise(enterprise().id) if plan.status == "approved"]


def _platforms() -> Sequence[PlatformOption]:
    listed = platforms.current_directory(on=clock.today(), first_batch_on=policies.current().directory.first_batch_on)
    codes = {listing.code for listing in listed}
    others = [platform for platform in platforms.all_platforms() if platform.code != platforms.OURS]
    return sorted(
        (PlatformOption(platform.code, platform.name, platform.code in codes) for platform in others),
        key=lambda option: not option.listed,
    )


def _page(form: Form) -> str:
    found = imports.batches_of_enterprise(
        enterprise().id, before_id=key_of(form["cursor"]) or None, limit=BATCHES_A_PAGE + 1
    )
    shown = found[:BATCHES_A_PAGE]
    return render_template(
        "enterprise/import_list.html",
        form=form,
        plans=_filed_plans(),
        platforms=_platforms(),
        batches=shown,
        following=cursor_of(shown[-1].id) if len(found) > len(shown) else None,
    )
