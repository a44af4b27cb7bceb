"""Which sealed records belong into a bundle (存证包) that anybody may check: chosen here, packed by the records floor.

A bundle carries pseudonyms and masked names only. What a reader must be able to check again without us decides what is in
it: the decisions, what they drew on, the sessions under that, and the payments (``claim_records``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select

from backend.claims import services as claims
from backend.credit_bank.models import Transfer
from backend.credit_bank.rules import DEPOSITS
from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.plans.models import TrainingClass, TrainingPlan
from backend.registers.claim_records import each, of_claim, of_subjects, of_transfers
from config import clock
from config.database import db
from config.errors import Conflict, NotFound
from learning_records.evidence import bundles
from learning_records.evidence.models import EvidenceRecord
from learning_records.sessions.models import Learner, LearningSession


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
    sealed = of_subjects("session", [f"session:{session_id}"])
    if not sealed:
        raise NotFound("SESSION_NOT_SEALED", "没有找到这次学习的存证，请核对学习编号；学习结束后才有存证。")
    deposits = select(Transfer.idempotency_key).where(Transfer.evidence_record_id.in_(sealed))
    ids = sealed | of_transfers(db.session.scalars(deposits).all())
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
    ids = {*of_transfers([row.idempotency_key for row in rows]), *(row.evidence_record_id for row in rows)}
    days = f"{starts_on or '开班'}至{ends_on or clock.today()}"
    return _plan("report", str(enterprise.public_id), f"{enterprise.name}学时报告 {days}", ids)


def claim_bundle(*, claim_id: UUID) -> BundlePlan:
    """A claim from its sessions to its money: certificates, decisions, cuts, holds, the deposits they drew, the sessions, the
    public notice, payments, what was claimed back.

    Raises ``NotFound`` CLAIM_NOT_FOUND.
    """
    claim = claims.claim_view(claim_id)
    worker_ids = [line.worker_id for line in claim.lines]
    title = f"{claim.enterprise_name}补贴申领 {claim.title}"
    return _plan("claim", str(claim_id), title, of_claim(claim), worker_ids)


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
        for person in each(ids, lambda part: select(EvidenceRecord.person_ref).where(EvidenceRecord.id.in_(part)))
        if person is not None
    }


def write_bundle(plan: BundlePlan, into: BinaryIO) -> None:
    """Pack it. Raises ``Conflict`` NOT_YET_IN_LOG when a record is not under a signed checkpoint yet."""
    bundles.build(
        kind=plan.kind, id=plan.id, title=plan.title, record_ids=plan.record_ids, people=plan.people, into=into
    )
