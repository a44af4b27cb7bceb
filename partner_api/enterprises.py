"""For an enterprise's own systems: the hour report."""

from collections.abc import Sequence
from typing import Any

from flask import Response, stream_with_context
from marshmallow import RAISE, ValidationError, fields, validate, validates_schema

from backend.enterprises import services as enterprises
from backend.registers import bundles
from backend.study import reports
from backend.study.reports import HourRow
from learning_records.evidence import log
from partner_api.guard import PartnerBlueprint, api_key
from wire.downloads import ZIP, attachment, written
from wire.paging import cursor_of, key_of
from wire.schemas import Day, StrictSchema, Text
from wire.sheets import CSV, XLSX, csv_chunks, xlsx_chunks

blueprint = PartnerBlueprint("enterprises", "企业系统：学时报告", subject_kind="enterprise")

_HEADINGS = (
    "姓名", "身份证号", "培训班", "培训班编号", "课程内容", "课程内容编号", "可申领秒数", "计入学分秒数",
    "首次学习日期", "末次学习日期", "存证编号",
)  # fmt: skip


class DaysQuery(StrictSchema):
    starts_on = Day(data_key="from", load_default=None, metadata={"description": "学习日期从（含），北京时间"})
    ends_on = Day(data_key="to", load_default=None, metadata={"description": "学习日期至（含），北京时间"})

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("starts_on") and data.get("ends_on") and data["starts_on"] > data["ends_on"]:
            raise ValidationError("开始日期不能晚于结束日期", "from")


class HourReportQuery(DaysQuery):
    format = fields.String(load_default="json", validate=validate.OneOf(["json", "csv", "xlsx"]))
    cursor = Text(limit=100, load_default=None)


class EvidenceOut(StrictSchema):
    record_id = fields.UUID(required=True, metadata={"description": "存证编号"})
    kind = fields.String(required=True)
    leaf_hash = fields.String(required=True, metadata={"description": "存证叶子的 SHA-256（十六进制）"})


class HourRowOut(StrictSchema):
    roster_entry_id = fields.UUID(required=True)
    masked_name = fields.String(required=True)
    masked_id_number = fields.String(required=True)
    class_id = fields.UUID(required=True)
    class_title = fields.String(required=True)
    lesson_id = fields.UUID(allow_none=True, metadata={"description": "测试、其他平台的记录没有课程内容编号"})
    lesson_title = fields.String(required=True)
    grade = fields.String(
        required=True,
        metadata={"description": "counted 本系统计时 · imported 其他平台有起止时刻 · attested 平台只证明课时"},
    )
    claimable_seconds = fields.Integer(required=True)
    learned_seconds = fields.Integer(required=True)
    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    evidence = fields.List(fields.Nested(EvidenceOut), required=True)


class HourReportOut(StrictSchema):
    items = fields.List(fields.Nested(HourRowOut), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


@blueprint.get("/hour-report")
@blueprint.arguments(HourReportQuery, location="query", unknown=RAISE)
@blueprint.response(200, HourReportOut)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=CSV, success=True)
@blueprint.alt_response(200, schema={"type": "string", "format": "binary"}, content_type=XLSX, success=True)
def hour_report(query: dict[str, Any]) -> dict[str, Any] | Response:
    """本企业培训班中每人每课的核定学时和存证编号

    JSON 按人分页（next_cursor 为空即最后一页）；csv、xlsx 从 cursor 起一次给全。姓名、身份证号已脱敏。
    """
    enterprise = enterprises.get_enterprise(api_key().subject_id)
    wanted = {
        "enterprise_id": enterprise.id,
        "starts_on": query["starts_on"],
        "ends_on": query["ends_on"],
        "after_key": key_of(query["cursor"]),
    }
    if query["format"] == "json":
        page = reports.hour_report(**wanted)
        return {"items": page.items, "next_cursor": None if page.next_key is None else cursor_of(page.next_key)}
    rows = (_cells(row) for row in reports.hour_report_rows(**wanted))
    if query["format"] == "csv":
        return attachment(stream_with_context(csv_chunks(_HEADINGS, rows)), "hour-report.csv", CSV + "; charset=utf-8")
    return attachment(stream_with_context(xlsx_chunks("学时报告", _HEADINGS, rows)), "hour-report.xlsx", XLSX)


@blueprint.get("/evidence")
@blueprint.arguments(DaysQuery, location="query", unknown=RAISE)
@blueprint.alt_response(200, schema={"type": "string", "format": "binary"}, content_type=ZIP, success=True)
def evidence_bundle(query: dict[str, Any]) -> Response:
    """学时报告所依据的存证，一个 ZIP 文件，可脱机核验

    核验程序见 /log/verify.py；日期按存入学分银行的日子（北京时间，含首尾）。
    """
    enterprise = enterprises.get_enterprise(api_key().subject_id)
    log.catch_up()
    plan = bundles.report_bundle(enterprise_id=enterprise.id, starts_on=query["starts_on"], ends_on=query["ends_on"])
    return written(lambda file: bundles.write_bundle(plan, file), plan.file_name, ZIP)


def _cells(row: HourRow) -> Sequence[str | int]:
    return (
        row.masked_name,
        row.masked_id_number,
        row.class_title,
        str(row.class_id),
        row.lesson_title,
        str(row.lesson_id or ""),
        row.claimable_seconds,
        row.learned_seconds,
        row.first_on.isoformat(),
        row.last_on.isoformat(),
        " ".join(str(reference.record_id) for reference in row.evidence),
    )
