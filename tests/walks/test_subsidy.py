"""Random walks from plans to the bank and back; after every step the books must hold (clauses 二(二), 三, 四).

The cast is built once; each walk runs in one transaction that is rolled back, each step in a savepoint of it, so that a
refused step leaves nothing. ``WALKS=2000 pytest …`` (``make walks``) walks more.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    run_state_machine_as_test,
)

from backend.claims import services as claims
from backend.claims.models import SubsidyClaim
from backend.claims.rules import LIVE_STATUSES
from backend.credit_bank import services as credit_bank
from backend.disputes import services as disputes
from backend.disputes.models import Dispute
from backend.notices import services as notices
from backend.notices.models import PublicNotice
from backend.payments import services as payments
from backend.payments.fund_models import Recovery
from backend.payments.models import PaymentBatch
from backend.payments.services import BatchView
from backend.plans import services as plans
from backend.reviews import services as reviews
from config import clock
from config.clock import FixedCalendar
from config.database import db
from tests.cast.notices import URL
from tests.cast.payments import FUND, a_return
from tests.cast.plans import HOUR_SECONDS
from tests.walks import books
from tests.walks.cast import build_cast
from tests.walks.until_approval import UntilApproval
from tests.walks.walk import ANY, RUNNING, WHY, anytime, one, some, step

WALKS = int(os.environ.get("WALKS", "10"))
STEPS = 30
ENDS = ("withdraw", "uphold", "uphold_one", "dismiss")
ANSWERS = ("demand", "refuse", "receive", "receive")
CONTACT = "0510-81234567"
ANSWER = "经核对签到、学习记录和考核成绩，现答复如下。"
FATES = st.lists(st.sampled_from(["paid", "paid", "NAME_MISMATCH", "SYSTEM_ERROR", "out"]), min_size=4, max_size=4)


class SubsidyWalk(UntilApproval):
    """The second half of the way: notices, objections, disputes, payments and what comes back."""

    @initialize(
        hours=st.lists(st.sampled_from([24, 25, 27, 23, 24, 0]), min_size=7, max_size=7),
        order=st.permutations(range(3)),
        far=st.lists(st.sampled_from([4, 1, 0, 2, 1, 4, 5, 8]), min_size=3, max_size=3),
    )
    def everybody_studies(self, hours: list[int], order: list[int], far: list[int]) -> None:
        """Some claims are under way already when the walk begins, some as far as the bank."""
        for place, learned in zip(list(self.deposited), hours, strict=True):
            if learned:
                self.deposit(place, learned * HOUR_SECONDS)
        for group, steps in zip(order, far, strict=True):
            if steps:
                self.certify(group)
                self.submit(group)
            for claim in self.views(*RUNNING)[-1:]:
                self.go_on_with(claim.claim_id, steps - 1)

    # Notices and what is said against them

    @step(some(SubsidyClaim, "approved"), which=ANY, together=st.booleans())
    def make_a_notice(self, which: int, together: bool) -> None:
        chosen = None if together else [one(books.public_ids(SubsidyClaim, "approved"), which)]
        self.attempt(lambda: reviews.make_notice(staff=self.cast.office.reviewer, claim_ids=chosen))

    @step(some(PublicNotice, "draft"), which=ANY, post=st.booleans(), days_late=st.integers(0, 1))
    def post_or_discard(self, which: int, post: bool, days_late: int) -> None:
        chosen, staff = one(books.public_ids(PublicNotice, "draft"), which), self.cast.office.reviewer
        if not post:
            assert self.attempt(lambda: reviews.discard_notice(notice_id=chosen, staff=staff))
            return
        posted_on = clock.today() - timedelta(days=days_late)
        self.attempt(lambda: reviews.post_notice(notice_id=chosen, posted_on=posted_on, url=URL, staff=staff))

    @step(some(PublicNotice, "posted"), which=ANY, entry=ANY, whole=st.booleans())
    def object_to_somebody(self, which: int, entry: int, whole: bool) -> None:
        self.object_to(which, entry, whole)

    @step(some(PublicNotice, "posted"), which=ANY, end=st.sampled_from(ENDS), close_first=st.booleans())
    def object_and_end_it(self, which: int, end: str, close_first: bool) -> None:
        """The answer comes before the notice closes, or after."""
        self.object_to(which, which, end == "uphold_one")
        if close_first:
            self.calendar.set(max(clock.now(), *self.ends()))
            self.run_the_job()
        if self.objections:
            self.end_an_objection(len(self.objections) - 1, end)

    def object_to(self, which: int, entry: int, whole: bool) -> None:
        notice = notices.notice_view(one(books.public_ids(PublicNotice, "posted"), which))
        shown = one(notice.entries, entry)
        filed = self.attempt(
            lambda: notices.raise_objection(
                notice_id=notice.notice_id,
                claim_id=shown.claim_id,
                line_id=None if whole else shown.line_id,
                text="此人没有参加过培训。",
                contact=CONTACT,
            )
        )
        assert notice.closes_at is not None
        assert (filed is not None) == (clock.now() < notice.closes_at)
        if filed is not None:
            self.objections.append(filed)

    @step(lambda self: bool(self.objections), which=ANY, end=st.sampled_from(ENDS))
    def end_an_objection(self, which: int, end: str) -> None:
        filed = one(self.objections, which)
        about = filed.view
        held = [line.line_id for line in claims.claim_view(about.claim_id).lines if line.status == "held"]
        struck = held if about.line_id is None else [about.line_id]
        if end == "uphold_one":
            struck = struck[:1]
        if end == "withdraw":
            done = self.attempt(lambda: reviews.withdraw_objection(number=about.number, code=filed.code))
        else:
            done = self.attempt(
                lambda: reviews.decide_objection(
                    objection_id=about.objection_id,
                    staff=self.cast.office.second,
                    uphold=end != "dismiss",
                    answer=ANSWER,
                    line_ids=struck if end == "uphold_one" else None,
                )
            )
        if done is not None:
            self.objections.remove(filed)
            self.struck |= set(struck) if end in ("uphold", "uphold_one") else set()
        else:
            assert not set(struck) & set(held) or not struck

    @step(some(SubsidyClaim, *LIVE_STATUSES), which=ANY, line=ANY)
    def dispute(self, which: int, line: int) -> None:
        claim = one(self.views(*LIVE_STATUSES), which)
        worker_id = one(claim.lines, line).worker_id
        class_id = plans.plan_view(claim.plan_id).training_class.class_id
        self.attempt(lambda: disputes.report_absence(worker_id=worker_id, class_id=class_id, text="本人没有参加学习。"))

    @step(some(Dispute, "open"), which=ANY, end=st.sampled_from(["uphold", "dismiss", "withdraw"]))
    def end_a_dispute(self, which: int, end: str) -> None:
        view = disputes.dispute_view(one(books.public_ids(Dispute, "open"), which))
        assert view.class_id is not None
        place = (view.worker_id, view.class_id)
        if end == "withdraw":
            self.attempt(lambda: reviews.withdraw_dispute(dispute_id=view.dispute_id, worker_id=view.worker_id))
            return
        before = credit_bank.claimable_in(worker_id=place[0], context_ref=place[1])
        held = credit_bank.balance(worker_id=place[0]).held_seconds
        done = self.attempt(
            lambda: reviews.decide_dispute(
                dispute_id=view.dispute_id, staff=self.cast.office.second, uphold=end == "uphold", answer=ANSWER
            )
        )
        if done is not None and end == "uphold":
            freed = held - credit_bank.balance(worker_id=place[0]).held_seconds
            left = credit_bank.claimable_in(worker_id=place[0], context_ref=place[1])
            self.deposited[place] -= before + freed - left

    # Time and money

    @step(anytime, days=st.sampled_from([0, 1, 3, 10, 31]), run=st.booleans())
    def time_goes_by(self, days: int, run: bool) -> None:
        self.calendar.advance(days * 86_400)
        if run:
            self.run_the_job()

    def run_the_job(self) -> None:
        self.attempt(lambda: reviews.close_due_notices(limit=50))
        books.nothing_due_was_left_open()

    @step(
        anytime,
        amount_fen=st.sampled_from([44_400, 100_000, 1_000_000, -30_000]),
        confirm=st.sampled_from([True, True, False]),
    )
    def allot(self, amount_fen: int, confirm: bool) -> None:
        made = self.attempt(
            lambda: payments.propose_allotment(
                fund=FUND, amount_fen=amount_fen, document="锡财社〔2020〕12号", staff=self.cast.office.cashier
            )
        )
        assert made is not None
        done = self.attempt(
            lambda: payments.decide_allotment(
                allotment_id=made.allotment_id, confirm=confirm, staff=self.cast.office.releaser
            )
        )
        if done is not None and confirm:
            self.allotted_fen += amount_fen

    @step(some(SubsidyClaim, "payable"))
    def make_a_batch(self) -> None:
        waiting = [row for row in payments.queue() if not row.waits_for]
        batch = self.attempt(lambda: payments.create_batch(staff=self.cast.office.cashier))
        assert (batch is None) == (not waiting)
        if batch is not None:
            assert batch.total_fen == sum(row.amount_fen for row in waiting)

    @step(some(PaymentBatch, "created"), which=ANY, move=st.sampled_from(["cancel", "release", "release", "alone"]))
    def release_or_cancel(self, which: int, move: str) -> None:
        chosen, office = one(books.public_ids(PaymentBatch, "created"), which), self.cast.office
        if move == "cancel":
            assert self.attempt(lambda: payments.cancel_batch(batch_id=chosen, staff=office.cashier))
            return
        staff = office.cashier if move == "alone" else office.releaser
        done = self.attempt(lambda: payments.release_batch(batch_id=chosen, staff=staff))
        assert done is None or move == "release"

    @step(some(PaymentBatch, "released"), which=ANY, fates=FATES, doubled=st.booleans())
    def the_bank_answers(self, which: int, fates: list[str], doubled: bool) -> None:
        batch = payments.batch_view(one(books.public_ids(PaymentBatch, "released"), which))
        out = [order for order in batch.orders if order.status == "released"]
        answered = [(order, fate) for order, fate in zip(out, fates, strict=False) if fate != "out"]
        if not answered:
            return
        orders = [order for order, _ in answered]
        codes = {f"order_{order.number[-4:]}": fate for order, fate in answered if fate != "paid"}
        if doubled:
            assert self.taken(batch, a_return(batch, orders=[*orders, orders[0]], **codes)) is None
        content = a_return(batch, orders=orders, **codes)
        assert self.taken(batch, content) is not None
        self.paid_fen += sum(order.amount_fen for order, fate in answered if fate == "paid")
        self.returns.append((batch.batch_id, content))

    def taken(self, batch: BatchView, content: bytes) -> Any:
        """The return file, taken in or refused."""
        return self.attempt(
            lambda: payments.take_return(batch_id=batch.batch_id, content=content, staff=self.cast.office.cashier)
        )

    @step(lambda self: bool(self.returns), which=ANY)
    def the_bank_answers_again(self, which: int) -> None:
        batch_id, content = one(self.returns, which)
        again = self.taken(payments.batch_view(batch_id), content)
        assert again is not None
        assert again.again

    @step(
        lambda self: self.paid_fen > 0,
        which=ANY,
        amount_fen=st.sampled_from([None, None, 10_000]),
        confirm=st.booleans(),
    )
    def ask_money_back(self, which: int, amount_fen: int | None, confirm: bool) -> None:
        settled = [line for claim in self.views("payable", "paid") for line in claim.lines if line.status == "settled"]
        line_id, office = one(settled, which).line_id, self.cast.office
        demanded = self.attempt(
            lambda: payments.demand_recovery(subject_ref=line_id, amount_fen=amount_fen, staff=office.cashier, **WHY)
        )
        if demanded is not None and confirm:
            self.attempt(
                lambda: payments.decide_recovery(recovery_id=demanded.recovery_id, approve=True, staff=office.releaser)
            )

    @step(
        some(Recovery, "proposed", "demanded"),
        which=ANY,
        move=st.sampled_from(ANSWERS),
        all_of_it=st.booleans(),
    )
    def see_to_a_recovery(self, which: int, move: str, all_of_it: bool) -> None:
        recovery = payments.recovery_view(one(books.public_ids(Recovery, "proposed", "demanded"), which))
        recovery_id, office = recovery.recovery_id, self.cast.office
        if move != "receive":
            self.attempt(
                lambda: payments.decide_recovery(
                    recovery_id=recovery_id, approve=move == "demand", staff=office.releaser, reason="核实。"
                )
            )
            return
        amount_fen = recovery.open_fen if all_of_it else 5_000
        done = self.attempt(
            lambda: payments.receive_recovery(
                recovery_id=recovery_id,
                amount_fen=amount_fen,
                received_on=clock.today(),
                voucher=str(uuid4()),
                staff=office.cashier,
            )
        )
        if done is not None:
            self.received_fen += amount_fen

    # The straight way, so that walks come far

    @step(some(SubsidyClaim, *RUNNING), which=ANY, steps=st.integers(1, 6), detours=st.booleans())
    def go_on(self, which: int, steps: int, detours: bool) -> None:
        self.go_on_with(one(books.public_ids(SubsidyClaim, *RUNNING), which), steps, detours=detours)

    def go_on_with(self, claim_id: UUID, steps: int, *, detours: bool = False) -> None:
        """So many times the next thing that is usually done about a claim; ``detours``: at first in vain."""
        office = self.cast.office
        for _ in range(steps):
            status = claims.claim_view(claim_id).status
            if status in ("submitted", "reviewed"):
                staff = office.reviewer if status == "submitted" else office.second
                self.attempt(partial(reviews.approve_claim, claim_id=claim_id, staff=staff))
            elif status == "approved":
                for post in (False, True) if detours else (True,):
                    self.show(claim_id, post)
            elif status == "on_notice":
                self.calendar.set(max(clock.now(), *self.ends()))
                self.run_the_job()
            elif books.public_ids(PaymentBatch, "released"):
                fails = detours and len(self.returns) % 2 == 0
                self.the_bank_answers(0, ["SYSTEM_ERROR" if fails else "paid"] * 4, False)
            else:
                for move in ("cancel", "release") if detours else ("release",):
                    self.pay(move)

    def show(self, claim_id: UUID, post: bool) -> None:
        """Put a claim on a notice that is posted, or discarded."""
        staff = self.cast.office.reviewer
        self.attempt(lambda: reviews.make_notice(staff=staff, claim_ids=[claim_id]))
        for notice_id in books.public_ids(PublicNotice, "draft"):
            if claim_id not in notices.notice_view(notice_id).claim_ids:
                continue
            if post:
                self.attempt(
                    partial(reviews.post_notice, notice_id=notice_id, posted_on=clock.today(), url=URL, staff=staff)
                )
            else:
                self.attempt(partial(reviews.discard_notice, notice_id=notice_id, staff=staff))

    def ends(self) -> list[datetime]:
        """When the notices end that run."""
        found = [notices.notice_view(notice_id).closes_at for notice_id in books.public_ids(PublicNotice, "posted")]
        return [at for at in found if at is not None]

    def pay(self, move: str) -> None:
        """In the month after, a batch of everything that can be paid."""
        self.see_to_the_account(0, "confirm", 0)
        self.allot(100_000, True)
        self.calendar.set(clock.start_of_day((clock.today().replace(day=1) + timedelta(days=31)).replace(day=1)))
        self.make_a_batch()
        for _ in books.public_ids(PaymentBatch, "created"):
            self.release_or_cancel(0, move)

    # What must hold

    @invariant()
    def the_books_hold(self) -> None:
        if not self.changed:  # the step was refused, and nothing of it is there
            return
        self.changed = False
        db.session.expunge_all()
        books.the_bank_balances()
        books.no_second_is_drawn_twice(self.deposited)
        books.nobody_passes_the_cap()
        books.claims_say_what_their_lines_say()
        books.the_fund_balances(allotted_fen=self.allotted_fen, paid_fen=self.paid_fen, received_fen=self.received_fen)
        assert books.allotted_by_two() == self.allotted_fen
        books.what_is_paid_was_earned(self.struck)
        books.money_is_asked_back_once()


def test_whatever_happens_the_books_hold(app: Flask, clock: FixedCalendar) -> None:
    SubsidyWalk.cast, SubsidyWalk.calendar = build_cast(), clock
    SubsidyWalk.begins = clock()
    run_state_machine_as_test(
        SubsidyWalk,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],  # shrinking a walk takes longer than reading it
            suppress_health_check=list(HealthCheck),
        ),
    )
