"""Legal holds in the words of the desk: a worker, a class, or everything. Placing and lifting are audited and sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.audit import services as audit
from backend.people import services as people
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.retention import rules
from config.errors import Invalid, NotFound
from learning_records.evidence import holds as records


@dataclass(frozen=True)
class HoldView:
    """A hold; ``about`` says what it keeps in Chinese. It stands while ``lifted_at`` is None."""

    hold_id: UUID
    about: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lift_reason: str | None
    lifted_at: datetime | None


def hold(*, staff: StaffView, reason: str, worker_id: UUID | None = None, class_id: UUID | None = None) -> HoldView:
    """Keep the evidence of a worker or of a class, of everything where neither is named, whatever its age.

    Raises ``NotAllowed`` RETENTION_ROLE_REQUIRED; ``NotFound`` WORKER_UNKNOWN, CLASS_NOT_FOUND; ``Invalid`` HOLD_SCOPE,
    REASON_REQUIRED.
    """
    rules.require_role(staff.role)
    if worker_id is not None and class_id is not None:
        raise Invalid("HOLD_SCOPE", "一次只能按人员或按班级保留，请分两次办理。")
    person_ref = None if worker_id is None else _person_ref(worker_id)
    if class_id is not None:
        plans.class_view(class_id)
    placed = records.place_hold(
        reason=rules.checked_reason(reason),
        placed_by=f"staff:{staff.public_id}",
        person_ref=person_ref,
        context_ref=class_id,
    )
    _audit(staff, "legal_hold.placed", placed)
    return _view(placed)


def lift(*, staff: StaffView, hold_id: UUID, reason: str) -> HoldView:
    """End a hold. Raises ``NotAllowed`` RETENTION_ROLE_REQUIRED; ``NotFound`` HOLD_NOT_FOUND; ``Conflict``
    HOLD_LIFTED_ALREADY; ``Invalid`` REASON_REQUIRED."""
    rules.require_role(staff.role)
    lifted = records.lift_hold(
        hold_id=hold_id, reason=rules.checked_reason(reason), lifted_by=f"staff:{staff.public_id}"
    )
    _audit(staff, "legal_hold.lifted", lifted)
    return _view(lifted)


def holds(*, also_lifted: bool = False) -> list[HoldView]:
    """The holds that stand, the oldest first; the lifted ones too if asked."""
    return [_view(found) for found in records.holds(also_lifted=also_lifted)]


def _person_ref(worker_id: UUID) -> UUID:
    inner_id = people.find_by_public_id(worker_id)
    if inner_id is None:
        raise NotFound("WORKER_UNKNOWN", "没有找到这个人，请核对编号。")
    return people.learner_ref(inner_id)


def _audit(staff: StaffView, action: str, found: records.HoldView) -> None:
    audit.write(
        actor=f"staff:{staff.public_id}",
        action=action,
        subject=f"legal_hold:{found.hold_id}",
        detail={"scope": found.scope, "reason": found.lift_reason or found.reason},
    )


def _view(found: records.HoldView) -> HoldView:
    return HoldView(
        hold_id=found.hold_id,
        about=_about(found),
        reason=found.reason,
        placed_by=name_of(found.placed_by),
        placed_at=found.placed_at,
        lifted_by=None if found.lifted_by is None else name_of(found.lifted_by),
        lift_reason=found.lift_reason,
        lifted_at=found.lifted_at,
    )


def _about(found: records.HoldView) -> str:
    if found.context_ref is not None:
        view = plans.class_view(found.context_ref)
        return f"班级“{view.title}”（{view.enterprise_name}）"
    if found.person_ref is not None:
        worker_id = people.find_by_learner_ref(found.person_ref)
        shown = None if worker_id is None else people.worker_view(worker_id)
        return "个人" if shown is None else f"个人{shown.masked_name or ''}（{shown.public_id}）"
    return "全部"


def name_of(actor: str) -> str:
    """The display name of ``staff:<public id>``; the actor as it is where it is nobody's account."""
    kind, _, public_id = actor.partition(":")
    found = people.get_staff(UUID(public_id)) if kind == "staff" else None
    return actor if found is None else found.display_name
