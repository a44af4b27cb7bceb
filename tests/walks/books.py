"""What the books must say whatever happened, asked of the tables themselves. Every function raises ``AssertionError``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from backend.certificates.models import Certificate
from backend.claims.models import ClaimLine, SubsidyClaim
from backend.credit_bank import services as credit_bank
from backend.notices.models import NoticeEntry, Objection, PublicNotice
from backend.payments import services as payments
from backend.payments.fund_models import Fund, FundAllotment, Recovery, RecoveryReceipt
from backend.payments.models import FundEntry, PaymentItem, PaymentOrder
from backend.plans.models import Enrollment, TrainingClass, TrainingPlan
from backend.quizzes import services as quizzes
from backend.registers import services as registers
from backend.registers.replay import replay
from backend.reviews.models import Review
from backend.study import services as study
from commands.audit import RECOUNTS
from config import clock
from config.database import db
from learning_records.evidence import log
from tests.walks.cast import Place

CAP_FEN = 50_000
_BESIDE_THE_WALK = ("banked time", "deposits")
"""The walk deposits seconds by itself, without sessions behind them."""
LEAST_CLASS_HOURS = 24


def public_ids(model: Any, *statuses: str) -> list[UUID]:
    """The rows of a table that are in one of these statuses, the oldest first."""
    return list(db.session.scalars(sa.select(model.public_id).where(model.status.in_(statuses)).order_by(model.id)))


def no_second_is_drawn_twice(deposited: Mapping[Place, int]) -> None:
    """What can be claimed is what was deposited without what live lines were granted, by person and class."""
    drawn: dict[Place, int] = defaultdict(int)
    held: dict[tuple[int, str], int] = defaultdict(int)
    query = (
        sa.select(ClaimLine.worker_id, TrainingClass.public_id, ClaimLine.status, ClaimLine.granted_seconds)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(TrainingClass, TrainingClass.plan_id == SubsidyClaim.plan_id)
        .where(ClaimLine.status.in_(["held", "settled"]))
    )
    for worker_id, class_id, status, seconds in db.session.execute(query):
        drawn[worker_id, class_id] += seconds
        held[worker_id, status] += seconds
    workers = sorted({worker_id for worker_id, _ in deposited})
    for class_id in {class_id for _, class_id in deposited}:
        left = credit_bank.claimable_of(worker_ids=workers, context_ref=class_id)
        for worker_id in workers:
            place = (worker_id, class_id)
            assert left.get(worker_id, 0) == deposited.get(place, 0) - drawn[place]
    for worker_id in workers:
        balance = credit_bank.balance(worker_id=worker_id)
        assert (balance.held_seconds, balance.settled_seconds) == (held[worker_id, "held"], held[worker_id, "settled"])


def nobody_passes_the_cap() -> None:
    """二(二): over every claim and enterprise, and nothing granted was ever raised."""
    live = ClaimLine.status.in_(["held", "settled"])
    drawn = sa.select(ClaimLine.worker_id, sa.func.sum(ClaimLine.granted_fen)).where(live).group_by(ClaimLine.worker_id)
    assert all(0 < amount <= CAP_FEN for _, amount in db.session.execute(drawn))
    raised = sa.select(ClaimLine.id).where(
        sa.or_(
            ClaimLine.granted_fen > ClaimLine.amount_fen,
            ClaimLine.granted_seconds > ClaimLine.seconds,
            ClaimLine.granted_class_hours > ClaimLine.class_hours,
        )
    )
    assert db.session.scalars(raised).all() == []


def the_bank_balances() -> None:
    """The trial balance is zero, and no total differs from its entries."""
    assert credit_bank.trial_balance() == 0
    assert credit_bank.discrepancies() == []


def the_fund_balances(*, allotted_fen: int, paid_fen: int, received_fen: int) -> None:
    """Every book of money says what the walk allotted, what its bank said was paid, and what came back."""
    assert registers.reconcile_payments().agrees
    assert registers.payments_register().total_fen == paid_fen
    funds = db.session.execute(sa.select(Fund.allotted_fen, Fund.paid_fen, Fund.received_fen)).all()
    assert [tuple(fund) for fund in funds] in ([], [(allotted_fen, paid_fen, received_fen)])
    assert allotted_fen - paid_fen + received_fen >= 0
    for column, row, fen in (
        (FundEntry.amount_fen, FundEntry, paid_fen),
        (RecoveryReceipt.amount_fen, RecoveryReceipt, received_fen),
    ):
        assert db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).select_from(row)) == fen
    assert all(fund.free_fen >= 0 for fund in payments.funds())


def what_is_paid_was_earned(struck: Collection[UUID]) -> None:
    """Every fund entry pays one settled line of a person who was filed, checked in, passed and was certified; that two
    persons approved; that stood on a notice until its end; and against which no objection is open or was upheld."""
    query = (
        sa.select(
            FundEntry, PaymentItem, PaymentOrder, ClaimLine, SubsidyClaim, TrainingPlan, TrainingClass, Enrollment
        )
        .join(PaymentItem, PaymentItem.id == FundEntry.item_id)
        .join(PaymentOrder, PaymentOrder.id == FundEntry.order_id)
        .join(ClaimLine, ClaimLine.id == FundEntry.claim_line_id)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .join(TrainingPlan, TrainingPlan.id == SubsidyClaim.plan_id)
        .join(TrainingClass, TrainingClass.plan_id == TrainingPlan.id)
        .join(Enrollment, Enrollment.id == ClaimLine.enrollment_id)
    )
    entries = db.session.execute(query).all()
    assert len(entries) == db.session.scalar(sa.select(sa.func.count()).select_from(FundEntry))
    settled = sa.select(ClaimLine.public_id).where(ClaimLine.status == "settled")
    assert sorted(row.ClaimLine.public_id for row in entries) == sorted(db.session.scalars(settled))
    for entry, item, order, line, claim, plan, training_class, enrollment in entries:
        assert (line.status, order.status, item.live) == ("settled", "paid", True)
        assert (item.order_id, item.subject_ref, order.subject_ref) == (order.id, line.public_id, claim.public_id)
        assert entry.amount_fen == item.amount_fen == line.granted_fen > 0
        assert line.granted_class_hours >= LEAST_CLASS_HOURS
        assert (plan.status, enrollment.class_id, enrollment.worker_id) == (
            "approved",
            training_class.id,
            line.worker_id,
        )
        assert study.checked_in(worker_ids=[line.worker_id], class_id=training_class.public_id)
        assert quizzes.passed_by([line.worker_id], training_class.public_id)
        assert line.public_id not in struck
        _was_certified(line)
        _was_approved_by_two(claim)
        _was_on_notice(entry, line)
        _nobody_objects(line, claim)


def _was_certified(line: ClaimLine) -> None:
    query = sa.select(Certificate.enrollment_id).where(Certificate.number == line.certificate_number)
    assert db.session.scalars(query).all() == [line.enrollment_id]


def _was_approved_by_two(claim: SubsidyClaim) -> None:
    query = sa.select(Review).where(Review.subject_kind == "claim", Review.subject_id == claim.public_id)
    last = db.session.scalars(query.order_by(Review.id.desc()).limit(2)).all()
    assert [(one.stage, one.verdict) for one in last] == [("second", "approve"), ("first", "approve")]
    assert [one.staff_id for one in last] == [claim.second_reviewer_id, claim.first_reviewer_id]
    assert last[0].staff_id != last[1].staff_id


def _was_on_notice(entry: FundEntry, line: ClaimLine) -> None:
    query = (
        sa.select(PublicNotice, NoticeEntry)
        .join(NoticeEntry, NoticeEntry.notice_id == PublicNotice.id)
        .where(NoticeEntry.line_ref == line.public_id, NoticeEntry.live)
    )
    notice, shown = db.session.execute(query).one()
    assert (notice.status, shown.amount_fen) == ("closed", line.granted_fen)
    _in_order(notice.posted_at, notice.closes_at, notice.closed_at, entry.at)
    _in_order(notice.closes_at, line.payable_at, entry.at)


def _in_order(*times: datetime | None) -> None:
    known = [at for at in times if at is not None]
    assert len(known) == len(times)
    assert known == sorted(known)


def _nobody_objects(line: ClaimLine, claim: SubsidyClaim) -> None:
    about = sa.or_(
        Objection.line_ref == line.public_id,
        sa.and_(Objection.line_ref.is_(None), Objection.claim_ref == claim.public_id),
    )
    found = db.session.scalars(sa.select(Objection).where(about)).all()
    assert all(one.status != "open" for one in found)
    assert all(one.status != "upheld" for one in found if one.line_ref is not None)


def money_is_asked_back_once() -> None:
    """Never more than was paid, by two persons, and received exactly when all of it came back."""
    query = (
        sa.select(Recovery, PaymentItem.amount_fen, FundEntry.id.label("entry"))
        .join(PaymentItem, PaymentItem.id == Recovery.item_id)
        .outerjoin(FundEntry, FundEntry.item_id == PaymentItem.id)
        .where(Recovery.status != "refused")
        .execution_options(populate_existing=True)
    )
    asked: dict[int, int] = defaultdict(int)
    for recovery, paid_fen, entry in db.session.execute(query):
        asked[recovery.item_id] += recovery.amount_fen
        assert entry is not None
        assert asked[recovery.item_id] <= paid_fen
        assert (recovery.status == "received") == (recovery.received_fen == recovery.amount_fen)
        assert recovery.decided_by_id != recovery.proposed_by_id


def allotted_by_two() -> int:
    """What two persons put into the fund."""
    rows = db.session.scalars(sa.select(FundAllotment).where(FundAllotment.status == "confirmed")).all()
    assert all(row.decided_by_id not in (None, row.proposed_by_id) for row in rows)
    return sum(row.amount_fen for row in rows)


def claims_say_what_their_lines_say() -> None:
    """A claim with a line that waits is not paid; one that ended unpaid holds nothing; totals are those of the lines."""
    query = sa.select(
        SubsidyClaim.status,
        SubsidyClaim.total_fen,
        sa.func.sum(ClaimLine.amount_fen),
        sa.func.count().filter(ClaimLine.status == "held"),
        sa.func.count().filter(ClaimLine.status == "settled"),
        sa.func.count().filter(ClaimLine.payable_at.is_not(None)),
    ).join(ClaimLine, ClaimLine.claim_id == SubsidyClaim.id)
    for status, total, amounts, held, settled, free in db.session.execute(query.group_by(SubsidyClaim.id)):
        assert total == amounts > 0
        assert settled == 0 or status in ("payable", "paid")
        assert free == 0 or status in ("payable", "paid", "rejected")
        assert (held > 0) == (status in ("reviewed", "approved", "on_notice", "payable")) or status == "submitted"
        assert (settled > 0 and held == 0) == (status == "paid")


def nothing_due_was_left_open() -> None:
    """After the job: no notice whose window is over is still running."""
    query = sa.select(PublicNotice.public_id).where(
        PublicNotice.status == "posted", PublicNotice.closes_at <= clock.now()
    )
    assert db.session.scalars(query).all() == []


def every_record_leads_to_the_same_books() -> None:
    """At the end of a walk: its records brought into the log, every payment follows from them, and no table says otherwise."""
    log.integrate()
    report = replay()
    assert report.agrees, str(report.difference)
    assert report.paid_fen == registers.payments_register().total_fen
    for recount in RECOUNTS:
        if recount.title not in _BESIDE_THE_WALK:
            assert list(recount.problems(lambda count: None)) == [], recount.title
