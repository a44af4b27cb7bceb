"""Bundles of real sessions: phones study, what they did is sealed and sequenced, and a bundle is built of it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from config.clock import FixedCalendar
from learning_records import verify
from learning_records.evidence import bundles, log
from learning_records.evidence import services as evidence
from learning_records.sessions import services
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
