"""The hour report: verified time of each worker in each lesson with its evidence, on the page, as CSV and as XLSX."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date

from flask import render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from backend.study import services as study
from backend.study.services import HourRow
from console import words
from console.enterprise.door import blueprint, enterprise
from console.forms import Form
from wire.downloads import attachment
from wire.paging import cursor_of, key_of
from wire.sheets import CSV, XLSX, csv_chunks, xlsx_chunks

_HEADINGS = (
    "姓名", "身份证号", "班级", "课程内容", "可申领学时（时:分:秒）", "计入学分学时（时:分:秒）", "可申领秒数", "计入学分秒数",
    "首次学习日期", "末次学习日期", "存证编号",
)  # fmt: skip
_FILES = {"csv": (csv_chunks, CSV + "; charset=utf-8"), "xlsx": (lambda *table: xlsx_chunks("学时报告", *table), XLSX)}


@blueprint.get("/<uuid:enterprise_id>/hour-report")
def hour_report(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """One page of the report; the days may be narrowed."""
    form = Form(MultiDict(request.args))
    starts_on, ends_on = days_asked(form)
    page = study.hour_report(
        enterprise_id=enterprise().id,
        starts_on=starts_on,
        ends_on=ends_on,
        after_key=key_of(request.args.get("cursor")),
    )
    following = None if page.next_key is None else cursor_of(page.next_key)
    return render_template("enterprise/hour_report.html", rows=page.items, following=following, form=form)


@blueprint.get("/<uuid:enterprise_id>/hour-report.<any(csv,xlsx):ending>")
def hour_report_download(enterprise_id: uuid.UUID, ending: str) -> ResponseReturnValue:
    """The whole report as a file, streamed."""
    starts_on, ends_on = days_asked(Form(MultiDict(request.args)))
    rows = study.hour_report_rows(enterprise_id=enterprise().id, starts_on=starts_on, ends_on=ends_on)
    write, mimetype = _FILES[ending]
    chunks: Iterator[bytes] = stream_with_context(write(_HEADINGS, (_cells(row) for row in rows)))
    return attachment(chunks, f"学时报告.{ending}", mimetype)


def days_asked(form: Form) -> tuple[date | None, date | None]:
    """The days asked for; one that cannot be read is noted in the form and narrows nothing."""
    starts_on = None if form.blank("from") else form.day("from", "开始日期")
    ends_on = None if form.blank("to") else form.day("to", "结束日期")
    return (None, None) if form.errors else (starts_on, ends_on)


def _cells(row: HourRow) -> Sequence[str | int]:
    return (
        row.masked_name,
        row.masked_id_number,
        row.class_title,
        row.lesson_title,
        words.exact_duration(row.claimable_seconds),
        words.exact_duration(row.learned_seconds),
        row.claimable_seconds,
        row.learned_seconds,
        row.first_on.isoformat(),
        row.last_on.isoformat(),
        " ".join(str(reference.record_id) for reference in row.evidence),
    )
