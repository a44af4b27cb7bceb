"""Names and contacts of those who objected to a notice or reported a dispute: forgotten some months after the answer."""

from __future__ import annotations

from backend.audit import services as audit
from backend.disputes import services as disputes
from backend.notices import services as notices
from backend.policies import services as policies
from config import clock
from learning_records.evidence.keeping_rules import months_later


def erase_answered_contacts(*, limit: int) -> int:
    """Job: forget whom an answer went to, when the policy's months are over; of how many. Objection and answer stay."""
    policy = policies.configured()
    before = clock.start_of_day(months_later(clock.today(), -policy.appeal.contact_months))
    objectors = notices.objectors_due(ended_before=before, limit=limit)
    reporters = disputes.contacts_due(ended_before=before, limit=limit)
    notices.erase_objectors(objection_row_ids=objectors)
    disputes.erase_contacts(dispute_row_ids=reporters)
    if objectors or reporters:
        audit.write(
            actor="system",
            action="contacts.erased",
            subject="retention:contacts",
            detail={"objections": len(objectors), "disputes": len(reporters), "policy": policy.version},
        )
    return max(len(objectors), len(reporters))
