"""Workers with seconds in the bank: real evidence records, real deposits."""

from __future__ import annotations

import itertools
import uuid

from backend.credit_bank import services as credit_bank
from backend.people import services as people
from config.database import transaction
from learning_records.evidence import services as evidence

_numbers = itertools.count(1)


def a_worker() -> int:
    """The id of a new worker who signed in and nothing more."""
    signed_in = transaction(lambda: people.sign_in_with_openid(openid=f"openid-{next(_numbers)}", device="phone"))
    caller = people.authenticate(signed_in.token)
    assert caller is not None
    return caller.worker_id


def an_evidence_record() -> int:
    """The id of a sealed record to cite."""
    body = {"session": str(uuid.uuid4()), "counted_ms": 2_700_000}
    return transaction(lambda: evidence.seal(kind="session", body=body)).record_id


def bank(worker_id: int, seconds: int, context_ref: uuid.UUID | None = None, *, learned: bool = True) -> str:
    """Deposit claimable (and learned) seconds that a new record proves; gives the claimable deposit's key."""
    record = an_evidence_record()
    name = uuid.uuid4()

    def deposit() -> None:
        for use in ("claimable", "learned") if learned else ("claimable",):
            credit_bank.deposit(
                worker_id=worker_id,
                use=use,
                amount_seconds=seconds,
                context_ref=context_ref,
                evidence_record_id=record,
                key=f"session:{name}:{use}",
            )

    transaction(deposit)
    return f"session:{name}:claimable"
