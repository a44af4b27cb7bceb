"""Legal holds: evidence of a person, of a context, or all of it, that must stay whatever its age. Placing one and lifting it
are sealed; the database refuses every erasure under one that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from config import clock
from config.database import db, locked, new_public_id
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence.models import EvidenceRecord
from learning_records.evidence.retention_models import LegalHold
from learning_records.evidence.services import get_record, seal

KIND = "legal_hold"
SCOPES = ("person", "context", "all")
_LONGEST_REASON = 500


@dataclass(frozen=True)
class HoldView:
    """A hold; it stands while ``lifted_at`` is None. ``placed_by`` and ``lifted_by`` as in the audit trail."""

    hold_id: UUID
    scope: str
    person_ref: UUID | None
    context_ref: UUID | None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


@dataclass(frozen=True)
class Standing:
    """What is held now."""

    everything: bool
    persons: frozenset[UUID]
    contexts: frozenset[UUID]

    def keeps(self, person_ref: UUID | None, context_ref: UUID | None) -> bool:
        """Whether evidence of that person in that context must stay."""
        return self.everything or person_ref in self.persons or context_ref in self.contexts


def place_hold(
    *, reason: str, placed_by: str, person_ref: UUID | None = None, context_ref: UUID | None = None
) -> HoldView:
    """Hold the evidence of a person or of a context; of everything where neither is named.

    Raises ``Invalid`` HOLD_SCOPE (both named) or REASON_REQUIRED.
    """
    if person_ref is not None and context_ref is not None:
        raise Invalid("HOLD_SCOPE", "一次只能按人员或按班级保留，请分两次办理。")
    scope = "person" if person_ref else "context" if context_ref else "all"
    hold = LegalHold(
        public_id=new_public_id(),
        scope=scope,
        person_ref=person_ref,
        context_ref=context_ref,
        reason=_checked(reason),
        placed_by=placed_by,
        placed_at=clock.now(),
    )
    hold.evidence_record_id = _seal(hold, "placed", placed_by, hold.reason, subject=f"{KIND}:{hold.public_id}")
    db.session.add(hold)
    db.session.flush()
    return _view(hold)


def lift_hold(*, hold_id: UUID, reason: str, lifted_by: str) -> HoldView:
    """End a hold. Raises ``NotFound`` HOLD_NOT_FOUND, ``Conflict`` HOLD_LIFTED_ALREADY, ``Invalid`` REASON_REQUIRED."""
    hold: LegalHold | None = db.session.scalar(locked(select(LegalHold).where(LegalHold.public_id == hold_id)))
    if hold is None:
        raise NotFound("HOLD_NOT_FOUND", "没有找到这项保留，请用 flask retention holds 查看编号。")
    if hold.lifted_at is not None:
        raise Conflict("HOLD_LIFTED_ALREADY", "这项保留已经解除。")
    said = _checked(reason)
    hold.lifted_record_id = _seal(hold, "lifted", lifted_by, said, subject=f"{KIND}:{hold.public_id}:lifted")
    hold.lifted_at, hold.lifted_by, hold.lift_reason = clock.now(), lifted_by, said
    db.session.flush()
    return _view(hold)


def holds(*, also_lifted: bool = False) -> list[HoldView]:
    """The holds that stand, the oldest first; the lifted ones too if asked."""
    query = select(LegalHold).order_by(LegalHold.id).execution_options(populate_existing=True)
    if not also_lifted:
        query = query.where(LegalHold.lifted_at.is_(None))
    return [_view(hold) for hold in db.session.scalars(query)]


def standing() -> Standing:
    """What is held now, to ask of many records."""
    now = holds()
    return Standing(
        everything=any(hold.scope == "all" for hold in now),
        persons=frozenset(hold.person_ref for hold in now if hold.person_ref),
        contexts=frozenset(hold.context_ref for hold in now if hold.context_ref),
    )


def problems_of_holds(advance: Callable[[int], None] = lambda _: None) -> Iterator[tuple[str, str]]:
    """(``legal_hold <public id>``, what is wrong) of every hold whose row says otherwise than was sealed when it was placed and
    lifted; for the audit. ``advance`` is told 1 for each looked at."""
    sealed = set(db.session.scalars(select(EvidenceRecord.subject).where(EvidenceRecord.kind == KIND)))
    rows = db.session.scalars(select(LegalHold).order_by(LegalHold.id).execution_options(populate_existing=True)).all()
    for hold in rows:
        for move, subject, record_id, by, reason in (
            ("placed", f"{KIND}:{hold.public_id}", hold.evidence_record_id, hold.placed_by, hold.reason),
            ("lifted", f"{KIND}:{hold.public_id}:lifted", hold.lifted_record_id, hold.lifted_by, hold.lift_reason),
        ):
            if record_id is None:
                continue
            said = get_record(record_id=record_id).body
            if any(said.get(name) != value for name, value in _body(hold, move, by or "", reason or "").items()):
                yield f"{KIND} {hold.public_id}", f"its row is not what was sealed when it was {move}"
            sealed.discard(subject)
        advance(1)
    for left in sorted(subject or "" for subject in sealed):
        yield left.replace(":", " ", 1), "what was sealed of this hold is in no row any more"


def count_holds() -> int:
    """How many holds were ever placed."""
    return db.session.scalar(select(func.count()).select_from(LegalHold)) or 0


def _checked(reason: str) -> str:
    said = reason.strip()
    if not 1 < len(said) <= _LONGEST_REASON:
        raise Invalid("REASON_REQUIRED", f"请用2到{_LONGEST_REASON}个字写明理由。")
    return said


def _seal(hold: LegalHold, move: str, by: str, reason: str, *, subject: str) -> int:
    body = _body(hold, move, by, reason) | {"at_ms": clock.epoch_ms(clock.now())}
    sealed = seal(kind=KIND, body=body, subject=subject, person_ref=hold.person_ref, context_ref=hold.context_ref)
    return sealed.record_id


def _body(hold: LegalHold, move: str, by: str, reason: str) -> dict[str, Any]:
    return {
        "hold": str(hold.public_id),
        "move": move,
        "scope": hold.scope,
        "person": str(hold.person_ref) if hold.person_ref else None,
        "context": str(hold.context_ref) if hold.context_ref else None,
        "by": by,
        "reason": reason,
    }


def _view(hold: LegalHold) -> HoldView:
    return HoldView(
        hold.public_id,
        hold.scope,
        hold.person_ref,
        hold.context_ref,
        hold.reason,
        hold.placed_by,
        hold.placed_at,
        hold.lifted_at,
        hold.lifted_by,
        hold.lift_reason,
    )
