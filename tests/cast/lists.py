"""Lists of other offices, as workbooks and taken in through the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from backend.lists import services as lists
from backend.lists.services import ListView
from backend.people.services import StaffView
from config import clock
from config.database import transaction
from tests.cast.enterprises import roster_workbook
from tests.cast.people import a_staff_member

HEADINGS: dict[str, tuple[str, ...]] = {
    "insured": ("序号", "身份证号*", "参保单位统一社会信用代码", "参保起始日期", "参保截止日期"),
    "pension": ("序号", "姓名", "身份证号*", "待遇起始日期", "备注"),
    "students": ("序号", "身份证号*", "入学日期", "毕业日期", "学校"),
    "civil_servants": ("序号", "身份证号*", "起始日期", "单位名称"),
    "other_subsidies": ("序号", "身份证号*", "补贴名称*", "补贴金额(元)*", "统一社会信用代码"),
    "dispatch_licences": ("序号", "统一社会信用代码*", "企业名称*", "许可证编号", "有效期起", "有效期止"),
    "dishonest": ("序号", "统一社会信用代码*", "企业名称*", "列入原因", "列入日期"),
}
OFFICE = "无锡市社保中心"


def a_workbook(kind: str, rows: Sequence[Sequence[Any]]) -> bytes:
    """A list's workbook; each row begins behind the running number."""
    numbered = [[number, *row] for number, row in enumerate(rows, start=1)]
    return roster_workbook(numbered, headings=HEADINGS[kind], title="名单", sheet="名单")


def a_list(
    kind: str,
    rows: Sequence[Sequence[Any]],
    *,
    office: str = OFFICE,
    as_of_on: date = date(2020, 2, 29),
    staff: StaffView | None = None,
) -> ListView:
    """Take in a list of these rows."""
    staff = staff or a_staff_member("reviewer")
    table = lists.read_list(kind=kind, workbook=a_workbook(kind, rows), on=clock.today())
    return transaction(
        lambda: lists.import_list(table=table, office=office, as_of_on=as_of_on, file_name="名单.xlsx", staff=staff)
    )
