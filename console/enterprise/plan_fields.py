"""The plan form's fields, from what was typed and back to what is shown."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from backend.plans.services import PlanFields
from console import words
from console.forms import Form


def read_fields(form: Form) -> PlanFields:
    """The fields as typed; a draft may leave any of them blank."""
    return PlanFields(
        title=form.text("title", "班级名称", limit=100, required=False),
        kind=None if form.blank("kind") else form.choice("kind", "培训类别", words.PLAN_KIND),
        head_count=None if form.blank("head_count") else form.whole("head_count", "培训人数", least=1, most=100_000),
        class_hours=None if form.blank("class_hours") else form.whole("class_hours", "培训时长", least=1, most=1_000),
        mode=None if form.blank("mode") else form.choice("mode", "培训方式", words.PLAN_MODE),
        platform=form.text("platform", "培训平台", limit=100, required=False),
        agreement=form.text("agreement", "委托培训协议编号", limit=100, required=False),
        relevance=form.text("relevance", "与主营业务的关系", limit=1_000, required=False),
        trade_code=form.text("trade_code", "职业（工种）代码", limit=30, required=False),
        affected=form.ticked("affected"),
        late_filing_reason=form.text("late_filing_reason", "补备案原因", limit=500, required=False),
        course_ids=tuple(form.ids("course_ids", "培训课程", required=False)),
        starts_on=None if form.blank("starts_on") else form.day("starts_on", "开班日期"),
        ends_on=None if form.blank("ends_on") else form.day("ends_on", "结束日期"),
    )


def typed(fields: PlanFields) -> MultiDict[str, str]:
    """The saved fields as the form shows them."""
    shown: MultiDict[str, str] = MultiDict()
    for name in (
        "title",
        "kind",
        "head_count",
        "class_hours",
        "mode",
        "platform",
        "agreement",
        "relevance",
        "trade_code",
        "late_filing_reason",
    ):
        value = getattr(fields, name)
        shown[name] = "" if value is None else str(value)
    shown["affected"] = "yes" if fields.affected else ""
    shown["starts_on"] = fields.starts_on.isoformat() if fields.starts_on else ""
    shown["ends_on"] = fields.ends_on.isoformat() if fields.ends_on else ""
    shown.setlist("course_ids", [str(course_id) for course_id in fields.course_ids])
    return shown
