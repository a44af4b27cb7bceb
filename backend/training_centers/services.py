"""What the house may ask of training centers: the desk, the rotating code, the look-up. None of these commits."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random, SystemRandom

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.people.rules import normalise_code
from backend.policies import rules as policy_rules
from backend.policies import services as policies
from backend.training_centers import rules
from backend.training_centers.models import CenterCode, CenterLookUp, DeskClerk, TrainingCenter
from config import clock, crypto
from config.database import db, locked
from config.errors import Conflict, Invalid, NotAllowed, NotFound


@dataclass(frozen=True)
class CenterView:
    """A training center. ``id`` stays inside."""

    id: int
    public_id: uuid.UUID
    name: str
    address: str


@dataclass(frozen=True)
class Code:
    """A rotating code as the phone shows it, and the real instant at which it ends."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class PriorityAnswer:
    """All that a center may know. ``rank`` is the place among those looked up at this center today (1 is first);
    ``priority_until`` is None while no end was declared."""

    masked_name: str
    learned_class_hours: int
    credits: int
    has_priority: bool
    priority_until: date | None
    rank: int


@dataclass(frozen=True)
class LookUpSeen:
    """What the worker sees of a look-up: who asked, when, and what was told."""

    public_id: uuid.UUID
    center_name: str
    at: datetime
    has_priority: bool
    class_hours: int
    credits: int


def register_center(*, name: str, address: str, actor: str = "system") -> CenterView:
    """A new center. Raises Invalid CENTER_NAME_INVALID, CENTER_ADDRESS_INVALID; Conflict CENTER_EXISTS."""
    name, address = rules.check_center(name=name, address=address)
    center = TrainingCenter(name=name, address=address, created_at=clock.now())
    db.session.add(center)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("CENTER_EXISTS", "已有同名的培训中心，请核对名称。") from error
    _write(actor, "training_center.registered", center)
    return _view(center)


def add_clerk(*, center_id: int, staff_id: int, actor: str = "system") -> None:
    """Let a clerk's account work at this desk; the same again changes nothing.

    Raises NotFound CENTER_UNKNOWN, STAFF_UNKNOWN; NotAllowed CLERK_ROLE_REQUIRED; Conflict CLERK_ELSEWHERE.
    """
    center = _load(center_id)
    staff = people.staff_of_id(staff_id)
    if staff.role != "desk_clerk":
        raise NotAllowed("CLERK_ROLE_REQUIRED", "只有窗口人员账号可以加入培训中心，请选择窗口人员账号。")
    known = db.session.scalar(select(DeskClerk).where(DeskClerk.staff_account_id == staff_id))
    if known is not None and known.center_id != center.id:
        raise Conflict("CLERK_ELSEWHERE", "这个账号已属于另一个培训中心，请另建账号。")
    if known is None:
        db.session.add(DeskClerk(staff_account_id=staff_id, center_id=center.id, created_at=clock.now()))
        db.session.flush()
        _write(actor, "training_center.clerk_added", center, clerk=str(staff.public_id))


def center_of_clerk(staff_id: int) -> CenterView | None:
    """The center at whose desk this account works."""
    query = select(TrainingCenter).join(DeskClerk, DeskClerk.center_id == TrainingCenter.id)
    center = db.session.scalar(query.where(DeskClerk.staff_account_id == staff_id))
    return None if center is None else _view(center)


def get_center(public_id: uuid.UUID) -> CenterView:
    """Raises NotFound CENTER_UNKNOWN."""
    return _view(_found(db.session.scalar(select(TrainingCenter).where(TrainingCenter.public_id == public_id))))


def centers() -> list[CenterView]:
    """All centers by name."""
    return [_view(center) for center in db.session.scalars(select(TrainingCenter).order_by(TrainingCenter.name))]


def rotating_code(worker_id: int, *, chance: Random | None = None) -> Code:
    """A fresh code for one look-up within 60 s of real time; the worker's earlier ones end.

    Raises NotAllowed CONSENT_REQUIRED, IDENTITY_REQUIRED; NotFound WORKER_UNKNOWN.
    """
    people.require_identified(worker_id)
    db.session.execute(delete(CenterCode).where(CenterCode.worker_id == worker_id))
    code = rules.new_code(chance or SystemRandom())
    expires_at = rules.code_expiry(clock.real_now())
    db.session.add(CenterCode(digest=crypto.digest(code), worker_id=worker_id, expires_at=expires_at, used_at=None))
    db.session.flush()
    return Code(code, expires_at)


def look_up(*, center_id: int, code: str, actor: str | None = None) -> PriorityAnswer:
    """Use the code up and answer for its worker; the look-up is kept where the worker can see it. ``actor`` is who asked at
    the center (``staff:…`` or ``api_key:…``), for the audit trail.

    Raises NotFound CENTER_UNKNOWN, CODE_UNKNOWN, POLICY_NOT_IN_FORCE; Conflict CODE_USED; Invalid CODE_EXPIRED.
    """
    center = _load(center_id)
    worker_id = _use_up(code)
    policy, at = policies.current(), clock.now()
    learned_seconds = credit_bank.balance(worker_id=worker_id).learned_seconds
    priority = policy_rules.priority(learned_seconds, policy, clock.local_date(at))
    others = _visitors_today(center, at)
    arrived_at = min((other.arrived_at for other in others if other.worker_id == worker_id), default=at)
    visitor = rules.Visitor(worker_id, priority.has_priority, priority.class_hours, arrived_at)
    seen = CenterLookUp(
        center_id=center.id,
        worker_id=worker_id,
        at=at,
        has_priority=priority.has_priority,
        class_hours=priority.class_hours,
        credits=priority.credits,
    )
    db.session.add(seen)
    db.session.flush()
    _write(actor or f"training_center:{center.public_id}", "worker.looked_up", center, look_up=str(seen.public_id))
    return PriorityAnswer(
        masked_name=people.worker_view(worker_id).masked_name or "",
        learned_class_hours=priority.class_hours,
        credits=priority.credits,
        has_priority=priority.has_priority,
        priority_until=priority.priority_until,
        rank=rules.rank(visitor, others, policy.priority.order),
    )


def look_ups_of(worker_id: int, *, limit: int = 100) -> list[LookUpSeen]:
    """Which centers looked this worker up, the latest first."""
    query = select(CenterLookUp, TrainingCenter.name).join(TrainingCenter, TrainingCenter.id == CenterLookUp.center_id)
    query = query.where(CenterLookUp.worker_id == worker_id).order_by(CenterLookUp.id.desc()).limit(limit)
    return [
        LookUpSeen(seen.public_id, name, seen.at, seen.has_priority, seen.class_hours, seen.credits)
        for seen, name in db.session.execute(query)
    ]


def _use_up(code: str) -> int:
    """The worker whose living code this is; it lives no longer."""
    typed = normalise_code(code)
    row = db.session.scalar(locked(select(CenterCode).where(CenterCode.digest == crypto.digest(typed))))
    if row is None:
        raise NotFound("CODE_UNKNOWN", "没有这个动态码。请核对，或请劳动者重新出示后再查。")
    if row.used_at is not None:
        raise Conflict("CODE_USED", "这个动态码已查询过。请劳动者在手机上刷新后重新出示。")
    at = clock.real_now()
    if at >= row.expires_at:
        raise Invalid("CODE_EXPIRED", "动态码已过期。请劳动者在手机上刷新后重新出示。")
    row.used_at = at
    db.session.flush()
    worker_id: int = row.worker_id
    return worker_id


def _visitors_today(center: TrainingCenter, at: datetime) -> list[rules.Visitor]:
    """One visitor for each worker: first arrival, latest figures."""
    begins = clock.start_of_day(clock.local_date(at))
    query = select(CenterLookUp).where(
        CenterLookUp.center_id == center.id, CenterLookUp.at >= begins, CenterLookUp.at < begins + timedelta(days=1)
    )
    visitors: dict[int, rules.Visitor] = {}
    for seen in db.session.scalars(query.order_by(CenterLookUp.id)):
        earlier = visitors.get(seen.worker_id)
        arrived_at = earlier.arrived_at if earlier else seen.at
        visitors[seen.worker_id] = rules.Visitor(seen.worker_id, seen.has_priority, seen.class_hours, arrived_at)
    return list(visitors.values())


def _load(center_id: int) -> TrainingCenter:
    return _found(db.session.get(TrainingCenter, center_id))


def _found(center: TrainingCenter | None) -> TrainingCenter:
    if center is None:
        raise NotFound("CENTER_UNKNOWN", "没有找到这个培训中心。")
    return center


def _view(center: TrainingCenter) -> CenterView:
    return CenterView(center.id, center.public_id, center.name, center.address)


def _write(actor: str, action: str, center: TrainingCenter, **detail: str) -> None:
    audit.write(actor=actor, action=action, subject=f"training_center:{center.public_id}", detail=detail)
