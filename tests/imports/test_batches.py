"""A table is judged some rows at a time, goes on after a crash, and two batches with the same ids never count twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.credit_bank import services as credit_bank
from backend.imports import services as imports
from backend.imports.models import ImportBatch, ImportVerdict
from backend.study.models import BankedImport
from commands.imports import take_in_waiting_tables
from config import blobs
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, NotFound
from learning_records.evidence import services as evidence
from tests.cast.at_once import at_once
from tests.cast.imports import Room, a_record, a_room, imported, interval, row, table, upload, verdicts_of
from tests.cast.plans import a_person

HALF_HOUR = 29 * 60


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class of four on 2 March; it is 10 March, in the evening, now."""
    made = a_room([a_person(serial, name) for serial, name in enumerate(("王小明", "赵䶮", "孙丽", "周强"), start=1)])
    clock.set("2020-03-10T20:00:00+08:00")
    return made


def _rows(room: Room, count: int) -> list[list[object]]:
    """Half hours of the four in turn; every tenth is wrong."""
    rows = []
    for number in range(count):
        person = room.persons[number % 4]
        changes = {"id": f"n{number}", "name": person.name, "id_number": person.id_number}
        rows.append(row(room, number // 4, **(changes | ({"course": "别的"} if number % 10 == 9 else {}))))
    return rows


def _learned(room: Room) -> int:
    return sum(credit_bank.balance(worker_id=person.worker_id).learned_seconds for person in room.persons)


def test_progress_is_told_while_rows_are_judged(room: Room) -> None:
    batch = upload(room, table(_rows(room, 40)))
    assert (batch.status, batch.percent, batch.rows_expected) == ("waiting", 0, 40)
    first = next(imports.read_on(batch_id=batch.batch_id, rows_at_once=10))
    transaction(partial(imports.take_in_rows, batch_id=batch.batch_id, rows=first))
    seen = imports.batch_of_enterprise(enterprise_id=room.enterprise.id, batch_id=batch.batch_id)
    assert (seen.status, seen.percent, seen.taken, seen.refused) == ("waiting", 25, 9, 1)
    assert seen.record_id is None


def test_after_a_crash_it_goes_on_where_it_stood_and_doubles_nothing(room: Room) -> None:
    batch = upload(room, table(_rows(room, 40)))
    pages = imports.read_on(batch_id=batch.batch_id, rows_at_once=7)
    for _ in range(2):
        transaction(partial(imports.take_in_rows, batch_id=batch.batch_id, rows=next(pages)))

    def stopped_before_the_commit() -> None:
        imports.take_in_rows(batch_id=batch.batch_id, rows=next(pages))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transaction(stopped_before_the_commit)
    stopped = imports.batch_of_enterprise(enterprise_id=room.enterprise.id, batch_id=batch.batch_id)
    assert (stopped.status, stopped.rows_read) == ("waiting", 14)
    assert take_in_waiting_tables() == 26
    done = imports.batch_of_enterprise(enterprise_id=room.enterprise.id, batch_id=batch.batch_id)
    assert (done.status, done.taken, done.refused) == ("done", 36, 4)
    assert [said.number for said in verdicts_of(done)] == list(range(3, 43))
    assert done.learned_seconds == _learned(room) == 36 * HALF_HOUR
    assert take_in_waiting_tables() == 0


def test_rows_judged_before_are_left_out_when_they_come_again(room: Room) -> None:
    batch = upload(room, table(_rows(room, 20)))
    pages = list(imports.read_on(batch_id=batch.batch_id, rows_at_once=10))
    for page in (pages[0], pages[0], pages[1]):
        transaction(partial(imports.take_in_rows, batch_id=batch.batch_id, rows=page))
    transaction(partial(imports.finish, batch_id=batch.batch_id))
    assert len(verdicts_of(batch)) == 20
    with pytest.raises(Conflict) as refusal:
        transaction(partial(imports.take_in_rows, batch_id=batch.batch_id, rows=pages[1]))
    assert refusal.value.code == "IMPORT_FINISHED"


def test_one_table_whose_file_is_gone_says_so_and_holds_up_no_other(room: Room) -> None:
    first, second = upload(room, table(_rows(room, 4))), upload(room, table(_rows(room, 8)))
    blobs.remove(first.file_sha256)
    assert take_in_waiting_tables() == 8
    outcomes = imports.batches_of_enterprise(room.enterprise.id)
    assert [(batch.batch_id, batch.status) for batch in outcomes] == [
        (second.batch_id, "done"),
        (first.batch_id, "failed"),
    ]
    assert "文件不存在" in outcomes[1].failure


def test_a_finished_batch_is_sealed_with_its_figures_and_papers(room: Room) -> None:
    batch = imported(room, table(_rows(room, 20)))
    assert batch.record_id is not None
    record = evidence.trace(record_public_id=batch.record_id)
    assert record.intact
    assert record.body["rows"] == {"taken": 18, "same": 0, "refused": 2}
    assert record.body["file_sha256"] == batch.file_sha256
    papers = {str(paper.record_id) for paper in imports.papers_of(batch.batch_id)}
    assert set(record.body["papers"]) == papers
    assert len(papers) == 2  # the stamped paper and the table itself
    (row_now,) = imports.sealed_rows(0, 10)
    assert {name: record.body[name] for name in row_now.body} == dict(row_now.body)


def test_two_batches_with_the_same_ids_at_the_same_moment_count_once(app: Flask, room: Room) -> None:
    def call_of(numbers: range) -> Callable[[], object]:
        records = [
            a_record(
                room,
                external_id=f"same-{number}",
                name=room.persons[number % 4].name,
                id_number=room.persons[number % 4].id_number,
                intervals=[interval(f"{8 + number // 4:02d}:00", f"{8 + number // 4:02d}:30")],
            )
            for number in numbers
        ]
        said = {"class_code": room.class_code, "records": records}
        return partial(
            imports.receive_call, platform_id=room.platform.public_id, said=said, statement=None, actor="api_key:test"
        )

    forwards, backwards = range(24), range(23, -1, -1)
    assert at_once(app, [call_of(forwards), call_of(backwards), call_of(forwards)]) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BankedImport)) == 24
    assert _learned(room) == 24 * 1_800
    verdicts = db.session.execute(sa.select(ImportVerdict.verdict, sa.func.count()).group_by(ImportVerdict.verdict))
    assert {row.verdict: row[1] for row in verdicts} == {"taken": 24, "same": 48}


def test_the_same_people_from_two_platforms_at_the_same_moment_are_counted_in_turn(app: Flask, room: Room) -> None:
    other = room.from_platform("px-class")

    def call_of(where: Room, people: range) -> Callable[[], object]:
        records = [
            a_record(where, name=room.persons[number].name, id_number=room.persons[number].id_number)
            for number in people
        ]
        said = {"class_code": room.class_code, "records": records}
        return partial(
            imports.receive_call, platform_id=where.platform.public_id, said=said, statement=None, actor="api_key:test"
        )

    assert at_once(app, [call_of(room, range(4)), call_of(other, range(3, -1, -1))]) == []
    assert _learned(room) == 4 * 3_600  # the same hour of the same people, from one of the two
    refused = db.session.scalars(sa.select(ImportVerdict.code).where(ImportVerdict.verdict == "refused"))
    assert set(refused) == {"OVERLAP"}


def test_the_database_keeps_verdicts_and_finished_batches_as_they_are(room: Room) -> None:
    imported(room, table(_rows(room, 4)))
    for statement in (
        sa.update(ImportVerdict).values(code="OK"),
        sa.delete(ImportVerdict),
        sa.update(ImportBatch).values(rows_taken=99),
        sa.update(ImportBatch).values(file_sha256="0" * 64),
        sa.delete(ImportBatch),
        sa.update(BankedImport).values(learned_seconds=9_999),
        sa.delete(BankedImport),
    ):
        with pytest.raises(sa.exc.DBAPIError):
            transaction(partial(db.session.execute, statement))


def test_the_database_refuses_a_banked_record_without_the_one_that_was_sealed_of_it(room: Room) -> None:
    imported(room, table(_rows(room, 1)))
    other = transaction(partial(evidence.seal, kind="import", body={"x": 1}, subject="import:kjcxchina:other"))
    columns = [column for column in BankedImport.__table__.columns if column.name != "id"]
    values = dict(db.session.execute(sa.select(*columns)).one()._mapping)
    forged = values | {"external_id": "forged", "evidence_record_id": other.record_id}
    with pytest.raises(sa.exc.DBAPIError):
        transaction(partial(db.session.execute, sa.insert(BankedImport).values(forged)))


def test_another_enterprise_and_another_platform_find_no_batch(room: Room) -> None:
    batch = imported(room, table(_rows(room, 1)))
    for look in (
        partial(imports.batch_of_enterprise, enterprise_id=room.enterprise.id + 1, batch_id=batch.batch_id),
        partial(imports.batch_of_platform, platform_id=room.platform.id, batch_id=batch.batch_id),
    ):
        with pytest.raises(NotFound) as refusal:
            look()
        assert refusal.value.code == "IMPORT_NOT_FOUND"
