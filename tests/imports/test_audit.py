"""The audit walks what came in from other platforms: whole, it agrees; changed by hand, the row and its field are named."""

from __future__ import annotations

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records.evidence import log
from tests.cast.imports import Room, a_day, a_record, a_room, imported, interval, row, table, verdict
from tests.cast.plans import a_person
from tests.evidence_audit.asking import audit, change, first


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """A class into which came a table, a call and attested hours, one row of each refused."""
    made = a_room([a_person(1)])
    clock.set("2020-03-10T20:00:00+08:00")
    imported(made, table([row(made, 18), row(made, 19, course="别的")]))
    verdict(made, a_record(made, external_id="r-1", intervals=[interval("09:10", "11:00", day="2020-03-05")]))
    verdict(made, a_day(made, 2, "2020-03-06"), signed=True)
    log.sequence()
    return made


def test_the_audit_agrees_with_what_came_in(app: Flask, room: Room) -> None:
    status, report = audit(app)
    assert (status, report["agrees"]) == (0, True), report["differences"]
    assert (report["rows"]["import"], report["rows"]["import_batch"]) == (3, 3)


@pytest.mark.parametrize(
    ("target", "statement", "row_name", "field"),
    [
        ("banked_import", "UPDATE banked_import SET learned_seconds = 9999 WHERE external_id = 'r-1'",
         "import kjcxchina:r-1", "learned_seconds"),
        ("banked_import", "UPDATE banked_import SET course = '别的课' WHERE external_id = 'r-1'",
         "import kjcxchina:r-1", "course"),
        ("import_batch", "UPDATE import_batch SET rows_refused = 0 WHERE source = 'table'", "import_batch ", "rows.refused"),
        ("import_batch", "UPDATE import_batch SET file_sha256 = 'nothing' WHERE source = 'table'", "import_batch ",
         "file_sha256"),
    ],
)  # fmt: skip
def test_a_row_changed_by_hand_is_named_with_its_field(
    app: Flask, room: Room, target: str, statement: str, row_name: str, field: str
) -> None:
    change(target, statement)
    difference = first(app)
    assert difference["row"].startswith(row_name), difference
    assert difference["field"] == field, difference
