"""The empty table to give a platform: ID numbers kept as text, courses chosen from those of the filed plan."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from backend.imports.rules import ATTESTED, MOST_CLASS_HOURS, Grade
from backend.imports.tables import COLUMN_WORDS, FIELDS, REQUIRED

TITLES: Mapping[Grade, str] = {"imported": "学习记录（有起止时刻）", "attested": "学习证明（每天课时数）"}
_ROWS = 20_000
_WIDTHS = {"external_id": 22, "id_number": 24, "course": 28, "lesson": 28, "started": 21, "ended": 21, "checked_in": 21}
_TEXT = ("external_id", "id_number")
_INSTANTS = ("started", "ended", "checked_in")
_UNITS = {"media_from": "（秒）", "media_to": "（秒）", "media": "（秒）"}
_COURSES = "备案课程"


def template(*, grade: Grade, courses: Sequence[str]) -> bytes:
    """An .xlsx for one kind of rows; ``courses`` are the titles of the filed plan, to choose from."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet = book.add_worksheet("学习记录")
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    needed = book.add_format({"bold": True, "bg_color": "#E7F0FA", "border": 1, "align": "center"})
    optional = book.add_format({"bg_color": "#F3F4F6", "border": 1, "align": "center"})
    formats = {
        **dict.fromkeys(_TEXT, book.add_format({"num_format": 49})),  # the built-in text format, "@"
        **dict.fromkeys(_INSTANTS, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    fields = FIELDS[grade]
    sheet.merge_range(0, 0, 0, len(fields) - 1, TITLES[grade], title)
    sheet.set_row(0, 30)
    for column, field in enumerate(fields):
        word = COLUMN_WORDS[field][0] + _UNITS.get(field, "")
        sheet.write_string(1, column, word, needed if field in REQUIRED[grade] else optional)
        sheet.set_column(column, column, _WIDTHS.get(field, 14), formats.get(field))
    sheet.freeze_panes(2, 0)
    if courses:
        listed = book.add_worksheet(_COURSES)
        listed.set_column(0, 0, 50)
        for row, course in enumerate(courses):
            listed.write_string(row, 0, course)
    for field, rule in _entry_rules(fields, len(courses)).items():
        sheet.data_validation(2, fields.index(field), _ROWS + 1, fields.index(field), rule)
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 100)
    for row, line in enumerate(_notes(grade)):
        notes.write_string(row, 0, line)
    book.close()
    return written.getvalue()


def _entry_rules(fields: Sequence[str], courses: int) -> dict[str, dict[str, Any]]:
    rules: dict[str, dict[str, Any]] = {
        "id_number": {
            "validate": "length",
            "criteria": "==",
            "value": 18,
            "error_title": "身份证号",
            "error_message": "请填写18位身份证号，最后一位是X时填X。",
        },
        "hours": {
            "validate": "integer",
            "criteria": "between",
            "minimum": 1,
            "maximum": MOST_CLASS_HOURS,
            "error_title": "课时",
            "error_message": f"请填写1至{MOST_CLASS_HOURS}的整数。",
        },
    }
    if courses:
        rules["course"] = {
            "validate": "list",
            "source": f"={_COURSES}!$A$1:$A${courses}",
            "error_title": "课程",
            "error_message": "请从下拉列表中选择备案的课程。",
        }
    return {field: rule for field, rule in rules.items() if field in fields}


def _notes(grade: Grade) -> Sequence[str]:
    own = _ATTESTED_NOTES if grade == ATTESTED else _IMPORTED_NOTES
    return [f"{number}. {line}" for number, line in enumerate((*own, *_COMMON_NOTES), start=1)]


_IMPORTED_NOTES = (
    "一行是一段连续的学习：某人从几点到几点，学了哪门课的哪一节。蓝色的列必填，灰色的列有就填。",
    "平台记录编号由平台给出，每条不重复，用字母、数字和符号，不含空格和汉字。同一编号只收录一次，重复提交不会重复计入。",
    "开始时间、结束时间按2020-03-05 09:00:00的格式填写，北京时间；一段不超过24小时。",
    "播放起点、播放终点是这一段播放了课件的第几秒到第几秒，课件时长是整节的秒数。填了才能分清哪些内容已经学过。",
    "签到时间是本人当天在平台签到的时刻；不填时，以当天第一段学习的开始时间为签到时间。",
    "同一个人同一段时间只计一次，与本系统或其他平台的学习重叠的部分不重复计入。",
)
_ATTESTED_NOTES = (
    "平台只能证明“某人某天学了某课程几课时”的，用这张表，一人一课一天一行。蓝色的列必填，灰色的列有就填。",
    "课时填整数，一课时45分钟，不足一课时的不填。每人每天各平台合计最多认8课时。",
    "这类记录存入本人的学分银行；按现行规定不用于申领补贴。能提供起止时刻的，请改用“有起止时刻”的模板。",
    "平台记录编号可以不填；不填时，同一人同一课程同一天只收录一次。",
    "日期按2020-03-05的格式填写。",
)
_COMMON_NOTES = (
    "身份证号列已设为文本格式；从别处复制时请“选择性粘贴为数值”，不要粘贴公式。",
    "课程名称须与备案的培训课程一致，可从下拉列表选择。备案通过以前的学习不能收录。",
    "本人须已用手机登录无锡创课并加入班级；还没有加入的，加入以后把同一份表再传一次，已收录的行不会重复。",
    "上传时请一并提供平台盖章的证明材料（PDF或图片）。",
    "上传后可下载核对结果：原表后面加上“结果”“原因”两列，改好以后整张表再传一次即可。",
)
