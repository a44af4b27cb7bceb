"""Lists come in whole or not at all, are replaced, withdrawn and forgotten; who may do it; what is kept of a person."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.audit import services as audit
from backend.lists import services as lists
from backend.lists.models import ListEntry
from backend.people import services as people
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed
from tests.cast.enterprises import id_number, roster_workbook, uscc
from tests.cast.lists import HEADINGS, OFFICE, a_list, a_workbook
from tests.cast.people import a_staff_member

WANG, LI = id_number(1), id_number(2)


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def read(kind: str, rows: list[list[Any]]) -> lists.ListTable:
    return lists.read_list(kind=kind, workbook=a_workbook(kind, rows), on=house_clock.today())


def test_a_list_is_taken_in_and_named_in_the_trail(app: Flask) -> None:
    taken = a_list("pension", [["王小明", WANG, "2019-05-01", "企业职工"], ["李四", LI, None, None]])
    assert (taken.kind, taken.office, taken.row_count, taken.state) == ("pension", OFFICE, 2, "in_force")
    assert lists.all_lists() == [taken]
    (entry,) = audit.entries(subject=f"list:{taken.list_id}")
    assert entry.action == "list.imported"
    assert entry.detail["rows"] == 2


def test_neither_number_nor_name_of_a_person_is_kept(app: Flask) -> None:
    a_list("pension", [["王小明", WANG, "2019-05-01", "企业职工"]])
    entry = db.session.scalars(select(ListEntry)).one()
    kept = str({column.name: getattr(entry, column.name) for column in ListEntry.__table__.columns})
    assert WANG not in kept
    assert "王小明" not in kept
    assert entry.subject == people.id_number_index(WANG)
    assert entry.shown == WANG[:4] + "*" * 10 + WANG[-4:]


def test_one_wrong_row_keeps_the_whole_file_out_and_every_wrong_row_is_named(app: Flask) -> None:
    bad = WANG[:-1] + ("0" if WANG[-1] != "0" else "1")
    rows: list[list[Any]] = [
        [WANG, "2019-09-01", "2022-06-30", "江南大学"],
        [bad, "2019-09-01", "2019-01-01", "江南大学"],
        [3.2e17],
    ]
    with pytest.raises(Invalid) as refusal:
        read("students", [*rows, [WANG, "2019-09-01", "2022-06-30", "江南大学"]])
    assert refusal.value.code == "LIST_ROWS_WRONG"
    assert [error["row"] for error in refusal.value.errors] == [4, 5, 6]
    said = [str(error["detail"]) for error in refusal.value.errors]
    assert "毕业日期早于入学日期" in said[0]
    assert "末几位已丢失" in said[1]
    assert "与第3行完全相同" in said[2]
    assert bad not in "".join(said)
    assert lists.all_lists() == []


def test_enterprises_and_money_are_read_as_people_write_them(app: Flask) -> None:
    code = uscc(7)
    (row,) = read("dispatch_licences", [[code.lower(), "无锡众派人力公司", "苏派0001", "2019-01-01", "2022/1/1"]]).rows
    assert (row.subject, row.shown, row.until_on) == (code, "无锡众派人力公司", date(2022, 1, 1))
    paid = read("other_subsidies", [[WANG, "以工代训补贴", "￥1,500.50", code], [LI, "以工代训补贴", 300, None]]).rows
    assert [row.amount_fen for row in paid] == [150_050, 30_000]
    assert code_of(lambda: read("other_subsidies", [[WANG, "以工代训补贴", "1.005", code]])) == "LIST_ROWS_WRONG"
    assert code_of(lambda: read("dishonest", [["123", "某公司", "", None]])) == "LIST_ROWS_WRONG"


def test_files_that_are_no_list_are_refused(app: Flask) -> None:
    def read_bytes(workbook: bytes) -> lists.ListTable:
        return lists.read_list(kind="pension", workbook=workbook, on=house_clock.today())

    assert code_of(lambda: read_bytes(b"%PDF-1.7")) == "WORKBOOK_NOT_XLSX"
    assert code_of(lambda: read_bytes(a_workbook("pension", []))) == "LIST_EMPTY"
    assert code_of(lambda: read_bytes(roster_workbook([["x"]], headings=("甲", "乙")))) == "LIST_HEADER_NOT_FOUND"
    assert code_of(lambda: lists.read_list(kind="all", workbook=b"", on=date.min)) == "LIST_KIND_UNKNOWN"
    only_number = roster_workbook([[WANG]], headings=("身份证号",))
    wanting = code_of(lambda: lists.read_list(kind="other_subsidies", workbook=only_number, on=house_clock.today()))
    assert wanting == "LIST_COLUMNS_MISSING"


def test_a_zip_bomb_is_refused(app: Flask) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", "<workbook/>")
        with bomb.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(301):
                sheet.write(b" " * 1_000_000)
    assert code_of(lambda: lists.read_list(kind="pension", workbook=packed.getvalue(), on=date(2020, 3, 2))) == (
        "WORKBOOK_TOO_LARGE"
    )


def test_a_newer_list_replaces_the_older_and_withdrawing_it_brings_that_back(app: Flask) -> None:
    reviewer = a_staff_member("reviewer")
    old = a_list("pension", [["王", WANG, None, None]], as_of_on=date(2020, 1, 31))
    new = a_list("pension", [["李", LI, None, None]], as_of_on=date(2020, 2, 29))
    other = a_list("pension", [["李", LI, None, None]], as_of_on=date(2019, 12, 31), office="江阴市社保中心")
    assert [view.state for view in lists.all_lists()] == ["in_force", "in_force", "superseded"]
    withdrawn = transaction(lambda: lists.withdraw_list(list_id=new.list_id, why="发错了文件", staff=reviewer))
    assert withdrawn.state == "withdrawn"
    assert {view.list_id for view in lists.all_lists() if view.state == "in_force"} == {old.list_id, other.list_id}
    again = transaction(lambda: lists.withdraw_list(list_id=new.list_id, why="再撤一次", staff=reviewer))
    assert again.withdrawn_why == "发错了文件"


def test_what_cannot_be_right_is_refused(app: Flask) -> None:
    a_list("pension", [["王", WANG, None, None]], as_of_on=date(2020, 2, 29))
    row = [["王", WANG, None, None]]
    assert code_of(lambda: a_list("pension", row, as_of_on=date(2020, 2, 29))) == "LIST_TAKEN_ALREADY"
    assert code_of(lambda: a_list("pension", row, as_of_on=date(2020, 1, 31))) == "LIST_OLDER"
    assert code_of(lambda: a_list("pension", row, as_of_on=date(2020, 3, 3))) == "LIST_DAY_IN_FUTURE"
    assert code_of(lambda: a_list("pension", row, office=" ")) == "LIST_OFFICE_INVALID"
    reviewer = a_staff_member("reviewer")
    taken = lists.all_lists()[0].list_id
    assert code_of(lambda: lists.withdraw_list(list_id=taken, why="", staff=reviewer)) == "LIST_WHY_INVALID"
    unknown = reviewer.public_id
    assert code_of(lambda: lists.withdraw_list(list_id=unknown, why="发错了", staff=reviewer)) == "LIST_UNKNOWN"


@pytest.mark.parametrize("role", ["agent", "cashier", "desk_clerk", "author"])
def test_other_roles_may_neither_take_in_nor_withdraw(app: Flask, role: str) -> None:
    taken = a_list("pension", [["王", WANG, None, None]])
    staff = a_staff_member(role)
    with pytest.raises(NotAllowed):
        a_list("students", [[LI, None, None, "江南大学"]], staff=staff)
    with pytest.raises(NotAllowed):
        lists.withdraw_list(list_id=taken.list_id, why="不要了", staff=staff)


def test_rows_of_a_replaced_list_go_after_ninety_days_and_the_list_stays(app: Flask, clock: FixedCalendar) -> None:
    old = a_list("pension", [["王", WANG, None, None]], as_of_on=date(2020, 1, 31))
    clock.set("2020-03-10T09:00:00+08:00")
    a_list("pension", [["李", LI, None, None]], as_of_on=date(2020, 2, 29))
    clock.set("2020-06-08T08:00:00+08:00")
    assert transaction(lambda: lists.forget_superseded(kept_days=90)) == 0
    clock.set("2020-06-08T09:00:00+08:00")
    assert transaction(lambda: lists.forget_superseded(kept_days=90)) == 1
    assert transaction(lambda: lists.forget_superseded(kept_days=90)) == 0
    assert [entry.subject for entry in db.session.scalars(select(ListEntry))] == [people.id_number_index(LI)]
    forgotten = next(view for view in lists.all_lists() if view.list_id == old.list_id)
    assert (forgotten.state, forgotten.sha256, forgotten.row_count) == ("forgotten", old.sha256, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE list_entry SET note = 'x'",
        "DELETE FROM list_entry",
        "UPDATE office_list SET as_of_on = '2020-01-01'",
        "DELETE FROM office_list",
    ],
)
def test_the_database_refuses_to_change_a_list(app: Flask, statement: str) -> None:
    a_list("pension", [["王", WANG, None, None]])
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(text(statement)))


def test_a_withdrawal_is_not_taken_back(app: Flask) -> None:
    taken = a_list("pension", [["王", WANG, None, None]])
    reviewer = a_staff_member("reviewer")
    transaction(lambda: lists.withdraw_list(list_id=taken.list_id, why="发错了文件", staff=reviewer))
    undo = "UPDATE office_list SET withdrawn_at = NULL, withdrawn_by_id = NULL, withdrawn_why = NULL"
    with pytest.raises(DBAPIError):
        transaction(lambda: db.session.execute(text(undo)))


@pytest.mark.parametrize("kind", list(lists.KIND_WORDS))
def test_every_template_reads_back_once_it_is_filled(app: Flask, kind: str) -> None:
    book = load_workbook(io.BytesIO(lists.template(kind)))
    sheet = book["名单"]
    headings = [str(cell.value) for cell in sheet[2]]
    values = {"身份证号*": WANG, "统一社会信用代码*": uscc(3), "企业名称*": "某公司", "补贴名称*": "以工代训"}
    for column, heading in enumerate(headings, start=1):
        sheet.cell(3, column, values.get(heading, 500 if "金额" in heading else None))
    written = io.BytesIO()
    book.save(written)
    assert len(lists.read_list(kind=kind, workbook=written.getvalue(), on=date(2020, 3, 2)).rows) == 1
    assert len(HEADINGS) == len(lists.KIND_WORDS)


def test_a_conflict_leaves_the_list_in_force_as_it_was(app: Flask) -> None:
    taken = a_list("students", [[WANG, None, None, "江南大学"]])
    with pytest.raises(Conflict):
        a_list("students", [[LI, None, None, "江南大学"]], as_of_on=date(2020, 1, 1))
    assert lists.all_lists() == [taken]
