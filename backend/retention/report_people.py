"""What the clocks of personal fields go by, gathered across the slices. Selects across slices, read-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.disputes.models import Dispute
from backend.enterprises.models import RosterEntry
from backend.new_hires.models import NewHireLine
from backend.new_hires.rules import OPEN_STATUSES
from backend.people.models import AccessToken, WechatAccount, Worker
from backend.plans.models import Enrollment, TrainingClass
from backend.retention.reports import OPEN_CLAIM
from backend.retention.rules import PersonalFacts
from backend.study.models import AppealCase, AppealDecision
from config import clock
from config.database import db
from learning_records.evidence.holds import Standing
from learning_records.evidence.models import EvidenceRecord
from learning_records.retention_sql import LEARNING_KINDS
from learning_records.sessions.models import Learner, LearningSession

_AT_ONCE = 500


@dataclass(frozen=True)
class Person:
    """A worker of whom something personal is kept, the roster rows bound to them, and the facts of their clocks."""

    worker_id: int
    public_id: UUID
    entry_ids: tuple[int, ...]
    facts: PersonalFacts


@dataclass(frozen=True)
class Unjoined:
    """A roster row whose person joined no class; ``class_ends`` of the classes it is on the list of."""

    entry_id: int
    public_id: UUID
    touched_on: date
    class_ends: tuple[date, ...]
    held: bool


def people(*, after_id: int, idle_since: datetime, held: Standing) -> tuple[list[Person], int | None]:
    """The next workers after that id of whom something is kept and who are older than ``idle_since``; the id to go on after."""
    phone_of_roster = exists().where(RosterEntry.worker_id == Worker.id, func.length(RosterEntry.phone_encrypted) > 0)
    has_wechat = exists().where(WechatAccount.worker_id == Worker.id)
    kept = or_(Worker.id_number_index.is_not(None), Worker.phone_encrypted.is_not(None), has_wechat, phone_of_roster)
    rows = db.session.execute(
        select(
            Worker.id,
            Worker.public_id,
            Worker.learner_ref,
            Worker.created_at,
            Worker.consented_at,
            Worker.identity_checked_at,
            Worker.id_number_index.is_not(None).label("has_identity"),
            or_(Worker.phone_encrypted.is_not(None), phone_of_roster).label("has_phone"),
            has_wechat.label("has_wechat"),
        )
        .where(Worker.id > after_id, Worker.created_at < idle_since, kept)
        .order_by(Worker.id)
        .limit(_AT_ONCE)
    ).all()
    if not rows:
        return [], None
    return _persons(rows, held), rows[-1].id


def _persons(rows: Sequence[Any], held: Standing) -> list[Person]:
    ids, refs = [row.id for row in rows], [row.learner_ref for row in rows]
    entries: dict[int, list[int]] = defaultdict(list)
    for entry_id, worker_id in _pairs(
        select(RosterEntry.id, RosterEntry.worker_id).where(RosterEntry.worker_id.in_(ids))
    ):
        entries[worker_id].append(entry_id)
    studied = dict(
        _pairs(
            select(Learner.person_ref, func.max(LearningSession.idle_at_ms))
            .join(LearningSession, LearningSession.learner_id == Learner.id)
            .where(Learner.person_ref.in_(refs))
            .group_by(Learner.person_ref)
        )
    )
    evidence = set(
        db.session.scalars(
            select(EvidenceRecord.person_ref)
            .where(EvidenceRecord.person_ref.in_(refs), EvidenceRecord.destruction_id.is_(None))
            .where(EvidenceRecord.kind.in_(LEARNING_KINDS))
            .distinct()
        )
    )
    claimed = dict(
        _pairs(
            select(ClaimLine.worker_id, func.max(func.coalesce(SubsidyClaim.paid_at, SubsidyClaim.submitted_at)))
            .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
            .where(ClaimLine.worker_id.in_(ids))
            .group_by(ClaimLine.worker_id)
        )
    )
    signed_in = set(
        db.session.scalars(
            select(AccessToken.worker_id).where(
                AccessToken.worker_id.in_(ids),
                AccessToken.revoked_at.is_(None),
                AccessToken.expires_at > clock.real_now(),
            )
        )
    )
    busy, classes = _busy(ids), _classes_of(ids)
    today = clock.today()
    found = []
    for row in rows:
        joined = classes.get(row.id, [])
        instants = [row.created_at, row.consented_at, row.identity_checked_at, claimed.get(row.id)]
        instants += [joined_at for _, joined_at, _ in joined]
        if row.learner_ref in studied:
            instants.append(clock.from_epoch_ms(studied[row.learner_ref]))
        is_held = any(held.keeps(row.learner_ref, class_id) for class_id, _, _ in joined)
        runs = any(ends_on is not None and ends_on >= today for _, _, ends_on in joined)
        facts = PersonalFacts(
            active_on=max(clock.local_date(at) for at in instants if at is not None),
            has_phone=bool(row.has_phone),
            has_wechat=bool(row.has_wechat),
            has_identity=bool(row.has_identity),
            signed_in=row.id in signed_in,
            evidence=row.learner_ref in evidence,
            busy=row.id in busy or runs or is_held or held.keeps(row.learner_ref, None),
        )
        found.append(Person(row.id, row.public_id, tuple(entries.get(row.id, ())), facts))
    return found


def unjoined(*, after_id: int, idle_since: datetime, held: Standing) -> tuple[list[Unjoined], int | None]:
    """The next roster rows after that id that nobody joined from and that are older than ``idle_since``; the id to go on
    after."""
    rows = db.session.execute(
        select(RosterEntry.id, RosterEntry.public_id, RosterEntry.updated_at)
        .where(RosterEntry.id > after_id, RosterEntry.worker_id.is_(None), RosterEntry.erased_at.is_(None))
        .where(RosterEntry.updated_at < idle_since)
        .order_by(RosterEntry.id)
        .limit(_AT_ONCE)
    ).all()
    if not rows:
        return [], None
    entry_ids = [row.id for row in rows]
    advances = select(NewHireLine.roster_entry_id).where(NewHireLine.roster_entry_id.in_(entry_ids))
    advanced = set(db.session.scalars(advances.where(NewHireLine.status.in_(OPEN_STATUSES))))
    ends: dict[int, list[tuple[UUID, date | None]]] = defaultdict(list)
    for entry_id, class_id, ends_on in db.session.execute(
        select(Enrollment.roster_entry_id, TrainingClass.public_id, TrainingClass.ends_on)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .where(Enrollment.roster_entry_id.in_(entry_ids))
    ):
        ends[entry_id].append((class_id, ends_on))
    return [
        Unjoined(
            entry_id=row.id,
            public_id=row.public_id,
            touched_on=clock.local_date(row.updated_at),
            class_ends=tuple(ends_on for _, ends_on in ends[row.id] if ends_on is not None),
            held=row.id in advanced
            or held.keeps(None, None)
            or any(held.keeps(None, class_id) for class_id, _ in ends[row.id]),
        )
        for row in rows
    ], rows[-1].id


def _busy(worker_ids: Sequence[int]) -> set[int]:
    """Those with an open claim or advance, or an appeal or a dispute that waits for its answer."""
    claims = (
        select(ClaimLine.worker_id)
        .join(SubsidyClaim, SubsidyClaim.id == ClaimLine.claim_id)
        .where(ClaimLine.worker_id.in_(worker_ids), OPEN_CLAIM)
    )
    appeals = (
        select(AppealCase.worker_id)
        .outerjoin(AppealDecision, AppealDecision.case_id == AppealCase.id)
        .where(AppealCase.worker_id.in_(worker_ids), AppealDecision.id.is_(None))
    )
    disputes = select(Dispute.worker_id).where(Dispute.worker_id.in_(worker_ids), Dispute.status == "open")
    advances = (
        select(Worker.id)
        .join(NewHireLine, NewHireLine.person_index == Worker.id_number_index)
        .where(Worker.id.in_(worker_ids), NewHireLine.status.in_(OPEN_STATUSES))
    )
    return {found for query in (claims, appeals, disputes, advances) for found in db.session.scalars(query)}


def _classes_of(worker_ids: Sequence[int]) -> dict[int, list[tuple[UUID, datetime, date | None]]]:
    """(class, when they joined, its last day) of each."""
    found: dict[int, list[tuple[UUID, datetime, date | None]]] = defaultdict(list)
    for worker_id, class_id, joined_at, ends_on in db.session.execute(
        select(Enrollment.worker_id, TrainingClass.public_id, Enrollment.joined_at, TrainingClass.ends_on)
        .join(TrainingClass, TrainingClass.id == Enrollment.class_id)
        .where(Enrollment.worker_id.in_(worker_ids))
    ):
        if worker_id is not None and joined_at is not None:
            found[worker_id].append((class_id, joined_at, ends_on))
    return found


def _pairs(query: Select[*tuple[Any, ...]]) -> list[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]
