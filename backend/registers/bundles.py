"""Which sealed records belong into a bundle (存证包) that anybody may check: chosen here, packed by the records floor.

A bundle carries pseudonyms and masked names only. What a reader must be able to check again without us decides what is in
it: the decision, what it drew on, the sessions under that, and the payment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from backend.claims import services as claims
from backend.claims.services import ClaimView
from backend.credit_bank.models import Lot, LotDraw, Transfer
from backend.credit_bank.rules import DEPOSITS
from backend.enterprises import services as enterprises
from backend.payments.models import PaymentOrder
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.models import TrainingClass, TrainingPlan
from backend.reviews.models import Review
from config import clock
from config.database import db
from config.errors import Conflict, NotFound
from learning_records.evidence import bundles
from learning_records.evidence.models import EvidenceRecord
from learning_records.sessions.models import Learner, LearningSession

_MANY = 500  # ids in one statement: SQLite takes 999 parameters at the least


@dataclass(frozen=True)
class BundlePlan:
    """What to pack: the subject, its title for people, the records by inner id in the order of sealing, masked names."""

    kind: str
    id: str
    title: str
    record_ids: tuple[int, ...]
    people: dict[str, str]

    @property
    def file_name(self) -> str:
        """What the file is called when somebody saves it."""
        return f"存证包-{self.title}.zip".replace("/", "-")


def session_bundle(*, session_id: UUID) -> BundlePlan:
    """One sealed session with what was deposited for it. Raises ``NotFound`` SESSION_NOT_SEALED."""
    sealed = _of_subjects("session", [f"session:{session_id}"])
    if not sealed:
        raise NotFound("SESSION_NOT_SEALED", "没有找到这次学习的存证，请核对学习编号；学习结束后才有存证。")
    deposits = select(Transfer.idempotency_key).where(Transfer.evidence_record_id.in_(sealed))
    ids = sealed | _of_transfers(db.session.scalars(deposits).all())
    return _plan("session", str(session_id), f"学习记录 {str(session_id)[:8]}", ids)


def own_session_bundle(*, worker_id: int, session_id: UUID) -> BundlePlan:
    """A session of this worker. Raises ``NotFound`` SESSION_NOT_FOUND, ``Conflict`` SESSION_STILL_OPEN."""
    query = (
        select(LearningSession.evidence_record_id)
        .join(Learner, Learner.id == LearningSession.learner_id)
        .where(LearningSession.public_id == session_id, Learner.person_ref == people.learner_ref(worker_id))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound("SESSION_NOT_FOUND", "没有找到这次学习，请从学习明细里选择。")
    if row.evidence_record_id is None:
        raise Conflict("SESSION_STILL_OPEN", "这次学习还没有结束，结束后才能下载存证。")
    return session_bundle(session_id=session_id)


def worker_bundle(*, worker_id: int) -> BundlePlan:
    """Everything sealed about one worker: their own copy. Raises ``NotFound`` WORKER_UNKNOWN."""
    person = people.learner_ref(worker_id)
    view = people.worker_view(worker_id)
    ids = db.session.scalars(select(EvidenceRecord.id).where(EvidenceRecord.person_ref == person)).all()
    return _plan("worker", str(view.public_id), f"{view.masked_name or '本人'}的学习记录", set(ids), [worker_id])


def report_bundle(*, enterprise_id: int, starts_on: date | None = None, ends_on: date | None = None) -> BundlePlan:
    """What an hour report rests on: the deposits in the enterprise's classes and the records under them.

    ``starts_on`` and ``ends_on`` are local days of the deposit, both included.
    """
    enterprise = enterprises.enterprise_by_id(enterprise_id)
    contexts = (
        select(TrainingClass.public_id)
        .join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id)
        .where(TrainingPlan.enterprise_id == enterprise_id)
    )
    query = select(Transfer.idempotency_key, Transfer.evidence_record_id).where(
        Transfer.context_ref.in_(contexts), Transfer.kind.in_(DEPOSITS)
    )
    if starts_on is not None:
        query = query.where(Transfer.at >= clock.start_of_day(starts_on))
    if ends_on is not None:
        query = query.where(Transfer.at < clock.midnight_after(clock.start_of_day(ends_on)))
    rows = db.session.execute(query).all()
    ids = {*_of_transfers([row.idempotency_key for row in rows]), *(row.evidence_record_id for row in rows)}
    days = f"{starts_on or '开班'}至{ends_on or clock.today()}"
    return _plan("report", str(enterprise.public_id), f"{enterprise.name}学时报告 {days}", ids)


def claim_bundle(*, claim_id: UUID) -> BundlePlan:
    """A claim from its sessions to its money: decisions, holds, the deposits they drew, the sessions, the payment.

    Raises ``NotFound`` CLAIM_NOT_FOUND.
    """
    claim = claims.claim_view(claim_id)
    holds = [line.hold_key for line in claim.lines if line.hold_key is not None]
    drawn = _drawn(holds)
    ids = {
        *_of_subjects("claim", [f"claim:{claim_id}"]),
        *_of_subjects("review", _reviews(claim)),
        *_of_subjects("payment", _orders(claim)),
        *_of_transfers(holds),
        *_of_transfers(_resolving(holds)),
        *_of_transfers([key for key, _ in drawn]),
        *(record_id for _, record_id in drawn),
        *_of_context("attachment", plans.plan_view(claim.plan_id).training_class.class_id),
    }
    title = f"{claim.enterprise_name}补贴申领 {claim.title}"
    return _plan("claim", str(claim_id), title, ids, [line.worker_id for line in claim.lines])


def _plan(kind: str, subject: str, title: str, ids: set[int], worker_ids: Iterable[int] | None = None) -> BundlePlan:
    if not ids:
        raise NotFound("NOTHING_SEALED", "这里还没有可以打包的存证记录，请在学习结束后再下载。")
    if worker_ids is None:
        found = [people.find_by_learner_ref(person) for person in _persons(ids)]
        worker_ids = [worker_id for worker_id in found if worker_id is not None]
    names = {
        str(person): people.worker_view(worker_id).masked_name or "已删除"
        for worker_id, person in people.learner_refs(worker_ids).items()
    }
    return BundlePlan(kind, subject, title, tuple(sorted(ids)), names)


def _persons(ids: set[int]) -> set[UUID]:
    return {
        person
        for person in _each(ids, lambda part: select(EvidenceRecord.person_ref).where(EvidenceRecord.id.in_(part)))
        if person is not None
    }


def _of_subjects(kind: str, subjects: Iterable[str]) -> set[int]:
    """The records of one kind about these subjects."""
    return set(
        _each(
            subjects,
            lambda part: select(EvidenceRecord.id).where(EvidenceRecord.kind == kind, EvidenceRecord.subject.in_(part)),
        )
    )


def _of_transfers(keys: Iterable[str]) -> set[int]:
    return _of_subjects("transfer", [f"transfer:{key}" for key in keys])


def _of_context(kind: str, context_ref: UUID) -> set[int]:
    query = select(EvidenceRecord.id).where(EvidenceRecord.kind == kind, EvidenceRecord.context_ref == context_ref)
    return set(db.session.scalars(query))


def _reviews(claim: ClaimView) -> list[str]:
    query = select(Review.public_id).where(Review.subject_id.in_([claim.claim_id, claim.plan_id]))
    return [f"review:{public_id}" for public_id in db.session.scalars(query)]


def _orders(claim: ClaimView) -> list[str]:
    query = select(PaymentOrder.public_id).where(PaymentOrder.claim_id == claim.id)
    return [f"payment:{public_id}" for public_id in db.session.scalars(query)]


def _resolving(hold_keys: list[str]) -> list[str]:
    """The settlements and releases of these holds, and what reversed them."""
    held, reversing = aliased(Transfer), aliased(Transfer)
    found = _each(
        hold_keys,
        lambda part: (
            select(Transfer.idempotency_key)
            .join(held, held.id == Transfer.hold_id)
            .where(held.idempotency_key.in_(part))
        ),
    )
    reversed_ = _each(
        found,
        lambda part: (
            select(reversing.idempotency_key)
            .join(Transfer, Transfer.id == reversing.reversal_of_id)
            .where(Transfer.idempotency_key.in_(part))
        ),
    )
    return [*found, *reversed_]


def _drawn(hold_keys: list[str]) -> list[tuple[str, int]]:
    """(key, inner id of the evidence record) of each deposit that the holds drew from."""
    deposit, held = aliased(Transfer), aliased(Transfer)
    rows: list[tuple[str, int]] = []
    for part in _parts(hold_keys):
        query = (
            select(deposit.idempotency_key, deposit.evidence_record_id)
            .join(Lot, Lot.transfer_id == deposit.id)
            .join(LotDraw, LotDraw.lot_id == Lot.id)
            .join(held, held.id == LotDraw.transfer_id)
            .where(held.idempotency_key.in_(part))
            .distinct()
        )
        rows += [(key, record_id) for key, record_id in db.session.execute(query) if record_id is not None]
    return rows


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(values)
    return (every[start : start + _MANY] for start in range(0, len(every), _MANY))


def _each(values: Iterable[Any], query: Any) -> list[Any]:
    """All scalars that ``query`` gives for these values, asked in parts."""
    return [row for part in _parts(values) for row in db.session.scalars(query(part))]


def write_bundle(plan: BundlePlan, into: BinaryIO) -> None:
    """Pack it. Raises ``Conflict`` NOT_YET_IN_LOG when a record is not under a signed checkpoint yet."""
    bundles.build(
        kind=plan.kind, id=plan.id, title=plan.title, record_ids=plan.record_ids, people=plan.people, into=into
    )
