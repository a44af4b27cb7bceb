"""What the audit costs: ``python -m benchmarks.audit [--entries 30000] [--beats 30]``.

The README's row is ``--entries 1000000``. Fills a house (SQLite in a temporary folder, or an empty database by
``--database-url``) with sessions of so many beats, sealed and banked, two deposits each: a third of the entries are sessions,
two thirds transfers. Then runs ``flask evidence audit``. Beside it, in the same run: reading every record and entry and
hashing them, and nothing else.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from rich.progress import track

from app import create_app
from backend.credit_bank import services as credit_bank
from backend.credit_bank.services import Deposit
from backend.people import services as people
from backend.study.models import BankedEvidence
from config import clock
from config.database import db, new_public_id, transaction
from config.settings import load
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.rules import commitment, leaf_hash
from learning_records.evidence.services import Draft
from learning_records.sessions import sealing, store
from learning_records.sessions.models import CountedInterval, Learner, LearningSession
from tests.cast.plans import a_person
from tests.cast.study import a_schoolroom
from tests.study.phones import a_learner

WORKERS = 200
AT_ONCE = 500
BEAT_SECONDS = 10


class _Template:
    """One real session, which the others are made after: another person, other instants."""

    def __init__(self, calendar: clock.FixedCalendar, beats: int) -> None:
        room = a_schoolroom()
        phone = a_learner(calendar, room.worker.worker_id, room.class_id)
        phone.sign_in_for_the_day()
        phone.watch(room.lessons[0], beats * BEAT_SECONDS)
        query = store.sessions_where(store.SESSIONS.c.public_id == phone.session_id)
        row = db.session.execute(query).one()
        columns = [column.name for column in store.SESSIONS.columns if column.name != "id"]
        self.session = {name: row._mapping[name] for name in columns}
        self.facts = sealing.closed_session(store.session_of(row)).facts
        self.facts.pop("check_in")
        rows = db.session.execute(sa.select(store.BEATS).where(store.BEATS.c.session_id == row.id))
        self.beats = [dict(beat._mapping) for beat in rows]
        self.class_id = room.class_id
        db.session.rollback()

    def pieces_of(self, number: int) -> list[list[Any]]:
        """What the ``number``-th session counted: nobody's sessions overlap."""
        after = number * 2_000 * BEAT_SECONDS * len(self.beats)
        return [[started + after, ended + after, *rest] for started, ended, *rest in self.facts["pieces"]]

    def facts_of(self, number: int, session_id: UUID, person_ref: UUID) -> dict[str, Any]:
        said = {"session": str(session_id), "person": str(person_ref), "check_in": None}
        return {**self.facts, **said, "pieces": self.pieces_of(number)}


def _fill(entries: int, beats: int, calendar: clock.FixedCalendar) -> None:
    template = _Template(calendar, beats)
    workers = [a_person(serial).worker_id for serial in range(100, 100 + WORKERS)]
    refs = people.learner_refs(workers)
    learners = dict(zip(workers, transaction(lambda: _add_learners([refs[worker] for worker in workers])), strict=True))
    for start in track(range(0, entries // 3, AT_ONCE), description="fill"):
        some = [(number, workers[number % WORKERS]) for number in range(start, min(start + AT_ONCE, entries // 3))]
        transaction(lambda some=some: _add(template, some, refs, learners))  # type: ignore[misc]
    while log.sequence():
        pass


def _add_learners(refs: list[UUID]) -> list[int]:
    rows = [{"person_ref": ref, "presence": []} for ref in refs]
    return list(db.session.scalars(sa.insert(Learner).returning(Learner.id, sort_by_parameter_order=True), rows))


def _add(template: _Template, numbered: list[tuple[int, int]], refs: dict[int, UUID], learners: dict[int, int]) -> None:
    workers = [worker for _, worker in numbered]
    ids, class_id = [new_public_id() for _ in workers], template.class_id
    sealed = evidence.seal_all(
        [
            Draft(
                "session",
                template.facts_of(number, public_id, refs[worker]),
                f"session:{public_id}",
                refs[worker],
                class_id,
            )
            for public_id, (number, worker) in zip(ids, numbered, strict=True)
        ]
    )
    made = [
        template.session
        | {"public_id": public_id, "learner_id": learners[worker], "evidence_record_id": record.record_id}
        | {"outcome": template.session["outcome"] | {"check_in": None, "pieces": template.pieces_of(number)}}
        for public_id, (number, worker), record in zip(ids, numbered, sealed, strict=True)
    ]
    inner = db.session.scalars(
        sa.insert(LearningSession).returning(LearningSession.id, sort_by_parameter_order=True), made
    ).all()
    beats = [beat | {"session_id": session_id} for session_id in inner for beat in template.beats]
    db.session.connection().execute(sa.insert(store.BEATS), beats)
    counted = [
        {
            "person_ref": refs[worker],
            "kind": "session",
            "session_id": session_id,
            "started_ms": piece[0],
            "ended_ms": piece[1],
        }
        for session_id, (number, worker) in zip(inner, numbered, strict=True)
        for piece in template.pieces_of(number)
    ]
    db.session.execute(sa.insert(CountedInterval), counted)
    seconds = template.facts["learned_seconds"]
    db.session.execute(
        sa.insert(BankedEvidence),
        [
            {
                "source_kind": "session",
                "source_ref": public_id,
                "worker_id": worker,
                "context_ref": class_id,
                "filed": True,
                "evidence_record_id": record.record_id,
                "learned_seconds": seconds,
                "claimable_seconds": seconds,
                "banked_at": clock.now(),
            }
            for public_id, worker, record in zip(ids, workers, sealed, strict=True)
        ],
    )
    credit_bank.deposit_all(
        [
            Deposit(worker, use, seconds, class_id, record.record_id, f"session:{public_id}:{use}")
            for public_id, worker, record in zip(ids, workers, sealed, strict=True)
            for use in ("learned", "claimable")
        ]
    )


def _hash_all() -> float:
    """Seconds for reading every record with its entry and hashing both."""
    query = sa.select(
        EvidenceRecord.id, EvidenceRecord.salt, EvidenceRecord.body, EvidenceEntry.entry, EvidenceEntry.leaf_hash
    ).join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
    began, seen = time.perf_counter(), 0
    while rows := db.session.execute(
        query.where(EvidenceRecord.id > seen).order_by(EvidenceRecord.id).limit(4_096)
    ).all():
        for row in rows:
            assert commitment(row.salt, row.body).encode() in row.entry
            assert leaf_hash(row.entry) == row.leaf_hash
        seen = rows[-1].id
    return time.perf_counter() - began


def _audit(application: Flask) -> float:
    """Seconds of the whole command."""
    began = time.perf_counter()
    outcome = application.test_cli_runner().invoke(args=["evidence", "audit"])
    spent = time.perf_counter() - began
    assert outcome.exit_code == 0, outcome.output
    return spent


def _measure(entries: int, beats: int, application: Flask) -> None:
    calendar = clock.FixedCalendar(datetime.fromisoformat("2020-03-02T09:00:00+08:00"))
    clock.configure(calendar)
    upgrade(revision="heads")
    _fill(entries, beats, calendar)
    sealed = db.session.scalar(sa.select(sa.func.count()).select_from(EvidenceEntry)) or 0
    kept = db.session.scalar(sa.select(sa.func.count()).select_from(store.BEATS)) or 0
    hashed = _hash_all()
    db.session.remove()
    spent = _audit(application)
    print(f"audit of {sealed:,} entries and {kept:,} beats   {spent:7.1f} s   {sealed / spent:9,.0f} entries/s")
    print(f"reading and hashing the records    {hashed:7.1f} s")
    print(f"ratio                              {spent / hashed:7.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Seconds an audit.")
    parser.add_argument("--entries", type=int, default=30_000)
    parser.add_argument("--beats", type=int, default=30, help="beats a session")
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/audit.sqlite3"
        settings = load(
            {}, mode="development", database_url=url, data_dir=folder, log_level="WARNING", cheap_passwords=True
        )
        application = create_app(settings)
        with application.app_context():
            _measure(arguments.entries, arguments.beats, application)
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
