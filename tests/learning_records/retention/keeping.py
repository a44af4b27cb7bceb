"""Evidence to keep: studied sessions that are sealed and signed, months to close, and what must hold of a record for good."""

from __future__ import annotations

from uuid import UUID, uuid4

import sqlalchemy as sa

from config.clock import FixedCalendar
from config.database import db, transaction
from learning_records import keeping
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.archives import PART_RECORDS, ArchiveView
from learning_records.evidence.models import EvidenceRecord
from learning_records.evidence.proofs import check_proof
from learning_records.evidence.retention import Certificate
from learning_records.evidence.sequencer import configured
from learning_records.evidence.services import Draft, RecordView
from learning_records.evidence.tree import leaf_hash
from learning_records.sessions import services as sessions
from tests.learning_records.phones import Phone, lesson

CLAUSE, REASON = "四.2", "保存期满"
PROPOSER, APPROVER = "staff:0196-one", "staff:0196-two"


def studied(
    clock: FixedCalendar, *, seconds: int = 120, person: UUID | None = None, context: UUID | None = None
) -> Phone:
    """A phone that checked in to a class and closed a session."""
    phone = Phone(clock, person=person or uuid4(), context=context or uuid4())
    phone.check_in()
    phone.open(lesson(45))
    phone.play(seconds)
    phone.close()
    return phone


def sealed(phone: Phone) -> RecordView:
    """The phone's closed session, sealed as the desk does it."""

    def work() -> int:
        closed = sessions.closed_unsealed(person_ref=phone.person)[0]
        record = evidence.seal(
            kind=sessions.EVIDENCE_KIND,
            body=closed.facts,
            subject=f"session:{closed.session_id}",
            person_ref=closed.person_ref,
            context_ref=closed.context_ref,
        )
        sessions.mark_sealed(session_id=closed.session_id, evidence_record_id=record.record_id)
        return record.record_id

    return evidence.get_record(record_id=transaction(work))


def notes(
    count: int, *, person: UUID | None = None, context: UUID | None = None, kind: str = "quiz"
) -> list[RecordView]:
    """``count`` small records of a person in a context."""
    drafts = [Draft(kind, {"number": number}, None, person, context) for number in range(count)]
    ids = transaction(lambda: [record.record_id for record in evidence.seal_all(drafts)])
    return [evidence.get_record(record_id=record_id) for record_id in ids]


def archived(month: str = "2020-03", *, days_after: int = 1, limit: int = PART_RECORDS) -> list[ArchiveView]:
    """The month, archived a day after its end at the earliest."""
    log.sequence()
    return keeping.archive_month(month, days_after=days_after, limit=limit)


def destroyed(*records: RecordView) -> Certificate:
    """These records, destroyed."""
    log.sequence()
    ids = [record.record_id for record in records]
    return transaction(
        lambda: keeping.destroy(
            record_ids=ids, clause=CLAUSE, reason=REASON, proposed_by=PROPOSER, approved_by=APPROVER
        )
    )


def assert_proven(record: RecordView) -> None:
    """The entry the record had when it was sealed stands in the log, by a proof under the newest signed checkpoint."""
    log.sequence()
    proof = log.inclusion(record.public_id)
    check_proof(proof, leaf=leaf_hash(record.entry), verifiers=configured().verifiers, origin=configured().origin)
    now = evidence.get_record(record_id=record.record_id)
    assert (now.entry, now.leaf_hash) == (record.entry, record.leaf_hash)


def body_in_table(record: RecordView) -> bytes:
    """What the column holds, read past everybody."""
    db.session.rollback()
    found: bytes = db.session.scalars(sa.select(EvidenceRecord.body).where(EvidenceRecord.id == record.record_id)).one()
    return found
