"""Sealing closed sessions as the desk does, for tests of the records floor alone."""

from __future__ import annotations

from config.database import transaction
from learning_records.evidence import services as evidence
from learning_records.evidence.services import Draft, SealedRecord
from learning_records.sessions import services
from tests.learning_records.phones import Phone


def seal_closed(phone: Phone) -> list[SealedRecord]:
    """Seal every closed session of a phone's person."""

    def work() -> list[SealedRecord]:
        records = []
        for closed in services.closed_unsealed(person_ref=phone.person):
            record = evidence.seal(
                kind=services.EVIDENCE_KIND, body=closed.facts, subject=f"{services.EVIDENCE_KIND}:{closed.session_id}"
            )
            services.mark_sealed(session_id=closed.session_id, evidence_record_id=record.record_id)
            records.append(record)
        return records

    return transaction(work)


def seal_notes(count: int) -> list[SealedRecord]:
    """Seal ``count`` small records of no session in one transaction."""
    return transaction(lambda: evidence.seal_all([Draft("note", {"number": number}) for number in range(count)]))
