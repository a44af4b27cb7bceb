"""The first half of the way: filing, learning, certificates, accounts, claims and the two reviewers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st

from backend.certificates import services as certificates
from backend.certificates.models import Certificate
from backend.claims import services as claims
from backend.claims.models import SubsidyClaim
from backend.claims.rules import LIVE_STATUSES
from backend.claims.services import ClaimView
from backend.enterprises import services as enterprises
from backend.enterprises.bank_account_models import BankAccount
from backend.plans import services as plans
from backend.plans.amendment_models import PlanAmendment
from backend.plans.services import AmendmentFields
from backend.reviews import services as reviews
from backend.study import services as study
from config import clock
from tests.cast.claims import ENTERPRISE_ACTOR, take_quiz
from tests.cast.plans import AGENT, HOUR_SECONDS
from tests.walks import books
from tests.walks.walk import ANY, RUNNING, WHY, Walk, anytime, one, some, step

DECISIONS = ("first", "second", "return", "withdraw", "send_back", "reject", "alone")
HOURS = (0, 20, 24, 25, 26, 40)


class UntilApproval(Walk):
    """Its steps."""

    # Filing and learning

    @step(
        anytime,
        plan=st.sampled_from([2, 3, None]),
        asks=st.booleans(),
        verdict=st.sampled_from(["approve", "approve", "reject", "send_back"]),
    )
    def file_or_amend(self, plan: int | None, asks: bool, verdict: str) -> None:
        if plan is None:
            self.file_the_draft("submit" if asks else verdict)
        else:
            self.amend(plan, "ask" if asks else verdict)

    def file_the_draft(self, move: str) -> None:
        plan_id, reviewer = self.cast.draft.plan_id, self.cast.office.reviewer
        moves: dict[str, Callable[[], Any]] = {
            "submit": lambda: plans.submit_plan(plan_id=plan_id, actor=AGENT),
            "approve": lambda: reviews.approve_plan(plan_id=plan_id, staff=reviewer),
            "reject": lambda: reviews.reject_plan(plan_id=plan_id, staff=reviewer, reason=WHY["reason"], clause="三"),
            "send_back": lambda: reviews.send_back_plan(
                plan_id=plan_id, staff=reviewer, reason=WHY["reason"], clause="三"
            ),
        }
        self.attempt(moves[move])

    def amend(self, plan: int, move: str) -> None:
        plan_id, reviewer = self.cast.plans[plan].plan_id, self.cast.office.reviewer
        fields = AmendmentFields(reason="新增一名职工", added=(self.cast.newcomer,), head_count=4)
        if move == "ask":
            self.attempt(lambda: plans.submit_amendment(plan_id=plan_id, fields=fields, actor=AGENT))
        for amendment_id in books.public_ids(PlanAmendment, "submitted"):
            if move == "approve":
                self.attempt(partial(reviews.approve_amendment, amendment_id=amendment_id, staff=reviewer))
            elif move == "reject":
                self.attempt(partial(reviews.reject_amendment, amendment_id=amendment_id, staff=reviewer, **WHY))

    @step(
        anytime,
        group=st.integers(0, 3),
        person=st.integers(0, 3),
        what=st.sampled_from(
            [1, HOUR_SECONDS - 1, HOUR_SECONDS, 24 * HOUR_SECONDS, "join", "check_in", "pass", "fail"]
        ),
    )
    def study(self, group: int, person: int, what: int | str) -> None:
        if isinstance(what, int):
            self.learn(group, person, what)
        else:
            self.take_part(group, person, what)

    def take_part(self, group: int, person: int, step: str) -> None:
        plan, chosen = self.cast.plans[group], self.cast.persons[person]
        class_id = plan.training_class.class_id
        steps: dict[str, Callable[[], Any]] = {
            "join": lambda: plans.join_class(worker_id=chosen.worker_id, class_code=plan.training_class.class_code),
            "check_in": lambda: study.check_in(worker_id=chosen.worker_id, class_id=class_id, device="phone"),
            "pass": lambda: take_quiz(chosen, class_id),
            "fail": lambda: take_quiz(chosen, class_id, right=False),
        }
        joined = plans.enrollment(chosen.worker_id, class_id) is not None
        if step in ("join", "check_in") or joined:
            self.attempt(steps[step])

    def learn(self, group: int, person: int, seconds: int) -> None:
        plan, worker_id = self.cast.plans[group], self.cast.persons[person].worker_id
        class_id = plan.training_class.class_id
        if plans.enrollment(worker_id, class_id) and plans.plan_view(plan.plan_id).status == "approved":
            self.deposit((worker_id, class_id), seconds)

    def certify(self, group: int) -> None:
        class_id = self.cast.plans[group].training_class.class_id
        self.attempt(lambda: certificates.issue_due(class_id=class_id, actor=ENTERPRISE_ACTOR))

    @step(some(Certificate, "valid"), which=ANY)
    def revoke_a_certificate(self, which: int) -> None:
        chosen = one(books.public_ids(Certificate, "valid"), which)
        staff = self.cast.office.reviewer
        assert self.attempt(lambda: reviews.revoke_certificate(certificate_id=chosen, staff=staff, **WHY))

    # Accounts and claims

    @step(anytime, firm=st.integers(0, 1), move=st.sampled_from(["name", "confirm", "confirm", "refuse"]), which=ANY)
    def see_to_the_account(self, firm: int, move: str, which: int) -> None:
        chosen = self.cast.firms[firm]
        if move == "name":
            self.attempt(
                lambda: enterprises.propose_account(
                    enterprise_id=chosen.enterprise.id,
                    holder_name=chosen.enterprise.name,
                    bank_name="中国工商银行无锡分行营业部",
                    number=f"622202110300{firm}{which:06d}",
                    staff=chosen.treasurer,
                )
            )
        decide = reviews.refuse_bank_account if move == "refuse" else reviews.confirm_bank_account
        for account_id in books.public_ids(BankAccount, "proposed") if move != "name" else ():
            done = self.attempt(
                partial(decide, account_id=account_id, staff=self.cast.office.reviewer, reason="核对。")
            )
            assert done is not None

    @step(anytime, group=st.integers(0, 3), certified=st.sampled_from([True, True, False]))
    def claim(self, group: int, certified: bool) -> None:
        if certified:
            self.certify(group)
        self.submit(group)

    def submit(self, group: int) -> None:
        plan, key = self.cast.plans[group], str(uuid4())
        preview = claims.compute_claim(plan_id=plan.plan_id)
        claim = self.attempt(lambda: claims.submit_claim(plan_id=plan.plan_id, key=key, actor=ENTERPRISE_ACTOR))
        if claim is not None:
            assert claim.total_fen == preview.total_fen > 0
            self.keys[key] = plan.plan_id, claim.claim_id
            return
        live = [one.plan_id for one in self.views(*LIVE_STATUSES)]
        on_file = plans.plan_view(plan.plan_id).status == "approved"
        account = enterprises.named_account_of(plan.enterprise_id)
        in_time = clock.today() <= preview.last_day_on
        assert not (preview.total_fen and plan.plan_id not in live and on_file and account and in_time)

    @step(lambda self: bool(self.keys), which=ANY)
    def submit_again_with_the_same_key(self, which: int) -> None:
        key = one(sorted(self.keys), which)
        plan_id, claim_id = self.keys[key]
        again = self.attempt(lambda: claims.submit_claim(plan_id=plan_id, key=key, actor=ENTERPRISE_ACTOR))
        assert again is not None
        assert again.claim_id == claim_id
        for other in self.cast.plans:
            if other.plan_id != plan_id and other.enterprise_id == again.enterprise_id:
                reused = partial(claims.submit_claim, plan_id=other.plan_id, key=key, actor=ENTERPRISE_ACTOR)
                assert self.refusal(reused) == "CLAIM_KEY_REUSED"

    @step(
        some(SubsidyClaim, *RUNNING),
        which=ANY,
        move=st.sampled_from(DECISIONS),
    )
    def decide(self, which: int, move: str) -> None:
        claim = one(self.views(*RUNNING), which)
        claim_id, office = claim.claim_id, self.cast.office
        moves: dict[str, Callable[[], ClaimView]] = {
            "first": lambda: reviews.approve_claim(claim_id=claim_id, staff=office.reviewer),
            "second": lambda: reviews.approve_claim(claim_id=claim_id, staff=office.second),
            "return": lambda: reviews.return_claim(claim_id=claim_id, staff=office.second, **WHY),
            "withdraw": lambda: claims.withdraw_claim(claim_id=claim_id, reason="", actor=ENTERPRISE_ACTOR),
            "send_back": lambda: reviews.send_back_claim(claim_id=claim_id, staff=office.reviewer, **WHY),
            "reject": lambda: reviews.reject_claim(claim_id=claim_id, staff=office.reviewer, **WHY),
            "alone": lambda: self.approved_alone(claim_id),
        }
        done = self.attempt(moves[move])
        if claim.status not in ("submitted", "reviewed") or move == "alone":
            assert done is None
            assert claims.claim_view(claim_id).status == claim.status

    def approved_alone(self, claim_id: UUID) -> ClaimView:
        """One person tries both approvals."""
        if claims.claim_view(claim_id).status == "submitted":
            reviews.approve_claim(claim_id=claim_id, staff=self.cast.office.reviewer)
        return reviews.approve_claim(claim_id=claim_id, staff=self.cast.office.reviewer)

    @step(
        some(SubsidyClaim, "submitted", "reviewed"),
        which=ANY,
        line=ANY,
        class_hours=st.sampled_from(HOURS),
    )
    def cut(self, which: int, line: int, class_hours: int) -> None:
        claim = one(self.views("submitted", "reviewed"), which)
        chosen = one(claim.lines, line)
        done = self.attempt(
            lambda: reviews.adjust_line(
                claim_id=claim.claim_id,
                line_id=chosen.line_id,
                class_hours=class_hours,
                staff=self.cast.office.reviewer,
                **WHY,
            )
        )
        assert done is None or (claim.status == "submitted" and done.amount_fen < chosen.granted_fen)
