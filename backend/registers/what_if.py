"""What the whole book would be under other values: every line of a live claim decided again from the facts it was decided on.

Nothing is stored. Lines that were struck out stay out, a reviewer's cut stays a ceiling, and people of whom nobody has claimed
anything are not guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.claims.rules import LIVE_STATUSES, cap_ref
from backend.notices.models import NoticeEntry, PublicNotice
from backend.plans.models import TrainingPlan
from backend.policies import services as policies
from backend.policies.differences import Difference, differences
from backend.policies.rules import Decision, PersonFacts, Policy, decide
from config.database import db

_AT_ONCE = 500


@dataclass(frozen=True)
class BookLine:
    """A line as the book has it: what it was decided on, and what stands of it now (0 where it was refused)."""

    claim_id: UUID
    line_id: UUID
    enterprise_name: str
    filing_number: str
    plan_id: UUID
    enterprise_id: int
    worker_id: int
    claimed_on: date
    cap_ref: str
    class_hours: int
    amount_fen: int
    was_cut: bool
    facts: PersonFacts


@dataclass(frozen=True)
class Total:
    """People and lines that money goes to, their class hours and the money."""

    people: int
    lines: int
    class_hours: int
    amount_fen: int


@dataclass(frozen=True)
class LineChange:
    """A line that would come out otherwise. ``why``: what stands in the way now, or the sentence of its amount."""

    claim_id: UUID
    line_id: UUID
    enterprise_name: str
    filing_number: str
    class_hours_before: int
    class_hours_after: int
    amount_fen_before: int
    amount_fen_after: int
    why: str


@dataclass(frozen=True)
class NoticeChange:
    """A posted notice that would end on another day: ``days_later`` calendar days, earlier below 0."""

    notice_id: UUID
    posted_on: date
    closes_on_before: date
    closes_on_after: date
    days_later: int
    people: int
    amount_fen: int


@dataclass(frozen=True)
class WhatIf:
    """The book before and after. ``one_sum``: lines without the seconds of each lesson, which a policy that rounds lesson by
    lesson can only take as one sum."""

    policy_version: str
    changes: tuple[Difference, ...]
    before: Total
    after: Total
    lines: tuple[LineChange, ...]
    notices: tuple[NoticeChange, ...]
    one_sum: int


def what_if(*, before: Policy, after: Policy) -> WhatIf:
    """The book of the policy (by its id, whatever the version of each line) against itself decided under ``after``.

    ``before`` only says which values are shown as changed: the book is what was decided and stands.
    """
    lines = list(_book(before.id))
    results = list(recompute(lines, after))
    return WhatIf(
        policy_version=after.version,
        changes=differences(before, after),
        before=_total((line.worker_id, line.class_hours, line.amount_fen) for line in lines),
        after=_total((line.worker_id, hours, fen) for line, hours, fen, _ in results),
        lines=tuple(
            LineChange(
                claim_id=line.claim_id,
                line_id=line.line_id,
                enterprise_name=line.enterprise_name,
                filing_number=line.filing_number,
                class_hours_before=line.class_hours,
                class_hours_after=hours if fen else 0,
                amount_fen_before=line.amount_fen,
                amount_fen_after=fen,
                why=_why(decision),
            )
            for line, hours, fen, decision in results
            if fen != line.amount_fen
        ),
        notices=tuple(_notices(before.id, after)),
        one_sum=0
        if after.class_hour.rounding == "floor_once"
        else sum(not line.facts.lesson_seconds and line.facts.seconds > 0 for line in lines),
    )


def recompute(lines: Iterable[BookLine], policy: Policy) -> Iterator[tuple[BookLine, int, int, Decision]]:
    """Each line with its class hours, fen and decision under the policy. Pure; lines come in the order of submission.

    What a person has drawn before follows: in the cap of the same scope by what earlier lines change, in another scope by
    what they come to.
    """
    drawn: dict[tuple[int, str], int] = defaultdict(int)
    moved: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        ref = cap_ref(policy, plan=line.plan_id, enterprise_id=line.enterprise_id, on=line.claimed_on)
        key = (line.worker_id, ref)
        before = line.facts.drawn_fen + moved[key] if ref == line.cap_ref else drawn[key]
        decision = decide(replace(line.facts, drawn_fen=max(before, 0)), policy)
        fen = min(decision.amount_fen, line.amount_fen) if line.was_cut else decision.amount_fen
        hours = min(decision.class_hours, line.class_hours) if line.was_cut else decision.class_hours
        drawn[key] += fen
        moved[key] += fen - line.amount_fen
        yield line, hours, fen, decision


def _book(policy_id: str) -> Iterator[BookLine]:
    """Lines of live claims that were refused or stand, in the order in which they were submitted."""
    query = (
        select(
            ClaimLine, SubsidyClaim, TrainingPlan.public_id, TrainingPlan.enterprise_name, TrainingPlan.filing_number
        )
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(TrainingPlan, TrainingPlan.id == SubsidyClaim.plan_id)
        .where(
            SubsidyClaim.policy_id == policy_id,
            SubsidyClaim.status.in_(LIVE_STATUSES),
            ClaimLine.status != "released",
        )
        .order_by(SubsidyClaim.id, ClaimLine.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for line, claim, plan_id, enterprise_name, filing_number in db.session.execute(query):
        yield BookLine(
            claim_id=claim.public_id,
            line_id=line.public_id,
            enterprise_name=enterprise_name,
            filing_number=filing_number or "",
            plan_id=plan_id,
            enterprise_id=claim.enterprise_id,
            worker_id=line.worker_id,
            claimed_on=claim.claimed_on,
            cap_ref=line.cap_ref,
            class_hours=line.granted_class_hours if line.granted_fen else 0,
            amount_fen=line.granted_fen,
            was_cut=line.granted_fen < line.amount_fen,
            facts=_facts_of(line.decision),
        )
        db.session.expunge(line)


def _facts_of(decision: Mapping[str, Any]) -> PersonFacts:
    """The facts a line was decided by. Who had no certificate because the hours or the quiz did not suffice might have earned
    one under another policy: of them it is not known."""
    facts = PersonFacts.from_dict(decision["facts"])
    failed = {step["rule"] for step in decision["steps"] if step["outcome"] == "fail"}
    unearned = facts.certified is False and bool(failed & {"hours", "attendance", "quiz"})
    return replace(facts, certified=None) if unearned else facts


def _notices(policy_id: str, after: Policy) -> Iterator[NoticeChange]:
    people = func.count(NoticeEntry.id)
    query = (
        select(PublicNotice, people, func.coalesce(func.sum(NoticeEntry.amount_fen), 0))
        .join(NoticeEntry, NoticeEntry.notice_id == PublicNotice.id)
        .where(
            PublicNotice.policy_id == policy_id,
            PublicNotice.posted_on.is_not(None),
            PublicNotice.closes_on.is_not(None),
        )
        .group_by(PublicNotice.id)
        .order_by(PublicNotice.id)
    )
    for notice, count, amount in db.session.execute(query):
        assert notice.posted_on is not None
        assert notice.closes_on is not None
        closes_on = policies.notice_window(notice.posted_on, after).closes_on
        if closes_on != notice.closes_on:
            yield NoticeChange(
                notice_id=notice.public_id,
                posted_on=notice.posted_on,
                closes_on_before=notice.closes_on,
                closes_on_after=closes_on,
                days_later=(closes_on - notice.closes_on).days,
                people=int(count),
                amount_fen=int(amount),
            )


def _total(lines: Iterable[tuple[int, int, int]]) -> Total:
    paid = [(worker_id, hours, fen) for worker_id, hours, fen in lines if fen]
    return Total(
        people=len({worker_id for worker_id, _, _ in paid}),
        lines=len(paid),
        class_hours=sum(hours for _, hours, _ in paid),
        amount_fen=sum(fen for _, _, fen in paid),
    )


def _why(decision: Decision) -> str:
    failed = decision.failed()
    shown = failed or decision.steps[-2:]
    return "".join(f"{step.sentence}（{step.clause}）" for step in shown)
