"""Personal fields whose time is over: phones, WeChat accounts, roster rows of people who never came, names and ID numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar

from backend.audit import services as audit
from backend.certificates import services as certificates
from backend.enterprises import services as enterprises
from backend.new_hires import services as new_hires
from backend.people import services as people
from backend.policies import services as policies
from backend.policies.rules import last_claim_on
from backend.retention import report_people
from backend.retention.report_people import Person, Unjoined
from backend.retention.rules import Clocks, fields_due, unjoined_due
from config import clock
from config.database import apart, transaction
from learning_records.evidence import holds
from learning_records.evidence.keeping_rules import months_later, over

T = TypeVar("T")
_Read: TypeAlias = Callable[[int], tuple[list[T], int | None]]


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
    for page in _pages(_people_due):
        for _, fields in page:
            for name in fields:
                counts[name] += 1
    unjoined = sum(len(page) for page in _pages(_rows_due))
    return PersonalDue(counts["phone"], counts["wechat"], counts["identity"], unjoined)


def erase_personal() -> int:
    """Job: erase all personal fields whose time is over; of how many people. Each is audited, without what was erased, and
    apart: one that cannot be erased is logged and left. Commits by itself, some hundred people a transaction."""
    erased = 0
    for read, erase in ((_people_due, _erase), (_rows_due, _erase_row)):
        after: int | None = 0
        while after is not None:
            done, after = transaction(partial(_erase_page, read, erase, after))
            erased += done
    return erased


def _erase_page(read: _Read[Any], erase: Callable[[Any], bool], after: int) -> tuple[int, int | None]:
    due, behind = read(after)
    done = [apart(partial(erase, item), what="erase personal fields") for item in due]
    return sum(item is True for item in done), behind


def _pages(read: _Read[T]) -> Iterator[list[T]]:
    after: int | None = 0
    while after is not None:
        due, after = read(after)
        yield due


def _erase_row(row: Unjoined) -> bool:
    enterprises.erase_roster_entries(entry_ids=[row.entry_id])
    new_hires.erase_people(entry_ids=[row.entry_id])
    _audit(f"roster_entry:{row.public_id}", ["identity"])
    return True


def _erase(due: tuple[Person, tuple[str, ...]]) -> bool:
    person, fields = due
    if "identity" in fields:
        people.erase_identity(worker_id=person.worker_id)
        certificates.erase_names(worker_id=person.worker_id)
        enterprises.erase_roster_entries(entry_ids=person.entry_ids)
        new_hires.erase_people(entry_ids=person.entry_ids)
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


def _people_due(after: int) -> tuple[list[tuple[Person, tuple[str, ...]]], int | None]:
    """The next workers of whom something is due, with what; the id to go on after."""
    clocks, today = _clocks(), clock.today()
    months = min(clocks.phone_months, clocks.wechat_months, clocks.identity_months)
    if not over(clocks.claims_end_on, months, today=today):
        return [], None
    found, behind = report_people.people(after_id=after, idle_since=_idle_since(months), held=holds.standing())
    judged = [(person, fields_due(person.facts, clocks, today=today)) for person in found]
    return [(person, fields) for person, fields in judged if fields], behind


def _rows_due(after: int) -> tuple[list[Unjoined], int | None]:
    """The next roster rows that nobody joined from and that are due; the id to go on after."""
    clocks, today = _clocks(), clock.today()
    if not over(clocks.claims_end_on, clocks.unjoined_months, today=today):
        return [], None
    idle_since = _idle_since(clocks.unjoined_months)
    found, behind = report_people.unjoined(after_id=after, idle_since=idle_since, held=holds.standing())
    return [
        row for row in found if not row.held and unjoined_due(row.touched_on, row.class_ends, clocks, today=today)
    ], behind


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
