"""Random walks over the claims of two enterprises that share people, from the claim over notice and objections to the bank
and back; after every step the books must hold.

The cast is built once; each walk runs in one transaction that is rolled back, each step in a savepoint of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
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

from backend.certificates import services as certificates
from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.notices import services as notices
from backend.payments import services as payments
from backend.payments.services import BatchView
from backend.people import services as people
from backend.registers import services as registers
from backend.reviews import services as reviews
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db
from config.errors import Conflict, DomainError
from learning_records.evidence import services as evidence
from tests.cast.claims import ENTERPRISE_ACTOR, Class, Office, a_class, an_office, learn
from tests.cast.notices import URL
from tests.cast.payments import FUND, a_return, allotted, an_account
from tests.cast.plans import HOUR_SECONDS, Person, a_draft, a_long_course, a_person, approved, join

WALKS = int(os.environ.get("WALKS", "20"))
"""How many walks: 20 with the other tests, thousands with ``WALKS=5000 pytest tests/claims/test_walks.py``."""

CAP_FEN = 50_000
LIVE = ("submitted", "reviewed", "approved", "on_notice", "payable", "paid")
LAST_DAY = date(2020, 9, 30)
START = "2020-03-02T09:00:00+08:00"
FIRST_BUDGET_FEN = 70_000
CLOSED = "ACCOUNT_CLOSED"
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
    for group in (first, third):
        an_account(group.enterprise, office)
    allotted(office, FIRST_BUDGET_FEN)
    return Cast(office, classes, persons)


class ClaimWalk(RuleBasedStateMachine):
    """One walk. What it knows by itself: the seconds it deposited, and the claims it has submitted."""

    cast: ClassVar[Cast]
    calendar: ClassVar[FixedCalendar]

    def __init__(self) -> None:
        super().__init__()
        self.deposited = {
            (person.worker_id, group.class_id): HOUR_SECONDS for group in self.cast.classes for person in group.persons
        }
        self.calendar.set(START)
        self.accounts = 0
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

    @initialize(hours=st.lists(st.sampled_from([24, 27, 23, 22, 0]), min_size=7, max_size=7))
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
        certificates.issue_due(class_id=self.cast.classes[group].class_id, actor=ENTERPRISE_ACTOR)
        preview = claims.compute_claim(plan_id=plan.plan_id)
        claim = self.attempt(lambda: claims.submit_claim(plan_id=plan.plan_id, key=key, actor=ENTERPRISE_ACTOR))
        if claim is None:
            live = any(one.plan_id == plan.plan_id for one in self.statuses(*LIVE))
            assert preview.total_fen == 0 or live or house_clock.today() > LAST_DAY
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
        self.approve(data.draw(st.sampled_from(self.statuses(*OPEN))))

    def approve(self, claim: ClaimView) -> None:
        office = self.cast.office
        if claim.status == "submitted":
            reviews.approve_claim(claim_id=claim.claim_id, staff=office.reviewer)
        assert reviews.approve_claim(claim_id=claim.claim_id, staff=office.second).status == "approved"

    @rule(days=st.sampled_from([31, 7, 1]))
    def days_pass(self, days: int) -> None:
        self.calendar.advance(days * 86_400)
        reviews.close_due_notices(limit=50)
        running = [notice for notice in notices.notices() if notice.status == "posted"]
        assert all(notice.closes_at is not None and notice.closes_at > house_clock.now() for notice in running)

    @rule(approve=st.booleans())
    def put_on_notice(self, approve: bool) -> None:
        office = self.cast.office
        for claim in self.statuses(*OPEN) if approve else ():
            self.approve(claim)
        waiting = reviews.waiting_claims()

        def post() -> object:
            draft = reviews.make_notice(staff=office.reviewer)
            today = house_clock.today()
            return reviews.post_notice(notice_id=draft.notice_id, posted_on=today, url=URL, staff=office.reviewer)

        assert (self.attempt(post) is None) == (not waiting)

    @precondition(lambda self: bool(self.statuses("on_notice")))
    @rule(data=st.data(), whole=st.booleans())
    def object_to(self, data: st.DataObject, whole: bool) -> None:
        claim = data.draw(st.sampled_from(self.statuses("on_notice")))
        line = next(line for line in claim.lines if line.status in ("held", "released"))
        notice = notices.notices_of_lines([line.line_id])[line.line_id]
        self.attempt(
            lambda: notices.raise_objection(
                notice_id=notice.notice_id,
                claim_id=claim.claim_id,
                line_id=None if whole else line.line_id,
                text="此人没有参加过培训。",
                contact="0510-81234567",
            )
        )

    @precondition(lambda self: bool(notices.open_objections()))
    @rule(uphold=st.booleans())
    def answer(self, uphold: bool) -> None:
        objection = notices.open_objections()[0]
        self.attempt(
            lambda: reviews.decide_objection(
                objection_id=objection.objection_id,
                staff=self.cast.office.second,
                uphold=uphold,
                answer="已向本人核实。",
            )
        )

    @rule(more=st.booleans())
    def make_a_batch(self, more: bool) -> None:
        office = self.cast.office
        if more:
            made = payments.propose_allotment(fund=FUND, amount_fen=40_000, document="追加预算", staff=office.cashier)
            payments.decide_allotment(allotment_id=made.allotment_id, confirm=True, staff=office.releaser)
        waiting = [row for row in payments.queue() if not row.waits_for]
        batch = self.attempt(lambda: payments.create_batch(staff=office.cashier))
        assert (batch is None) == (not waiting)
        assert batch is None or batch.total_fen == sum(row.amount_fen for row in waiting)

    def batches(self, status: str) -> list[BatchView]:
        return [batch for batch in payments.batches() if batch.status == status]

    @precondition(lambda self: bool(self.batches("created")))
    @rule(cancel=st.sampled_from([False, False, True]))
    def send_or_cancel(self, cancel: bool) -> None:
        batch, office = self.batches("created")[0], self.cast.office
        if (
            cancel
            or self.attempt(lambda: payments.release_batch(batch_id=batch.batch_id, staff=office.releaser)) is None
        ):
            payments.cancel_batch(batch_id=batch.batch_id, staff=office.cashier)

    @precondition(lambda self: bool(self.batches("released")))
    @rule(
        codes=st.lists(st.sampled_from(["", "", "SYSTEM_ERROR", CLOSED]), min_size=3, max_size=3), twice=st.booleans()
    )
    def take_the_return(self, codes: list[str], twice: bool) -> None:
        batch = self.batches("released")[0]
        failures = {f"order_{number:04d}": code for number, code in enumerate(codes, start=1) if code}
        content = a_return(batch, orders=None, **failures)
        for again in range(1 + twice):
            taken = payments.take_return(batch_id=batch.batch_id, content=content, staff=self.cast.office.cashier)
            assert taken.again == bool(again)
        assert payments.batch_view(batch.batch_id).status == "paid"

    @rule(group=st.sampled_from([0, 2]))
    def name_another_account(self, group: int) -> None:
        enterprise = self.cast.classes[group].enterprise
        agent = people.find_staff("agent.1" if group == 0 else "agent.2")
        assert agent is not None
        self.accounts += 1
        made = enterprises.propose_account(
            enterprise_id=enterprise.id,
            holder_name=enterprise.name,
            bank_name="江苏银行无锡分行",
            number=f"62220211030{self.accounts:08d}",
            staff=agent,
        )
        reviews.confirm_bank_account(account_id=made.account_id, staff=self.cast.office.reviewer)

    @invariant()
    def nobody_passes_the_cap(self) -> None:
        drawn = claims.drawn_fen([person.worker_id for person in self.cast.persons], "wuxi-2020-10")
        assert all(0 <= amount <= CAP_FEN for amount in drawn.values())

    @invariant()
    def no_second_is_drawn_twice(self) -> None:
        lines = [(claim, line) for claim in self.statuses(*LIVE) for line in claim.lines if line.status != "released"]
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
        paid = [
            line
            for claim in self.claims
            for line in claims.claim_view(claim.claim_id).lines
            if line.status == "settled"
        ]
        assert registers.payments_register().total_fen == sum(line.granted_fen for line in paid)
        for fund in payments.funds():
            assert 0 <= fund.paid_fen + fund.reserved_fen <= fund.allotted_fen

    @invariant()
    def what_is_paid_was_eligible_on_notice_and_approved_by_two(self) -> None:
        objected = notices.open_objections()
        for claim in self.statuses(*LIVE):
            assert claim.total_fen == sum(line.amount_fen for line in claim.lines)
        for claim in self.statuses("payable", "paid"):
            assert claim.first_reviewer_id is not None
            assert claim.second_reviewer_id not in (None, claim.first_reviewer_id)
            settled = [line for line in claim.lines if line.status == "settled"]
            shown = notices.notices_of_lines([line.line_id for line in settled])
            for line in settled:
                facts = line.decision["facts"]
                assert facts["checked_in"]
                assert facts["quiz_passed"]
                assert line.class_hours >= 24
                assert shown[line.line_id].status == "closed"
                assert line.payable_at is not None
                assert not any(
                    objection.claim_id == claim.claim_id and objection.line_id in (None, line.line_id)
                    for objection in objected
                )


def test_random_walks_keep_cap_seconds_and_books(app: Flask, clock: FixedCalendar) -> None:
    ClaimWalk.cast, ClaimWalk.calendar = build_cast(), clock
    run_state_machine_as_test(
        ClaimWalk,
        settings=settings(
            max_examples=WALKS, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
