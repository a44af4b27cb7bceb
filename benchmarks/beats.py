"""What a batch of five beats costs: ``python -m benchmarks.beats [--batches 2000]``.

Prints milliseconds a batch inside ``record_beats`` and with its commit, beside a single-row commit in the same run on the
same database (SQLite in a temporary folder, or ``--database-url``). Compare the ratio, not the absolute figure.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from app import create_app
from config import clock
from config.database import Base, db, transaction
from config.settings import load
from learning_records.sessions import services
from learning_records.sessions.chain import beat_hash
from learning_records.sessions.services import BeatIn, CountingRules, LessonFacts

BEATS = 5
LESSON_BATCHES = 50


class _Phone:
    """Opens lessons one after the other and answers every presence check."""

    def __init__(self, calendar: clock.FixedCalendar) -> None:
        self._calendar = calendar
        self._person = uuid4()
        self._chance = random.Random(1)
        self._left = 0
        self.inside_seconds = 0.0

    def _open(self) -> None:
        facts = LessonFacts(uuid4(), 1, "ab" * 32, "video", LESSON_BATCHES * BEATS * 10_000)
        opened = transaction(
            lambda: services.open_session(
                person_ref=self._person,
                lesson=facts,
                context_ref=None,
                device_ref="benchmark",
                rules=CountingRules(),
                chance=self._chance,
            )
        )
        self._session, self._seq, self._prev, self._position = opened.session_id, 1, opened.prev, 0
        self._left = LESSON_BATCHES
        if opened.presence_check:
            self._confirm()

    def _confirm(self) -> None:
        transaction(lambda: services.confirm_presence(person_ref=self._person, chance=self._chance))

    def prepare(self) -> list[BeatIn]:
        """The next batch, fifty seconds later."""
        if self._left == 0:
            self._open()
        self._left -= 1
        self._calendar.advance(BEATS * 10)
        beats = []
        for _ in range(BEATS):
            self._position += 10_000
            beats.append(BeatIn(self._seq, self._position, self._prev))
            self._prev = beat_hash(str(self._session), self._seq, self._position, self._prev)
            self._seq += 1
        return beats

    def send(self, beats: list[BeatIn]) -> None:
        """One request."""

        def work() -> services.BeatsAnswer:
            began = time.perf_counter()
            answer = services.record_beats(person_ref=self._person, session_id=self._session, beats=beats)
            self.inside_seconds += time.perf_counter() - began
            return answer

        answer = transaction(work)
        assert answer.closed is None or answer.moved_to is not None
        if answer.moved_to:
            self._session, self._prev = answer.moved_to.session_id, answer.moved_to.prev
            self._seq = answer.moved_to.next_seq
        if answer.presence_check:
            self._confirm()


def _timed(times: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) * 1000 / times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Milliseconds a batch of five beats.")
    parser.add_argument("--batches", type=int, default=2_000)
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/beats.sqlite3"
        application = create_app(load({}, mode="development", database_url=url, data_dir=folder, log_level="WARNING"))
        calendar = clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00"))
        clock.configure(calendar)
        with application.app_context():
            _measure(arguments.batches, calendar)


def _measure(batches: int, calendar: clock.FixedCalendar) -> None:
    Base.metadata.create_all(db.engine)
    single = sa.Table("benchmark_single_row", sa.MetaData(), sa.Column("value", sa.Integer))
    single.create(db.engine)
    insert = sa.insert(single)
    phone = _Phone(calendar)
    for _ in range(50):
        phone.send(phone.prepare())
    phone.inside_seconds = 0.0
    spent = 0.0
    for _ in range(batches):
        beats = phone.prepare()
        began = time.perf_counter()
        phone.send(beats)
        spent += time.perf_counter() - began
    empty = _timed(batches, lambda: transaction(lambda: db.session.execute(insert, {"value": 1})))
    inside, whole = phone.inside_seconds * 1000 / batches, spent * 1000 / batches
    single.drop(db.engine)
    db.session.remove()
    print(f"batch of {BEATS} beats inside record_beats  {inside:6.2f} ms")
    print(f"batch of {BEATS} beats with its commit      {whole:6.2f} ms   (presence answers included)")
    print(f"single-row commit                    {empty:6.2f} ms")
    print(f"ratio                                {whole / empty:6.2f}")


if __name__ == "__main__":
    main()
