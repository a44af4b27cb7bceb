"""From the cells of a table, or the texts of a call, to a row that can be judged; every fault names its cell.

Where nobody gave a row an id of its own (a stamped list of days), the id is made of person, course and day, so that the same
list sent twice is seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend.enterprises import services as enterprises
from backend.enterprises.services import Cell
from backend.imports.rules import (
    ATTESTED,
    EXTERNAL_ID_LENGTH,
    LONGEST_MEDIA_SECONDS,
    MOST_CLASS_HOURS,
    TITLE_LENGTH,
    Fault,
    Grade,
    Played,
    Row,
    Unread,
    folded,
    is_external_id,
    names_somebody,
)
from backend.people import services as people
from backend.people.rules import check_name
from config import clock, crypto
from config.errors import Invalid

_LONGEST_SHOWN = 30
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_SHOWABLE = re.compile(r"[0-9…年月日号时分秒上下午课学:：./\-+TZ\s]*")
_LONG_NUMBER = re.compile(r"[0-9]{11,}[Xx]?")
_SMALL_NUMBER = re.compile(r"[0-9]{1,3}")
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2099


@dataclass(frozen=True)
class RawRow:
    """The cells of one row by field; ``places`` names each field's cell as the sender knows it (``E17``)."""

    number: int
    cells: Mapping[str, Cell]
    places: Mapping[str, str]


def read_row(raw: RawRow, grade: Grade, now: datetime) -> Row | Unread:
    """The row, or all its faults in the order of the columns. ``now`` bounds what can have happened."""
    reader = _Reader(raw, now)
    external_id = reader.external_id(may_be_empty=grade == ATTESTED)
    name, id_number, course = reader.name(), reader.id_number(), reader.title("course", "课程", "COURSE_MISSING")
    if grade == ATTESTED:
        local_on, class_hours = reader.day("day"), reader.class_hours("hours")
        if not external_id and not reader.faults:
            external_id = _made_id(id_number, course, local_on)
        row = Row(raw.number, external_id, name, id_number, course, local_on=local_on, class_hours=class_hours)
    else:
        lesson = reader.title("lesson", "课节", "LESSON_MISSING")
        started_at, ended_at = reader.span("started", "ended")
        media = reader.seconds("media_from", "播放起点"), reader.seconds("media_to", "播放终点")
        reader.check_media(*media, field="media_to")
        played = Played(started_at, ended_at, *media)
        media_ms = reader.seconds("media", "课件时长")
        checked_in_at = reader.moment("checked_in", "签到时间") if reader.text("checked_in") else None
        row = Row(raw.number, external_id, name, id_number, course, lesson, (played,), media_ms, checked_in_at)
    return reader.result(row)


def read_record(number: int, record: Mapping[str, Any], now: datetime) -> Row | Unread:
    """A row of a call, whose types the door has checked: ``intervals``, or ``local_on`` and ``class_hours``."""
    names = ("external_id", "name", "id_number", "course", "lesson", "checked_in_at", "local_on", "class_hours")
    reader = _Reader(RawRow(number, {name: record.get(name) for name in names}, {name: name for name in names}), now)
    external_id = reader.external_id(may_be_empty=False)
    name, id_number, course = reader.name(), reader.id_number(), reader.title("course", "课程", "COURSE_MISSING")
    if record.get("intervals") is None:
        local_on, class_hours = reader.day("local_on"), reader.class_hours("class_hours")
        row = Row(number, external_id, name, id_number, course, local_on=local_on, class_hours=class_hours)
        return reader.result(row)
    lesson = reader.title("lesson", "课节", "LESSON_MISSING")
    played = []
    for index, item in enumerate(record["intervals"]):
        started, ended = f"intervals.{index}.started_at", f"intervals.{index}.ended_at"
        reader.add({started: item["started_at"], ended: item["ended_at"]})
        media_from, media_to = item.get("media_from_ms"), item.get("media_to_ms")
        reader.check_media(media_from, media_to, field=f"intervals.{index}.media_to_ms")
        played.append(Played(*reader.span(started, ended), media_from, media_to))
    checked_in_at = reader.moment("checked_in_at", "签到时间") if reader.text("checked_in_at") else None
    media_ms = record.get("media_ms")
    return reader.result(
        Row(number, external_id, name, id_number, course, lesson, tuple(played), media_ms, checked_in_at)
    )


def _made_id(id_number: str, course: str, local_on: date) -> str:
    """Of the keyed index of the ID number, so that it tells nobody the number."""
    said = f"{people.id_number_index(id_number)}\0{folded(course)}"
    return f"day-{local_on:%Y%m%d}-{crypto.sha256_hex(said.encode())[:32]}"


class _Reader:
    """Reads one row's cells; what cannot be read is noted and stands for something that is never used."""

    def __init__(self, raw: RawRow, now: datetime) -> None:
        self._cells = dict(raw.cells)
        self._places = dict(raw.places)
        self._number = raw.number
        self._now = now
        self._external_id = ""
        self.faults: list[Fault] = []

    def add(self, cells: Mapping[str, Cell]) -> None:
        """More cells, each known by its own name."""
        self._cells.update(cells)
        self._places.update((name, name) for name in cells)

    def result(self, row: Row) -> Row | Unread:
        """The row when nothing is wrong with it."""
        return Unread(self._number, self._external_id, tuple(self.faults)) if self.faults else row

    def note(self, code: str, field: str, sentence: str) -> None:
        place = self._places.get(field)
        self.faults.append(Fault(code, f"{place}：{sentence}" if place else sentence))

    def text(self, field: str) -> str:
        return enterprises.text_of(self._cells.get(field))

    def external_id(self, *, may_be_empty: bool) -> str:
        text = self.text("external_id")
        if not text and may_be_empty:
            return text
        if not is_external_id(text):
            said = "平台记录编号不正确" if text else "没有填平台记录编号"
            rule = f"应为1至{EXTERNAL_ID_LENGTH}个字母、数字或符号，没有空格和汉字"
            self.note("ROW_ID_INVALID", "external_id", f"{said}，{rule}；请平台为每条记录编一个不重复的编号。")
        elif names_somebody(text):
            self.note("ROW_ID_INVALID", "external_id", "平台记录编号里不能有身份证号，请平台换一种编号。")
        else:
            self._external_id = text
        return text

    def name(self) -> str:
        text = self.text("name")
        if not text:
            self.note("NAME_MISSING", "name", "没有填姓名。")
            return ""
        try:
            return check_name(text)
        except Invalid as error:
            self.note(error.code.upper(), "name", error.detail)
            return ""

    def id_number(self) -> str:
        try:
            return enterprises.id_number_of(self._cells.get("id_number"), on=clock.local_date(self._now)).number
        except Invalid as error:
            self.note(error.code.upper(), "id_number", error.detail)
            return ""

    def title(self, field: str, label: str, code: str) -> str:
        text = " ".join(self.text(field).split())
        if not text:
            self.note(code, field, f"没有填{label}。")
        elif len(text) > TITLE_LENGTH or not text.isprintable() or text.startswith("="):
            self.note(code, field, f"{label}应为文字，最多{TITLE_LENGTH}个字，不能是公式。")
        return text

    def moment(self, field: str, label: str) -> datetime:
        at = enterprises.moment_of(self._cells.get(field), local=clock.SHANGHAI)
        if at is None or not _EARLIEST_YEAR <= at.year <= _LATEST_YEAR:
            self.note("TIME_UNREADABLE", field, f"{label}{self._said(field)}，请按2020-03-05 09:00:00的格式填写。")
            return self._now
        return at

    def span(self, started: str, ended: str) -> tuple[datetime, datetime]:
        known = len(self.faults)
        started_at, ended_at = self.moment(started, "开始时间"), self.moment(ended, "结束时间")
        if len(self.faults) == known:
            self._check_order(started_at, ended_at, ended)
        return started_at, ended_at

    def _check_order(self, started_at: datetime, ended_at: datetime, field: str) -> None:
        if ended_at <= started_at:
            self.note("TIME_REVERSED", field, "结束时间不晚于开始时间，请核对。")
        elif ended_at > self._now:
            self.note("FUTURE", field, "结束时间还没有到，请核对日期和时间。")
        elif ended_at - started_at > timedelta(days=1):
            self.note("INTERVAL_TOO_LONG", field, "一段学习超过了24小时，请按实际的起止时刻分段填写。")

    def seconds(self, field: str, label: str) -> int | None:
        """Milliseconds of a cell that holds whole or decimal seconds; None when it is empty."""
        text = enterprises.plain(self.text(field))
        if not text:
            return None
        if not _SECONDS.fullmatch(text) or float(text) > LONGEST_MEDIA_SECONDS:
            self.note("SECONDS_UNREADABLE", field, f"{label}{self._said(field)}，请填写秒数，例如2700。")
            return None
        return round(float(text) * 1000)

    def check_media(self, media_from_ms: int | None, media_to_ms: int | None, *, field: str) -> None:
        if (media_from_ms is None) != (media_to_ms is None):
            self.note("SECONDS_UNREADABLE", field, "播放起点和播放终点要么都填，要么都不填。")
        elif media_from_ms is not None and media_to_ms is not None and media_to_ms <= media_from_ms:
            self.note("SECONDS_UNREADABLE", field, "播放终点应在播放起点之后，请核对。")

    def day(self, field: str) -> date:
        day = enterprises.day_of(self._cells.get(field))
        if day is None or not _EARLIEST_YEAR <= day.year <= _LATEST_YEAR:
            self.note("DATE_UNREADABLE", field, f"日期{self._said(field)}，请按2020-03-05的格式填写。")
            return date.min
        if day > clock.local_date(self._now):
            self.note("FUTURE", field, "学习的日期还没有到，请核对日期。")
        return day

    def class_hours(self, field: str) -> int:
        text = enterprises.plain(self.text(field)).removesuffix("课时").removesuffix("学时").strip()
        if _SMALL_NUMBER.fullmatch(text) and 1 <= int(text) <= MOST_CLASS_HOURS:
            return int(text)
        self.note(
            "HOURS_UNREADABLE", field, f"课时{self._said(field)}，请填写1至{MOST_CLASS_HOURS}的整数，不足一课时的不填。"
        )
        return 0

    def _said(self, field: str) -> str:
        """What stands there, if it looks like what should: where columns have slipped it is somebody's name or number."""
        text = self.text(field)
        if not text:
            return "没有填"
        shown = _LONG_NUMBER.sub("…", text)[:_LONGEST_SHOWN]
        return f"“{shown}”无法识别" if _SHOWABLE.fullmatch(shown) else "无法识别"
