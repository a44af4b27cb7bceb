"""What the clocks of evidence go by, gathered across the slices by class and person. Selects across slices, read-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import case, func, or_, select

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.disputes.models import Dispute
from backend.imports.models import ImportBatch
from backend.payments.models import PaymentOrder
from backend.people.models import Worker
from backend.plans.models import TrainingClass, TrainingPlan
from backend.retention.rules import UnitFacts, UnitKind
from backend.study.models import AppealCase, AppealDecision
from config import clock
from config.database import db
from learning_records.evidence.retention import Gathered
from learning_records.sessions.models import Learner, LearningSession

OPEN_CLAIM = SubsidyClaim.status.in_(["submitted", "reviewed", "approved", "on_notice", "payable"])
CLAIMS, PAYMENTS, APPEALS, SESSIONS, IMPORTS, DISPUTES = (
    "未办结的申领",
    "未拨付的款项",
    "未答复的申诉",
    "未存证的学习",
    "未读完的导入",
    "未办结的争议",
)
"""What keeps everything, in the words in which it is shown."""


@dataclass(frozen=True)
class Unit:
    """Living evidence that has one clock: of a class with the papers of its imports, of what a person learned on their own, or
    of another context. ``contexts`` are those its records are gathered under (None: a person's own)."""

    kind: UnitKind
    ref: UUID
    title: str
    enterprise: str
    contexts: tuple[UUID | None, ...]
    persons: frozenset[UUID | None]
    records: int
    facts: UnitFacts


@dataclass(frozen=True)
class _Facts:
    """By class (or other context) and by person: last days and what is waited for."""

    sessions: Mapping[UUID | None, datetime]
    own_sessions: Mapping[UUID, datetime]
    payments: Mapping[UUID, datetime]
    waits: Mapping[UUID | None, Mapping[str, int]]


def units(groups: Iterable[Gathered]) -> list[Unit]:
    """The units that these groups of living records make, with the facts of their clocks."""
    classes = _classes()
    batches = {
        row.public_id: row.class_ref for row in db.session.execute(select(ImportBatch.public_id, ImportBatch.class_ref))
    }
    found: dict[tuple[UnitKind, UUID], list[Gathered]] = defaultdict(list)
    for group in groups:
        context = None if group.context_ref is None else batches.get(group.context_ref, group.context_ref)
        if context is not None:
            found["class" if context in classes else "other", context].append(group)
        elif group.person_ref is not None:
            found["person", group.person_ref].append(group)
    facts = _facts()
    return [_unit(kind, ref, some, classes.get(ref, ("", "")), facts) for (kind, ref), some in found.items()]


def _unit(kind: UnitKind, ref: UUID, groups: list[Gathered], names: tuple[str, str], facts: _Facts) -> Unit:
    last_session = facts.own_sessions.get(ref) if kind == "person" else facts.sessions.get(ref)
    return Unit(
        kind=kind,
        ref=ref,
        title=names[0],
        enterprise=names[1],
        contexts=tuple(sorted({group.context_ref for group in groups}, key=str)),
        persons=frozenset(group.person_ref for group in groups),
        records=sum(group.records for group in groups),
        facts=UnitFacts(
            last_session_on=_day(last_session),
            last_payment_on=_day(facts.payments.get(ref)),
            last_sealed_on=clock.local_date(max(group.last_sealed_at for group in groups)),
            waits=facts.waits.get(ref, {}),
        ),
    )


def _classes() -> dict[UUID, tuple[str, str]]:
    """(title, enterprise) of every class."""
    query = select(TrainingClass.public_id, TrainingClass.title, TrainingPlan.enterprise_name)
    rows = db.session.execute(query.join(TrainingPlan, TrainingPlan.id == TrainingClass.plan_id))
    return {row.public_id: (row.title, row.enterprise_name) for row in rows}


def _facts() -> _Facts:
    waits: dict[UUID | None, dict[str, int]] = defaultdict(dict)
    sessions: dict[UUID | None, datetime] = {}
    own_sessions: dict[UUID, datetime] = {}
    unsealed = or_(LearningSession.closed_at.is_(None), LearningSession.evidence_record_id.is_(None))
    last, open_still = func.max(LearningSession.closed_at), func.sum(case((unsealed, 1), else_=0))
    for context, closed_at, waiting in db.session.execute(
        select(LearningSession.context_ref, last, open_still).group_by(LearningSession.context_ref)
    ):
        if closed_at is not None:
            sessions[context] = closed_at
        waits[context][SESSIONS] = waiting
    of_person = select(Learner.person_ref, last, open_still).join_from(
        LearningSession, Learner, Learner.id == LearningSession.learner_id
    )
    for person, closed_at, waiting in db.session.execute(of_person.group_by(Learner.person_ref)):
        if closed_at is not None:
            own_sessions[person] = closed_at
        waits[person][SESSIONS] = waiting
    for ref, words, count in _open_matters():
        waits[ref][words] = waits[ref].get(words, 0) + count
    return _Facts(sessions, own_sessions, _payments(), waits)


def _payments() -> dict[UUID, datetime]:
    """The last payment for each class."""
    query = (
        select(TrainingClass.public_id, func.max(PaymentOrder.paid_at))
        .join(SubsidyClaim, SubsidyClaim.id == PaymentOrder.claim_id)
        .join(TrainingClass, TrainingClass.plan_id == SubsidyClaim.plan_id)
        .where(PaymentOrder.paid_at.is_not(None))
        .group_by(TrainingClass.public_id)
    )
    return {class_id: paid_at for class_id, paid_at in db.session.execute(query) if paid_at is not None}


def _open_matters() -> list[tuple[UUID | None, str, int]]:
    """(class or person, words, how many): claims, payments, appeals, disputes and imports not at their end."""
    of_class = select(TrainingClass.public_id, func.count()).group_by(TrainingClass.public_id)
    claims = of_class.join(SubsidyClaim, SubsidyClaim.plan_id == TrainingClass.plan_id).where(OPEN_CLAIM)
    payments = (
        of_class.join(SubsidyClaim, SubsidyClaim.plan_id == TrainingClass.plan_id)
        .join(PaymentOrder, PaymentOrder.claim_id == SubsidyClaim.id)
        .where(PaymentOrder.status.in_(["created", "released"]))
    )
    lines = (
        select(Worker.learner_ref, func.count())
        .join(ClaimLine, ClaimLine.worker_id == Worker.id)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .where(OPEN_CLAIM)
        .group_by(Worker.learner_ref)
    )
    imports = (
        select(ImportBatch.class_ref, func.count())
        .where(ImportBatch.status == "waiting")
        .group_by(ImportBatch.class_ref)
    )
    found: list[tuple[UUID | None, str, int]] = []
    for query, words in ((claims, CLAIMS), (payments, PAYMENTS), (lines, CLAIMS), (imports, IMPORTS)):
        found += [(ref, words, count) for ref, count in db.session.execute(cast(Any, query))]
    for context, person in _open_appeals():
        found += [(ref, APPEALS, 1) for ref in (context, person) if ref is not None]
    disputes = (
        select(Dispute.class_ref, Worker.learner_ref)
        .join(Worker, Worker.id == Dispute.worker_id)
        .where(Dispute.status == "open")
    )
    for class_ref, person in db.session.execute(disputes):
        found += [(ref, DISPUTES, 1) for ref in (class_ref, person) if ref is not None]
    return found


def _open_appeals() -> list[tuple[UUID | None, UUID]]:
    """(class, person) of every appeal that waits for its answer."""
    query = (
        select(LearningSession.context_ref, Learner.person_ref)
        .join(Learner, Learner.id == LearningSession.learner_id)
        .join(AppealCase, AppealCase.session_ref == LearningSession.public_id)
        .outerjoin(AppealDecision, AppealDecision.case_id == AppealCase.id)
        .where(AppealDecision.id.is_(None))
    )
    return [(row.context_ref, row.person_ref) for row in db.session.execute(query)]


def _day(at: datetime | None) -> date | None:
    return None if at is None else clock.local_date(at)
