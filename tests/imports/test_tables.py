"""Tables as platforms and agents send them: whatever their layout and encoding, within bounds, each row named by its cell."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from backend.enterprises.services import Limits
from backend.imports import services as imports
from backend.imports import tables
from config.clock import FixedCalendar
from config.errors import Invalid
from learning_records.evidence import services as evidence
from tests.cast.enterprises import id_number
from tests.cast.imports import DAY_HEADINGS, HEADINGS, Room, a_room, imported, row, table, upload, verdicts_of
from tests.cast.plans import a_person

HALF_HOUR = 29 * 60


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class on 2 March; it is 10 March, in the evening, now."""
    made = a_room([a_person(1, "王小明"), a_person(2, "赵䶮")])
    clock.set("2020-03-10T20:00:00+08:00")
    return made


def _csv(rows: list[list[Any]], *, encoding: str, headings: tuple[str, ...] = HEADINGS) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def test_a_table_is_taken_in_row_by_row(room: Room) -> None:
    rows = [
        row(room, 18),
        row(room, 19, course="没有备案的课程"),
        row(room, 20, name="赵䶮", id_number=room.persons[1].id_number),
        row(room, 21, started="2020-13-05 10:30:00"),
        row(room, 22, id_number=3.2e17),
    ]
    batch = imported(room, table(rows))
    assert (batch.status, batch.grade, batch.taken, batch.refused) == ("done", "imported", 2, 3)
    assert batch.learned_seconds == 2 * HALF_HOUR
    found = [(said.number, said.verdict, said.code) for said in verdicts_of(batch)]
    assert found == [
        (3, "taken", "OK"),
        (4, "refused", "UNKNOWN_COURSE"),
        (5, "taken", "OK"),
        (6, "refused", "TIME_UNREADABLE"),
        (7, "refused", "ID_NUMBER_LOST_DIGITS"),
    ]
    assert verdicts_of(batch)[3].detail.startswith("F6：开始时间“2020-13-05 10:30:00”无法识别")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_csv_of_whatever_encoding_says_the_same(room: Room, encoding: str) -> None:
    content = _csv([row(room, 18), row(room, 19, ended="2020-03-05")], encoding=encoding)
    batch = imported(room, content, name="导出.csv")
    assert (batch.file_kind, batch.taken, batch.refused) == ("csv", 1, 1)
    assert verdicts_of(batch)[1].detail.startswith("G3：结束时间“2020-03-05”无法识别")


def test_cells_of_every_kind_are_read_as_they_were_meant(room: Room) -> None:
    began, ended = datetime.fromisoformat("2020-03-05T09:00:00"), datetime.fromisoformat("2020-03-05T09:29:00")
    person = room.persons[0]
    rows = [
        row(room, 18, id=1001, started=began, ended=ended),
        row(room, 20, started="2020年3月5日10时0分", ended="2020/3/5 10:29"),
        row(room, 22, id_number=" ３２０２００１９９００１０１" + person.id_number[-4:] + "　", name="王 小 明"),
        row(room, 24, course=f"《{room.course.title}》", **{"from": "0", "to": 1740.0, "media": "8100"}),
    ]
    batch = imported(room, table(rows))
    assert [said.code for said in verdicts_of(batch)] == ["OK"] * 4
    assert batch.learned_seconds == 4 * HALF_HOUR


def test_titles_totals_footers_and_repeated_headings_are_no_rows(room: Room) -> None:
    rows = [
        row(room, 18),
        [],
        list(HEADINGS),
        row(room, 19),
        ["合计", "2条"],
        ["填表人：李经办", None, "日期：2020-03-06"],
    ]
    batch = imported(room, table(rows, title="某平台学习记录（2020年3月）"))
    assert (batch.taken, batch.refused) == (2, 0)


def test_columns_may_stand_in_any_order_among_others(room: Room) -> None:
    headings = ("部门", *reversed(HEADINGS), "备注")
    batch = imported(room, table([["装配", *reversed(row(room, 18)), "无"]], headings=headings))
    assert (batch.taken, batch.refused) == (1, 0)


def test_days_and_class_hours_are_the_attested_kind_and_their_ids_are_made(room: Room) -> None:
    person, course = room.persons[0], room.course.title
    first = [person.name, person.id_number, course, date(2020, 3, 5), 2]
    second = [person.name, person.id_number, course, "2020年3月6日", "3课时"]
    batch = imported(room, table([first, second], headings=DAY_HEADINGS))
    assert (batch.grade, batch.learned_seconds, batch.claimable_seconds) == ("attested", 5 * 2_700, 0)
    assert all(person.id_number not in said.external_id for said in verdicts_of(batch))
    again = imported(room, table([first, [*second[:4], 4]], headings=DAY_HEADINGS))
    assert [said.code for said in verdicts_of(again)] == ["DUPLICATE", "CHANGED"]


def test_the_same_table_again_counts_nothing(room: Room) -> None:
    content = table([row(room, 18), row(room, 19)])
    imported(room, content)
    again = imported(room, content)
    assert (again.taken, again.same, again.learned_seconds) == (0, 2, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\xd0\xcf\x11\xe0" + bytes(2_000), "TABLE_NOT_READABLE"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "TABLE_NOT_READABLE"),
        (b"PK\x03\x04" + bytes(500), "WORKBOOK_BROKEN"),
        ("今天天气很好\n".encode() * 50, "IMPORT_HEADER_NOT_FOUND"),
        (b'"' + "姓名,身份证号,课程\n".encode() * 20_000, "TABLE_NOT_READABLE"),
        (table([], headings=HEADINGS), "IMPORT_EMPTY"),
        (table([["x"]], headings=HEADINGS[:5]), "IMPORT_COLUMNS_MISSING"),
        (table([["x"]], headings=("姓名", "手机号")), "IMPORT_HEADER_NOT_FOUND"),
    ],
)
def test_what_holds_no_table_is_refused_at_once(app: Flask, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        imports.keep_table(name="表.xlsx", source=io.BytesIO(content))
    assert refusal.value.code == code
    assert not refusal.value.detail.isascii()


def test_missing_columns_are_named(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        imports.keep_table(name="表.xlsx", source=io.BytesIO(table([["x"]], headings=HEADINGS[:5])))
    assert "开始时间、结束时间" in refusal.value.detail


def test_a_file_beyond_the_bounds_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LIMITS", Limits(file_bytes=60_000, unpacked_bytes=40_000, rows=20))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<w>" + b" " * 50_000 + b"</w>")
    assert len(written.getvalue()) < 1_000
    with pytest.raises(Invalid) as bomb:
        imports.keep_table(name="表.xlsx", source=io.BytesIO(written.getvalue()))
    assert bomb.value.code == "WORKBOOK_TOO_LARGE"
    with pytest.raises(Invalid) as long:
        imports.keep_table(name="表.csv", source=io.BytesIO(_csv([row(room, 1)] * 30, encoding="utf-8")))
    assert long.value.code == "WORKBOOK_TOO_MANY_ROWS"


def test_what_was_taken_in_before_a_file_broke_stays_and_is_sealed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.imports.ROWS_AT_ONCE", 10)
    monkeypatch.setattr(tables, "LIMITS", Limits(file_bytes=60_000, unpacked_bytes=400_000, rows=40))
    batch = imported(room, table([row(room, number) for number in range(48)]))
    assert (batch.status, batch.taken) == ("failed", 30)
    assert "超过40行" in batch.failure
    assert batch.record_id is not None
    assert evidence.trace(record_public_id=batch.record_id).body["status"] == "failed"


def test_the_result_is_the_same_table_with_what_became_of_each_row(room: Room) -> None:
    rows = [row(room, 18), row(room, 19, name="错名"), ["合计"], row(room, 18)]
    batch = imported(room, table(rows))
    headings, lines = imports.result_table(batch)
    told = list(lines)
    assert headings == [*HEADINGS, "结果", "原因", "计入秒数", "可申领秒数"]
    assert [line[-4] for line in told] == ["已收录", "未收录", "", "以前已收录"]
    assert told[0][:3] == ["row-18", "王小明", room.persons[0].id_number]
    assert (told[0][-2], told[1][-2]) == (HALF_HOUR, 0)
    assert "姓名与花名册" in str(told[1][-3])
    mended = [*told[1][:1], "王小明", *told[1][2:]]
    again = imported(room, table([told[0], mended], headings=headings))
    assert [said.code for said in verdicts_of(again)] == ["DUPLICATE", "OK"]
    assert imports.result_table(again)[0] == headings


@pytest.mark.parametrize("grade", ["imported", "attested"])
def test_the_template_can_be_filled_in_and_comes_in(room: Room, grade: Any, tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(imports.template(grade=grade, courses=[room.course.title])))
    page = book["学习记录"]
    headings = [cell.value for cell in page[2]]
    person = room.persons[0]
    filled = {
        "平台记录编号": "t-1",
        "姓名": person.name,
        "身份证号": person.id_number,
        "课程": room.course.title,
        "课节": "第2课",
        "开始时间": "2020-03-06 09:00:00",
        "结束时间": "2020-03-06 10:30:00",
        "日期": "2020-03-06",
        "课时": 2,
    }
    page.append([filled.get(str(heading)) for heading in headings])
    assert page.column_dimensions["C"].number_format == "@"
    assert page.column_dimensions["C"].width >= 20
    assert [rule.type for rule in page.data_validations.dataValidation].count("list") == 1
    written = io.BytesIO()
    book.save(written)
    batch = imported(room, written.getvalue())
    assert (batch.grade, batch.taken, batch.learned_seconds) == (grade, 1, 5_400)


def test_a_table_needs_the_platforms_paper_and_a_class_of_ones_own(room: Room) -> None:
    content = table([row(room, 18)])
    with pytest.raises(Invalid) as refusal:
        upload(room, content, papers=0)
    assert refusal.value.code == "PAPER_REQUIRED"
    with pytest.raises(Invalid) as ours:
        upload(room.from_platform("wxck"), content)
    assert ours.value.code == "PLATFORM_IS_OURS"
    batch = upload(room, content, papers=2)
    kinds = sorted(paper.kind for paper in imports.papers_of(batch.batch_id))
    assert kinds == ["paper", "table"]  # the same paper twice is one
    assert batch.status == "waiting"


def test_where_columns_have_slipped_nobody_is_named_in_the_verdict(room: Room) -> None:
    batch = imported(room, table([row(room, 18, id_number=id_number(88), started=id_number(7), ended="王小明")]))
    (said,) = verdicts_of(batch)
    assert [text for text in (id_number(88), id_number(7), "王小明") if text in said.detail] == []
    assert "G3：结束时间无法识别" in said.detail
