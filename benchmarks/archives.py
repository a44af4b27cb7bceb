"""What a closed month weighs and how long a trace takes: ``python -m benchmarks.archives [--sessions 60] [--records 20000]``.

Real sessions of 45 minutes are studied, sealed and archived: bytes a session in the tables before (record, beats) and in the
archive after. Then so many records in archives of full size: reading one by its id, from the table and from the archive, and
how fast a month is moved. SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

import sqlalchemy as sa

from app import create_app
from config import clock
from config.database import Base, db, transaction
from config.settings import load
from learning_records import keeping
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.services import Draft
from learning_records.sessions import services as sessions
from learning_records.sessions.chain import beat_hash
from learning_records.sessions.services import BeatIn, CountingRules, LessonFacts

BEAT_SECONDS = 10
BATCH = 6
LESSON_MS = 2_700_000
READS = 2_000


def study(calendar: clock.FixedCalendar, chance: random.Random) -> None:
    """One session of 45 minutes with beats that arrive a little late, sealed as the desk does it."""
    person, facts = uuid4(), LessonFacts(uuid4(), 1, f"{chance.getrandbits(256):064x}", "video", LESSON_MS)
    opened = transaction(
        lambda: sessions.open_session(
            person_ref=person,
            lesson=facts,
            context_ref=uuid4(),
            device_ref="phone",
            rules=CountingRules(),
            chance=chance,
        )
    )
    position, seq, prev, kept = 0, opened.next_seq, opened.prev, list[BeatIn]()
    if opened.presence_check:
        transaction(lambda: sessions.confirm_presence(person_ref=person, chance=chance))
    while position < LESSON_MS:
        calendar.advance(BEAT_SECONDS + chance.random() / 4)
        position = min(LESSON_MS, position + BEAT_SECONDS * 1000 + chance.randrange(-40, 40))
        kept.append(BeatIn(seq, position, prev))
        prev = beat_hash(str(opened.session_id), seq, position, prev)
        seq += 1
        if len(kept) == BATCH:
            sending = partial(
                sessions.record_beats, person_ref=person, session_id=opened.session_id, beats=tuple(kept), chance=chance
            )
            answer = transaction(sending)
            if answer.presence_check:
                transaction(lambda: sessions.confirm_presence(person_ref=person, chance=chance))
            kept.clear()
    transaction(
        lambda: sessions.close_session(person_ref=person, session_id=opened.session_id, beats=kept, chance=chance)
    )
    transaction(lambda: _seal(person))


def _seal(person: UUID) -> None:
    for closed in sessions.closed_unsealed(person_ref=person):
        record = evidence.seal(
            kind=sessions.EVIDENCE_KIND, body=closed.facts, person_ref=person, context_ref=closed.context_ref
        )
        sessions.mark_sealed(session_id=closed.session_id, evidence_record_id=record.record_id)


def copies(count: int) -> list[UUID]:
    """So many records like the sealed sessions, of people and sessions of their own, and their public ids."""
    ids = db.session.scalars(sa.text("SELECT id FROM evidence_record WHERE kind = 'session'")).all()
    bodies = [evidence.get_record(record_id=record_id).body for record_id in ids]
    made: list[UUID] = []
    for start in range(0, count, 1000):
        drafts = []
        for number in range(start, min(start + 1000, count)):
            body = json.loads(json.dumps(bodies[number % len(bodies)]))
            drafts.append(Draft("session", body | {"session": str(uuid4()), "person": str(uuid4())}))
        made += [item.public_id for item in transaction(partial(evidence.seal_all, drafts))]
    return made


def stored_bytes(*tables: str) -> int:
    """What these tables take in the file, pages and indexes."""
    db.session.rollback()
    total = 0
    for table in tables:
        named = sa.text("SELECT name FROM sqlite_master WHERE tbl_name = :table")
        for name in db.session.scalars(named, {"table": table}).all():
            query = sa.text("SELECT COALESCE(SUM(pgsize - unused), 0) FROM dbstat WHERE name = :name")
            total += db.session.scalar(query, {"name": name}) or 0
    db.session.rollback()
    return int(total)


def read_times(ids: Sequence[UUID]) -> list[float]:
    """Milliseconds of tracing each, parsed and held against its entry."""
    times = []
    for record_id in ids:
        began = time.perf_counter()
        assert evidence.trace(record_public_id=record_id).intact
        times.append((time.perf_counter() - began) * 1000)
    return times


def shown(name: str, times: list[float]) -> str:
    """Median and 99th percentile."""
    return f"{name:42} {statistics.median(times):6.2f} ms, p99 {statistics.quantiles(times, n=100)[98]:6.2f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--records", type=int, default=20_000)
    asked = parser.parse_args()
    chance, calendar = random.Random(1), clock.FixedCalendar(datetime.fromisoformat("2020-03-02T08:00:00+08:00"))
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load({}, mode="development", data_dir=folder, log_level="WARNING"))
        clock.configure(calendar)
        with app.app_context():
            Base.metadata.create_all(db.engine)
            transaction(lambda: db.session.execute(sa.text("INSERT INTO log_sequencer (id) VALUES (1)")))
            measure(calendar, chance, asked.sessions, asked.records)


def measure(calendar: clock.FixedCalendar, chance: random.Random, count: int, records: int) -> None:
    """Archive March's real sessions and April's copies of them."""
    for number in range(count):
        calendar.set(datetime(2020, 3, 1 + number % 28, 9, tzinfo=clock.SHANGHAI))
        study(calendar, chance)
    log.sequence()
    before, beats = stored_bytes("evidence_record"), stored_bytes("beat")
    calendar.set("2020-04-02T00:00:00+08:00")
    (archive,) = keeping.archive_month("2020-03", days_after=1)
    after = stored_bytes("evidence_record")
    print(f"{count} sessions of 45 min: a session has {before // count} bytes as record, {beats // count} as beats;")
    print(f"archived {archive.size_bytes // count} in the file and {after // count} as record")
    made = copies(records)
    while log.sequence():
        pass
    some = [chance.choice(made) for _ in range(READS)]
    print(shown("trace of a record in the table", read_times(some)))
    calendar.set("2020-05-02T00:00:00+08:00")
    began = time.perf_counter()
    archives = keeping.archive_month("2020-04", days_after=1)
    took = time.perf_counter() - began
    print(shown(f"trace of a record in {len(archives)} archives", read_times(some)))
    size = sum(item.size_bytes for item in archives)
    print(f"{records} records moved in {took:.1f} s ({records / took:.0f} a second), {size // records} bytes each")


if __name__ == "__main__":
    main()
