"""培训台账资料 (四.2): hand in pictures, videos and papers of a class, many at a time; fetch them again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from backend.plans import services as plans
from config.database import transaction
from config.errors import DomainError, Invalid
from console import access
from console.enterprise.door import blueprint
from console.enterprise.plans import own_plan, plan_page
from console.forms import Form
from wire.downloads import stored

_SHOWN_NAME = 60


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/materials")
def add_materials(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Take the good files in; a refused one never stops them, and the same file twice changes nothing."""
    shown = own_plan(plan_id)
    form = Form(request.form)
    kind = form.choice("material_kind", "资料类别", plans.MATERIAL_KINDS)
    chosen = [upload for upload in request.files.getlist("materials") if upload.filename]
    if not chosen:
        form.note("materials", "请选择文件")
    if not form.errors:
        _take_in(form, plan_id, kind, chosen)
    if form.refused:
        return plan_page(shown, form), form.status
    return redirect(url_for(".plan", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/materials/<uuid:attachment_id>")
def download_material(enterprise_id: uuid.UUID, plan_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """One file, as it was handed in."""
    own_plan(plan_id)
    material, path = plans.open_material(plan_id=plan_id, attachment_id=attachment_id)
    return stored(path, material.name, material.media_type, sha256=material.sha256)


def _take_in(form: Form, plan_id: uuid.UUID, kind: str, chosen: Sequence[FileStorage]) -> None:
    """Every file by itself: examined and kept first, then entered in a transaction of its own."""
    added, repeated, refusals = 0, 0, list[tuple[str, DomainError]]()
    for upload in chosen:
        name = upload.filename or ""
        try:
            file = plans.receive_material(kind=kind, name=name, stream=upload.stream)
            material = transaction(partial(plans.add_material, plan_id=plan_id, file=file, actor=access.actor()))
        except DomainError as refusal:
            refusals.append((name, refusal))
        else:
            added += not material.repeated
            repeated += material.repeated
    if refusals:
        lines = [{"detail": f"“{_printable(name)}”：{refusal.detail}"} for name, refusal in refusals]
        detail = f"{_done(added, repeated)}有{len(lines)}份文件没有保存："
        form.refuse(Invalid("MATERIALS_REFUSED", detail, errors=lines))
    else:
        flash(_done(added, repeated))


def _done(added: int, repeated: int) -> str:
    return (f"已保存{added}份台账资料。" if added else "") + (
        f"{repeated}份以前上传过，没有重复保存。" if repeated else ""
    )


def _printable(name: str) -> str:
    """The name as it was sent, without what would turn the sentence round it over."""
    text = "".join(character for character in name if character.isprintable())
    return text if len(text) <= _SHOWN_NAME else f"…{text[-_SHOWN_NAME:]}"
