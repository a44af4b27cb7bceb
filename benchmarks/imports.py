"""What taking in a platform's table costs: ``python -m benchmarks.imports [--rows 100000] [--people 500] [--format xlsx]``.

Every tenth row is wrong, each in one of nine ways; every row has its verdict, the good ones are counted, sealed and banked.
Prints rows a second looked through, read and taken in, on the same database (SQLite in a temporary folder, durable, or an
empty one by ``--database-url``), and gives the result file back.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import flask_migrate

from app import create_app
from backend.credit_bank import services as credit_bank
from backend.imports import services as imports
from commands.imports import take_in_waiting_tables
from config import clock
from config.database import db
from config.settings import load
from tests.cast.enterprises import id_number
from tests.cast.imports import HEADINGS, Room, a_room, upload
from tests.cast.plans import a_person
from wire.sheets import csv_chunks, xlsx_chunks

MINUTES = 20
FIRST = datetime.fromisoformat("2020-03-05T00:00:00+08:00")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What taking in a platform's table costs.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--format", choices=["xlsx", "csv"], default="xlsx")
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/imports.sqlite3"
        application = create_app(load({}, mode="development", database_url=url, data_dir=folder, log_level="WARNING"))
        calendar = clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00"))
        clock.configure(calendar)
        with application.app_context():
            flask_migrate.upgrade(revision="heads")
            room = a_room([a_person(serial) for serial in range(arguments.people)])
            calendar.set("2020-06-30T20:00:00+08:00")
            _measure(room, arguments.rows, arguments.format)
            db.session.remove()


@dataclass
class _Watch:
    """Seconds of the clock and of this process's own work since it was made or last read."""

    wall: float = field(default_factory=time.perf_counter)
    work: float = field(default_factory=time.process_time)

    def tell(self, what: str, rows: int) -> None:
        wall, work = time.perf_counter() - self.wall, time.process_time() - self.work
        print(
            f"{what:24} {wall:8.1f} s  {rows / wall:8.0f} rows/s   {work:8.1f} s of processor  {rows / work:8.0f} rows/s"
        )
        self.wall, self.work = time.perf_counter(), time.process_time()


def _measure(room: Room, count: int, ending: str) -> None:
    write = (lambda *table: xlsx_chunks("学习记录", *table)) if ending == "xlsx" else csv_chunks
    content = b"".join(write(HEADINGS, _rows(room, count)))
    print(
        f"{count} rows, {len(room.persons)} people, {len(content) / 1e6:.1f} MB of {ending}, {count // 10} to be refused"
    )
    watch = _Watch()
    batch = upload(room, content, name=f"table.{ending}")
    watch.tell("looked through and kept", count)
    read = sum(len(rows) for rows in imports.read_on(batch_id=batch.batch_id, rows_at_once=200))
    watch.tell("read", count)
    assert take_in_waiting_tables() == read == count
    watch.tell("taken in, reading too", count)
    batch = imports.batch_of_enterprise(enterprise_id=room.enterprise.id, batch_id=batch.batch_id)
    assert (batch.taken, batch.refused) == (count - count // 10, count // 10)
    assert batch.learned_seconds == batch.taken * MINUTES * 60
    learned = sum(credit_bank.balance(worker_id=person.worker_id).learned_seconds for person in room.persons)
    assert learned == batch.learned_seconds
    headings, lines = imports.result_table(batch)
    watch = _Watch()
    assert sum(len(chunk) for chunk in xlsx_chunks("核对结果", headings, lines)) > len(content) // 2
    watch.tell("result given back", count)


def _rows(room: Room, count: int) -> Iterator[Sequence[str | int]]:
    for number in range(count):
        person = room.persons[number % len(room.persons)]
        at = FIRST + timedelta(minutes=MINUTES * (number // len(room.persons)))
        cells: dict[str, str | int] = {
            "id": f"r{number}",
            "name": person.name,
            "id_number": person.id_number,
            "course": room.course.title,
            "lesson": f"专题{number // len(room.persons)}",
            "started": f"{at:%Y-%m-%d %H:%M:%S}",
            "ended": f"{at + timedelta(minutes=MINUTES):%Y-%m-%d %H:%M:%S}",
            "from": 0,
            "to": MINUTES * 60,
            "media": MINUTES * 60,
        }
        yield list((cells | (_WRONG[number // 10 % len(_WRONG)] if number % 10 == 9 else {})).values())


_WRONG: Sequence[dict[str, str | int]] = (
    {"id_number": "3.202E+17"},
    {"id_number": id_number(499, woman=True)},
    {"name": "错名"},
    {"course": "没有备案的课程"},
    {"ended": "2020-03-05 00:00:00"},
    {"started": "2020年2月30日 9:00"},
    {"ended": "2021-03-05 00:00:00"},
    {"id": "有 空格"},
    {"to": "全部"},
)

if __name__ == "__main__":
    main()
