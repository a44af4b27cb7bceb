"""Whatever the order of sealing, archiving, holding, lifting, destroying and crashing: every proof holds, nothing is lost that
is under two years or under hold, nothing stays that was destroyed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError
from learning_records import keeping
from learning_records.evidence import archives, holds, log, retention
from learning_records.evidence import services as evidence
from learning_records.evidence.holds import HoldView
from learning_records.evidence.keeping_rules import over
from learning_records.evidence.services import RecordView
from tests.learning_records.log.logs import assert_the_log_is_what_its_entries_say
from tests.learning_records.retention.keeping import (
    APPROVER,
    CLAUSE,
    PROPOSER,
    REASON,
    assert_proven,
    notes,
    sealed,
    studied,
)

DAY = 86_400
# (step, how often, its numbers): early steps make and keep, later ones let go, and the years pass all along.
STEPS: tuple[tuple[str, int, Sequence[int]], ...] = (
    ("study", 4, range(6)),
    ("note", 4, range(6)),
    ("wait", 6, (40, 200, 400, 500)),
    ("archive", 4, range(1, 5)),
    ("hold", 1, range(7)),
    ("lift", 3, range(3)),
    ("destroy", 3, (1, 2, 5, 24, 63)),
    ("destroy_due", 3, (0,)),
    ("remove_files", 1, (0,)),
    ("crash", 2, range(3)),
)


class _Killed(Exception):
    """The process died before it committed."""


@dataclass
class _Office:
    """What one run of steps made, and what must be true of it."""

    calendar: FixedCalendar
    persons: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(2)])
    contexts: list[UUID | None] = field(default_factory=lambda: [uuid4(), uuid4(), None])
    made: list[tuple[RecordView, UUID, UUID | None]] = field(default_factory=list)
    standing: list[HoldView] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)

    def place(self, number: int) -> tuple[UUID, UUID | None]:
        return self.persons[number % 2], self.contexts[number % 3]

    def study(self, number: int) -> None:
        person, context = self.place(number)
        if context is not None:
            self.made.append(
                (sealed(studied(self.calendar, seconds=30, person=person, context=context)), person, context)
            )

    def note(self, number: int) -> None:
        person, context = self.place(number)
        kind = ("quiz", "appeal")[number % 2]
        self.made += [(record, person, context) for record in notes(2, person=person, context=context, kind=kind)]

    def wait(self, days: int) -> None:
        self.calendar.advance(days * DAY)

    def archive(self, limit: int) -> None:
        log.sequence()
        for month in sorted({f"{house_clock.local_date(record.sealed_at):%Y-%m}" for record, _, _ in self.made}):
            if not keeping.month_state(month, days_after=30).obstacles:
                keeping.archive_month(month, days_after=30, limit=limit)

    def hold(self, number: int) -> None:
        choices: list[dict[str, UUID]] = [{"person_ref": person} for person in self.persons]
        choices += [{"context_ref": context} for context in self.contexts if context]
        scope = choices[number] if number < len(choices) else {}
        self.standing.append(transaction(lambda: holds.place_hold(reason="审计需要", placed_by=PROPOSER, **scope)))

    def lift(self, number: int) -> None:
        if number < len(self.standing):
            hold = self.standing.pop(number)
            transaction(lambda: holds.lift_hold(hold_id=hold.hold_id, reason="已经结束", lifted_by=APPROVER))

    def kept(self, record: RecordView, person: UUID, context: UUID | None) -> bool:
        """Whether the record must not go now: by this test's own reckoning."""
        young = not over(house_clock.local_date(record.sealed_at), 24, today=house_clock.today())
        return young or any(
            hold.scope == "all" or hold.person_ref == person or (context is not None and hold.context_ref == context)
            for hold in self.standing
        )

    def _destroy(self, ids: set[int]) -> None:
        keeping.destroy(record_ids=ids, clause=CLAUSE, reason=REASON, proposed_by=PROPOSER, approved_by=APPROVER)

    def destroy(self, mask: int) -> None:
        """Any of the records: refused whole if one of them must stay."""
        chosen = [item for number, item in enumerate(self.made) if mask >> (number % 6) & 1]
        ids = {record.record_id for record, _, _ in chosen}
        log.sequence()
        try:
            transaction(partial(self._destroy, ids))
        except DomainError:
            assert not ids or ids & self.gone or any(self.kept(*item) for item in chosen)
        else:
            assert not any(self.kept(*item) for item in chosen)
            self.gone |= ids

    def destroy_due(self, _: int) -> None:
        """All that may go."""
        ids = {item[0].record_id for item in self.made if not self.kept(*item)} - self.gone
        log.sequence()
        if ids:
            transaction(partial(self._destroy, ids))
            self.gone |= ids

    def remove_files(self, _: int) -> None:
        keeping.remove_files()

    def crash(self, number: int) -> None:
        """Die in the middle of an archive, of a destruction, or between the rows and the files."""
        log.sequence()

        def dying(work: Callable[[], object]) -> None:
            def until_commit() -> None:
                work()
                raise _Killed

            try:
                transaction(until_commit)
            except (_Killed, Conflict):
                return

        if number == 0 and self.made:
            month = f"{house_clock.local_date(self.made[0][0].sealed_at):%Y-%m}"
            part = archives.next_part(month, limit=2)
            db.session.rollback()
            if part is not None:
                dying(lambda: archives.take_in(part))
        elif number == 1:
            dying(lambda: self._destroy({item[0].record_id for item in self.made if not self.kept(*item)}))
        else:
            transaction(archives.close_emptied)

    def check(self) -> None:
        for record, _, _ in self.made:
            now = evidence.get_record(record_id=record.record_id)
            assert now.problems == ()
            if record.record_id in self.gone:
                assert now.erased is not None
                assert (now.canonical_body, now.salt) == (b"", b"")
            else:
                assert now.erased is None
                assert (now.canonical_body, now.salt) == (record.canonical_body, record.salt)


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_no_order_of_keeping_loses_or_keeps_what_it_must_not(app: Flask, clock: FixedCalendar, seed: int) -> None:
    chance, office = random.Random(seed), _Office(clock)
    for _ in range(50):
        name, _often, numbers = chance.choices(STEPS, [step[1] for step in STEPS])[0]
        getattr(office, name)(chance.choice(numbers))
        office.check()
    for hold in office.standing:  # the next run of steps has the same database
        transaction(partial(holds.lift_hold, hold_id=hold.hold_id, reason="已经结束", lifted_by=APPROVER))
    keeping.remove_files()
    for record, _, _ in office.made:
        assert_proven(record)
    assert_the_log_is_what_its_entries_say()
    assert list(archives.problems_of_archives()) == []
    assert list(retention.problems_of_destructions()) == []
    db.session.rollback()
