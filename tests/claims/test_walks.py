"""Random walks over the claims of two enterprises that share people; after every step the books must hold.

The cast is built once; each walk runs in one transaction that is rolled back, each step in a savepoint of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.credit_bank import services as credit_bank
from backend.payments import services as payments
from backend.registers import services as registers
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db
from config.errors import Conflict, DomainError
from learning_records.evidence import services as evidence
from tests.cast.claims import ENTERPRISE_ACTOR, Class, Office, a_class, an_office, learn
from tests.cast.plans import HOUR_SECONDS, Person, a_draft, a_long_course, a_person, approved, join

CAP_FEN = 50_000
LIVE = ("submitted", "reviewed", "approved", "paid")
OPEN = ("submitted", "reviewed")
MOVES = ["first", "second", "first", "second", "withdraw", "send_back", "reject"]
CLASSES = st.integers(0, 2)
PERSONS = st.integers(0, 2)


@dataclass(frozen=True)
class Cast:
    """Three classes of two enterprises; the first two people are in all of them, the third only in the last."""

    office: Office
    classes: tuple[Class, ...]
    persons: tuple[Person, ...]


def build_cast() -> Cast:
    office = an_office()
    persons = tuple(a_person(serial) for serial in range(3))
    course = a_long_course()
    first = a_class(persons[:2], office, serial=1, course=course)
    again = approved(a_draft(first.enterprise, a_long_course(), head_count=2), office.reviewer)
    second = Class(first.enterprise, again, join(again, persons[:2]), persons[:2])
    third = a_class(persons, office, serial=2, course=a_long_course())
    classes = (first, second, third)
    for group in classes:
        for person in group.persons:
            learn(person, group.class_id, HOUR_SECONDS)
    return Cast(office, classes, persons)


class ClaimWalk(RuleBasedStateMachine):
    """One walk. What it knows by itself: the seconds it deposited, and the claims it has submitted."""

    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.deposited = {
            (person.worker_id, group.class_id): HOUR_SECONDS for group in self.cast.classes for person in group.persons
        }
        self.claims: list[ClaimView] = []
        self.keys: dict[str, ClaimView] = {}

    def teardown(self) -> None:
        db.session.rollback()
        db.session.expunge_all()

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Run a step in a savepoint; None when it is refused, and then nothing of it may remain."""
        try:
            with db.session.begin_nested():
                return work()
        except DomainError:
            return None

    def statuses(self, *wanted: str) -> list[ClaimView]:
        return [view for claim in self.claims if (view := claims.claim_view(claim.claim_id)).status in wanted]

    @initialize(hours=st.lists(st.sampled_from([0, 22, 23, 24, 27]), min_size=7, max_size=7))
    def everybody_studies(self, hours: list[int]) -> None:
        for (worker_id, class_id), learned in zip(list(self.deposited), hours, strict=True):
            if learned:
                self.deposit(worker_id, class_id, learned * HOUR_SECONDS)

    @rule(
        group=CLASSES, person=PERSONS, seconds=st.sampled_from([1, HOUR_SECONDS - 1, HOUR_SECONDS, 24 * HOUR_SECONDS])
    )
    def study(self, group: int, person: int, seconds: int) -> None:
        chosen = self.cast.classes[group]
        self.deposit(chosen.persons[person % len(chosen.persons)].worker_id, chosen.class_id, seconds)

    def deposit(self, worker_id: int, class_id: UUID, seconds: int) -> None:
        record = evidence.seal(kind="session", body={"session": str(uuid4()), "counted_ms": seconds * 1000})
        credit_bank.deposit(
            worker_id=worker_id,
            use="claimable",
            amount_seconds=seconds,
            context_ref=class_id,
            evidence_record_id=record.record_id,
            key=f"session:{uuid4()}:claimable",
        )
        self.deposited[worker_id, class_id] += seconds

    @rule(group=CLASSES)
    def submit(self, group: int) -> None:
        plan, key = self.cast.classes[group].plan, str(uuid4())
        preview = claims.compute_claim(plan_id=plan.plan_id)
        claim = self.attempt(lambda: claims.submit_claim(plan_id=plan.plan_id, key=key, actor=ENTERPRISE_ACTOR))
        if claim is None:
            assert preview.total_fen == 0 or any(one.plan_id == plan.plan_id for one in self.statuses(*LIVE))
            return
        assert claim.total_fen == preview.total_fen > 0
        self.claims.append(claim)
        self.keys[key] = claim

    @precondition(lambda self: bool(self.keys))
    @rule(data=st.data())
    def submit_again_with_the_same_key(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.keys)))
        claim = self.keys[key]
        again = claims.submit_claim(plan_id=claim.plan_id, key=key, actor=ENTERPRISE_ACTOR)
        assert again.claim_id == claim.claim_id
        other = next(group.plan for group in self.cast.classes if group.plan.plan_id != claim.plan_id)
        if other.enterprise_id == claim.enterprise_id:
            try:
                claims.submit_claim(plan_id=other.plan_id, key=key, actor=ENTERPRISE_ACTOR)
            except Conflict as error:
                assert error.code == "CLAIM_KEY_REUSED"  # noqa: PT017
            else:
                raise AssertionError("the key was taken for another plan")

    @precondition(lambda self: bool(self.claims))
    @rule(data=st.data(), move=st.sampled_from(MOVES))
    def decide(self, data: st.DataObject, move: str) -> None:
        claim_id = data.draw(st.sampled_from(self.claims)).claim_id
        office = self.cast.office
        before = claims.claim_view(claim_id).status
        words = {"reason": "核查", "clause": "四.2"}
        moves: dict[str, Callable[[], ClaimView]] = {
            "withdraw": lambda: claims.withdraw_claim(claim_id=claim_id, reason="", actor=ENTERPRISE_ACTOR),
            "first": lambda: reviews.approve_claim(claim_id=claim_id, staff=office.reviewer),
            "second": lambda: reviews.approve_claim(claim_id=claim_id, staff=office.second),
            "send_back": lambda: reviews.send_back_claim(claim_id=claim_id, staff=office.reviewer, **words),
            "reject": lambda: reviews.reject_claim(claim_id=claim_id, staff=office.reviewer, **words),
        }
        done = self.attempt(moves[move])
        if before not in OPEN:
            assert done is None
            assert claims.claim_view(claim_id).status == before

    @precondition(lambda self: bool(self.statuses(*OPEN)))
    @rule(data=st.data())
    def approve_by_two(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.statuses(*OPEN)))
        office = self.cast.office
        if claim.status == "submitted":
            reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer)
        assert reviews.approve_claim(claim_id=claim.claim_id, staff=office.second).status == "approved"

    @rule()
    def make_a_batch(self) -> None:
        waiting = payments.payable_claims()
        batch = self.attempt(lambda: payments.create_batch(staff=self.cast.office.cashier))
        assert (batch is None) == (not waiting)

    @precondition(lambda self: bool(payments.batches()))
    @rule(twice=st.booleans())
    def pay(self, twice: bool) -> None:
        for batch in payments.batches():
            for _ in range(1 + twice):
                paid = payments.pay_batch(batch_id=batch.batch_id, staff=self.cast.office.releaser)
                assert paid.total_fen == batch.total_fen

    @invariant()
    def nobody_passes_the_cap(self) -> None:
        drawn = claims.drawn_fen([person.worker_id for person in self.cast.persons], "wuxi-2020-10")
        assert all(0 <= amount <= CAP_FEN for amount in drawn.values())

    @invariant()
    def no_second_is_drawn_twice(self) -> None:
        lines = [(claim, line) for claim in self.statuses(*LIVE) for line in claim.lines]
        classes = {group.plan.plan_id: group.class_id for group in self.cast.classes}
        for (worker_id, class_id), deposited in self.deposited.items():
            drawn = sum(
                line.seconds
                for claim, line in lines
                if line.worker_id == worker_id and classes[claim.plan_id] == class_id
            )
            assert credit_bank.claimable_in(worker_id=worker_id, context_ref=class_id) == deposited - drawn
        for person in self.cast.persons:
            balance = credit_bank.balance(worker_id=person.worker_id)
            own = [line for _, line in lines if line.worker_id == person.worker_id]
            assert balance.held_seconds == sum(line.seconds for line in own if line.status == "held")
            assert balance.settled_seconds == sum(line.seconds for line in own if line.status == "settled")

    @invariant()
    def the_books_agree(self) -> None:
        assert credit_bank.trial_balance() == 0
        assert credit_bank.discrepancies() == []
        assert registers.reconcile_payments().agrees
        paid = self.statuses("paid")
        assert registers.payments_register().total_fen == sum(claim.total_fen for claim in paid)

    @invariant()
    def what_is_paid_was_eligible_and_approved_by_two(self) -> None:
        for claim in self.statuses(*LIVE):
            assert claim.total_fen == sum(line.amount_fen for line in claim.lines)
        for claim in self.statuses("paid"):
            assert claim.first_reviewer_id is not None
            assert claim.second_reviewer_id not in (None, claim.first_reviewer_id)
            for line in claim.lines:
                facts = line.decision["facts"]
                assert line.amount_fen == 0 or (facts["checked_in"] and facts["quiz_passed"] and line.class_hours >= 24)


def test_random_walks_keep_cap_seconds_and_books(app: Flask, clock: FixedCalendar) -> None:
    ClaimWalk.cast = build_cast()
    run_state_machine_as_test(
        ClaimWalk,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
