"""Lists of other offices: which are in force, taking one in, withdrawing one."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.lists import services as lists
from backend.lists.services import ListTable
from config import clock
from config.errors import DomainError
from console import access
from console.forms import Form
from console.reviewer.door import blueprint
from wire.downloads import attachment
from wire.sheets import XLSX

_STATES = {
    "in_force": ("在用", "green"),
    "superseded": ("已被新名单替代", "secondary"),
    "withdrawn": ("已撤回", "orange"),
    "forgotten": ("逐行内容已删除", "secondary"),
}


@blueprint.get("/lists")
def office_lists() -> ResponseReturnValue:
    """Every list, and the upload."""
    return _page(Form())


@blueprint.get("/lists/templates/<kind>.xlsx")
def list_template(kind: str) -> ResponseReturnValue:
    """The empty workbook of a kind."""
    workbook = lists.template(kind)
    name = next(word for known, word in lists.KIND_WORDS.items() if known == kind)
    return attachment(workbook, f"{name}模板.xlsx", XLSX)


@blueprint.post("/lists")
def import_list() -> ResponseReturnValue:
    """Take a list in, whole or not at all."""
    form = Form(request.form)
    kind = form.choice("kind", "名单种类", lists.KIND_WORDS)
    office = form.text("office", "提供单位", limit=50)
    as_of_on = form.day("as_of_on", "截止日期")
    upload = form.file("workbook", "名单文件", request.files)
    table = None if form.errors or upload is None else _read(form, kind, upload.read())
    if table is not None and upload is not None:
        taken = form.submit(
            lambda: lists.import_list(
                table=table,
                office=office,
                as_of_on=as_of_on,
                file_name=upload.filename or "",
                staff=access.staff(),
            )
        )
        if taken is not None:
            flash(f"已收录{lists.KIND_WORDS[taken.kind]}，共{taken.row_count}行。")
            return redirect(url_for(".office_lists"))
    return _page(form), form.status


@blueprint.post("/lists/<uuid:list_id>/withdraw")
def withdraw_list(list_id: uuid.UUID) -> ResponseReturnValue:
    """A list taken in by mistake is asked no more."""
    form = Form(request.form)
    why = form.text("why", "撤回原因", limit=500)
    if form.submit(lambda: lists.withdraw_list(list_id=list_id, why=why, staff=access.staff())) is None:
        return _page(form), form.status
    flash("名单已撤回，以后不再用它核对。")
    return redirect(url_for(".office_lists"))


def _read(form: Form, kind: str, workbook: bytes) -> ListTable | None:
    """The list, read outside the transaction; None when refused."""
    try:
        return lists.read_list(kind=kind, workbook=workbook, on=clock.today())
    except DomainError as refusal:
        form.refuse(refusal)
        return None


def _page(form: Form) -> str:
    return render_template(
        "reviewer/lists.html", lists=lists.all_lists(), kinds=lists.KIND_WORDS, states=_STATES, form=form
    )
