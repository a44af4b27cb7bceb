"""Personal fields whose time is over: phones, WeChat accounts, roster rows of people who never came, names and ID numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.policies import services as policies
from backend.policies.rules import last_claim_on
from backend.retention import report_people
from backend.retention.report_people import Person, Unjoined
from backend.retention.rules import Clocks, fields_due, unjoined_due
from config import clock
from config.database import apart
from learning_records.evidence import holds
from learning_records.evidence.keeping_rules import months_later


@dataclass(frozen=True)
class PersonalDue:
    """How many people's fields of each sort are to be erased today."""

    phones: int
    wechat_accounts: int
    identities: int
    unjoined: int


def personal_due() -> PersonalDue:
    """What ``erase_personal`` would erase today. Nothing is changed."""
    counts = {"phone": 0, "wechat": 0, "identity": 0}
    for _, fields in _due_people():
        for name in fields:
            counts[name] += 1
    return PersonalDue(counts["phone"], counts["wechat"], counts["identity"], sum(1 for _ in _due_rows()))


def erase_personal(*, limit: int = 200) -> int:
    """Job: erase personal fields of up to ``limit`` people whose time is over; how many. Each is audited, without what was
    erased, and apart: one that cannot be erased is logged and left."""
    erasing: Iterator[tuple[Callable[[], bool], str]] = chain(
        ((partial(_erase, person, fields), f"worker {person.public_id}") for person, fields in _due_people()),
        ((partial(_erase_row, row), f"roster entry {row.public_id}") for row in _due_rows()),
    )
    done = (apart(work, what=f"erase personal fields of {who}") for work, who in erasing)
    return sum(1 for _ in islice(filter(None, done), limit))


def _erase_row(row: Unjoined) -> bool:
    enterprises.erase_roster_entries(entry_ids=[row.entry_id])
    _audit(f"roster_entry:{row.public_id}", ["identity"])
    return True


def _erase(person: Person, fields: tuple[str, ...]) -> bool:
    if "identity" in fields:
        people.erase_identity(worker_id=person.worker_id)
        enterprises.erase_roster_entries(entry_ids=person.entry_ids)
    if "phone" in fields:
        people.erase_phone(worker_id=person.worker_id)
        enterprises.erase_roster_phones(entry_ids=person.entry_ids)
    if "wechat" in fields:
        people.erase_wechat(worker_id=person.worker_id)
    _audit(f"worker:{person.public_id}", list(fields))
    return True


def _audit(subject: str, fields: list[str]) -> None:
    audit.write(
        actor="system",
        action="personal_fields.erased",
        subject=subject,
        detail={"fields": fields, "policy": policies.current().version},
    )


def _due_people() -> Iterator[tuple[Person, tuple[str, ...]]]:
    clocks, held, today = _clocks(), holds.standing(), clock.today()
    idle_since = _idle_since(min(clocks.phone_months, clocks.wechat_months, clocks.identity_months))
    after: int | None = 0
    while after is not None:
        found, after = report_people.people(after_id=after, idle_since=idle_since, held=held)
        for person in found:
            if fields := fields_due(person.facts, clocks, today=today):
                yield person, fields


def _due_rows() -> Iterator[Unjoined]:
    clocks, held, today = _clocks(), holds.standing(), clock.today()
    idle_since = _idle_since(clocks.unjoined_months)
    after: int | None = 0
    while after is not None:
        found, after = report_people.unjoined(after_id=after, idle_since=idle_since, held=held)
        for row in found:
            if not row.held and unjoined_due(row.touched_on, row.class_ends, clocks, today=today):
                yield row


def _idle_since(months: int) -> datetime:
    """Who is younger than this has nothing due."""
    return clock.start_of_day(months_later(clock.today(), -months))


def _clocks() -> Clocks:
    policy = policies.current()
    kept = policy.records
    return Clocks(
        claims_end_on=last_claim_on(policy),
        phone_months=kept.phone_months,
        wechat_months=kept.wechat_months,
        unjoined_months=kept.unjoined_months,
        identity_months=kept.identity_months,
    )
