"""Bundles of real sessions: phones study, what they did is sealed and sequenced, and a bundle is built of it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from config.clock import FixedCalendar, epoch_ms
from learning_records import verify
from learning_records.evidence import bundles, log
from learning_records.evidence import services as evidence
from learning_records.evidence.services import Draft
from learning_records.sessions import services
from learning_records.sessions.imported import ImportedInterval
from learning_records.verify import Recount, Report
from tests.learning_records.phones import Phone, call, lesson


def seal_sessions(person: UUID) -> list[UUID]:
    """Seal the closed sessions of that person, as the desk does; their records."""

    def seal() -> list[UUID]:
        sealed = []
        for closed in services.closed_unsealed(person_ref=person, limit=1_000):
            record = evidence.seal(
                kind="session",
                body=closed.facts,
                subject=f"session:{closed.session_id}",
                person_ref=person,
                context_ref=closed.context_ref,
            )
            services.mark_sealed(session_id=closed.session_id, evidence_record_id=record.record_id)
            sealed.append(record.public_id)
        return sealed

    return call(seal)


def bundle_of(records: Iterable[UUID], people: Iterable[UUID], *, kind: str = "worker", about: object = None) -> bytes:
    """The bundle of these records, sequenced now."""
    log.sequence()
    people = list(people)
    into = io.BytesIO()
    bundles.build(
        kind=kind,
        id=str(about or people[0]),
        title="某某公司 线上培训",
        record_ids=list(records),
        people={str(person): f"张{'*' * (1 + at)}" for at, person in enumerate(people)},
        into=into,
    )
    return into.getvalue()


def verified(data: bytes, **options: object) -> Report:
    """What the verifier says of these bytes."""
    return verify.verify(io.BytesIO(data), **options)  # type: ignore[arg-type]


def recounted(body: Mapping[str, Any]) -> Report:
    """What the verifier says of one sealed session and nothing else."""
    report = Report()
    recount = Recount(report, everything=False, remembered=())
    recount.session("record", body)
    recount.finish()
    return report


def recounted_ms(body: Mapping[str, Any]) -> int:
    """What one sealed session counts, worked out again from its beats and checks."""
    return recounted(body).people[body["person"]].recounted_ms


def codes(report: Report) -> list[str]:
    """The codes of what is wrong."""
    return [finding.code for finding in report.findings]


def studied(clock: FixedCalendar) -> Phone:
    """A minute watched, a jump ahead, and closed."""
    phone = Phone(clock, context=uuid4())
    phone.check_in()
    phone.open(lesson(45))
    phone.play(60)
    phone.position_ms = 2_000_000
    phone.play(20)
    phone.close()
    return phone


@dataclass
class Life:
    """Everything sealed of one person."""

    person: UUID
    records: list[UUID]


def a_whole_life(clock: FixedCalendar) -> Life:
    """A person of whom something of every kind is sealed: a session over midnight, missed checks, a complete lesson, a quiz,
    an upheld appeal, time of another platform with and without intervals."""
    clock.set("2020-03-03T23:50:00+08:00")
    phone = Phone(clock, context=uuid4(), batch=5)
    phone.check_in()
    phone.open(lesson(20))
    phone.play(900)
    phone.check_in()
    phone.play(290)
    phone.close()
    records = seal_sessions(phone.person)
    records.append(a_quiz(phone, clock))
    clock.set("2020-03-04T09:00:00+08:00")
    phone.answers_checks = False
    phone.open(lesson(30))
    phone.play(300)
    phone.play(70, offline=True)
    phone.send()
    phone.play(100)
    phone.close()
    records += seal_sessions(phone.person)
    records.append(an_appeal(phone, clock))
    records += imported(phone, clock)
    return Life(phone.person, records)


def a_quiz(phone: Phone, clock: FixedCalendar, seconds: int = 240) -> UUID:
    """A passed quiz, sealed."""
    started = clock()
    clock.advance(seconds)
    attempt = uuid4()
    counted = call(
        lambda: services.record_quiz_time(
            person_ref=phone.person,
            context_ref=phone.context,
            quiz_ref=attempt,
            started_at=started,
            ended_at=clock(),
            limit_seconds=300,
        )
    )
    body = {
        "attempt": str(attempt),
        "person": str(phone.person),
        "context": str(phone.context) if phone.context else None,
        "status": "submitted",
        "passed": True,
        "opened_ms": epoch_ms(started),
        "closed_ms": epoch_ms(clock()),
        "time_limit_seconds": 300,
        "pieces": counted.facts["pieces"],
        "learned_seconds": counted.counted_seconds,
        "checked_in_seconds": counted.checked_in_seconds,
    }
    return call(lambda: evidence.seal(kind="quiz", body=body, subject=f"quiz:{attempt}")).public_id


def an_appeal(phone: Phone, clock: FixedCalendar, session_id: UUID | None = None) -> UUID:
    """An upheld appeal about the phone's last session, sealed."""
    about = session_id or phone.session_id
    filed = call(lambda: services.file_appeal(person_ref=phone.person, session_id=about, reason="手机卡住了"))
    given = call(
        lambda: services.record_appealed_time(
            person_ref=phone.person,
            session_id=about,
            appeal_ref=filed.appeal_id,
            started_at=filed.started_at,
            ended_at=filed.ended_at,
            limit_seconds=filed.uncounted_seconds,
        )
    )
    body = {
        "appeal": str(filed.appeal_id),
        "person": str(phone.person),
        "context": given.facts["context"],
        "session": str(about),
        "started_ms": epoch_ms(filed.started_at),
        "ended_ms": epoch_ms(filed.ended_at),
        "uncounted_seconds": filed.uncounted_seconds,
        "upheld": True,
        "decided_ms": epoch_ms(clock()),
        "pieces": given.facts["pieces"],
        "learned_seconds": given.counted_seconds,
        "checked_in_seconds": given.checked_in_seconds,
        "allowance_seconds": given.allowance_seconds,
    }
    return call(lambda: evidence.seal(kind="appeal", body=body, subject=f"appeal:{filed.appeal_id}")).public_id


def imported(phone: Phone, clock: FixedCalendar) -> list[UUID]:
    """An hour on another platform with media, and two class hours attested for the day before; sealed."""
    now = epoch_ms(clock())
    counted = call(
        lambda: services.record_imported_intervals(
            person_ref=phone.person,
            context_ref=phone.context,
            source_ref=uuid4(),
            lesson_ref=uuid4(),
            media_ms=1_800_000,
            intervals=[
                ImportedInterval(now - 9_000_000, now - 8_000_000, 0, 900_000),
                ImportedInterval(now - 8_000_000, now - 7_999_000, 0, 1_800_000),
                ImportedInterval(now - 7_000_000, now - 6_000_000, 800_000, 1_700_500),
            ],
        )
    )
    day = call(
        lambda: services.record_attested_day(
            person_ref=phone.person,
            context_ref=phone.context,
            source_ref=uuid4(),
            local_on=clock().date() - timedelta(days=1),
            class_hours=2,
        )
    )
    drafts = [
        Draft(kind=kind, body=body, subject=f"{kind}:{body['source']}")
        for kind, body in (("import", counted.facts), ("attested", day.facts))
    ]
    return [record.public_id for record in call(lambda: evidence.seal_all(drafts))]
