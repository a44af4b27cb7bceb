"""Closed sessions as the desk seals and banks them, and a check of a sealed body that needs no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from config import clock
from config.database import db
from config.errors import Conflict
from learning_records.sessions import store
from learning_records.sessions.chain import chain_head, chain_start
from learning_records.sessions.rules import Piece
from learning_records.sessions.store import BEATS, LEARNERS, SESSIONS, Session
from learning_records.sessions.views import ClosedSession, reasons_of, sum_by_code

EVIDENCE_KIND = "session"
BEAT_COLUMNS = ("seq", "position_ms", "arrived_ms", "counted_from_ms", "counted_ms", "code")
BEATS_TO_SEAL = select(
    *(BEATS.c[name] for name in BEAT_COLUMNS), BEATS.c.answer.is_not(None).label("ends_batch")
).order_by(BEATS.c.seq)


def closed_unsealed(*, person_ref: UUID | None = None, limit: int = 100) -> list[ClosedSession]:
    """Closed sessions without an evidence record, oldest first, locked; of one person or of all.

    Rows another transaction is sealing right now are left out (PostgreSQL).
    """
    query = store.sessions_where(SESSIONS.c.closed_at.is_not(None), SESSIONS.c.evidence_record_id.is_(None))
    if person_ref is not None:
        query = query.where(LEARNERS.c.person_ref == person_ref)
    query = query.order_by(SESSIONS.c.id).limit(limit).with_for_update(of=SESSIONS, skip_locked=True)
    return [closed_session(store.session_of(row)) for row in db.session.execute(query).all()]


def mark_sealed(*, session_id: UUID, evidence_record_id: int) -> None:
    """Remember which evidence record seals the session. Raises ``Conflict`` SESSION_ALREADY_SEALED."""
    changed = db.session.execute(
        update(SESSIONS)
        .where(SESSIONS.c.public_id == session_id, SESSIONS.c.evidence_record_id.is_(None))
        .values(evidence_record_id=evidence_record_id)
        .returning(SESSIONS.c.id)
    )
    if changed.first() is None:
        raise Conflict("SESSION_ALREADY_SEALED", "这次学习已经存证，不能重复存证。")


def first_opened_at(*, context_ref: UUID, since: datetime) -> datetime | None:
    """When the first session for a class was opened, at or after ``since``, that counted anything; None if there is none."""
    query = select(func.min(SESSIONS.c.opened_at)).where(
        SESSIONS.c.context_ref == context_ref, SESSIONS.c.opened_at >= since, SESSIONS.c.learned_seconds > 0
    )
    opened_at: datetime | None = db.session.scalar(query)
    return opened_at


def closed_session(session: Session) -> ClosedSession:
    """The desk's view of a closed session, with the body to seal."""
    outcome = session.outcome
    assert outcome is not None
    assert session.closed_at is not None
    assert session.close_reason is not None
    continues = _public_id_of(session.continues_id)
    return ClosedSession(
        session_id=session.public_id,
        person_ref=session.person_ref,
        context_ref=session.context_ref,
        device_ref=session.device_ref,
        lesson=session.lesson,
        opened_at=clock.from_epoch_ms(session.opened_ms),
        closed_at=session.closed_at,
        reason=session.close_reason,
        continues=continues,
        counted=tuple(Piece(*item) for item in outcome["pieces"]),
        counted_ms=outcome["counted_ms"],
        uncounted=reasons_of(sum_by_code(outcome["uncounted"]), session.lesson.kind),
        covered_ms=outcome["covered_ms"],
        learned_seconds=session.learned_seconds,
        checked_in_seconds=session.checked_in_seconds,
        completed=outcome["completed"],
        allowance_ms=outcome["allowance_ms"],
        allowance_seconds=outcome["allowance_seconds"],
        allowance_checked_in_seconds=outcome["allowance_checked_in_seconds"],
        evidence_record_id=session.evidence_record_id,
        facts=_facts(session, outcome, continues),
    )


def _public_id_of(inner_id: int | None) -> UUID | None:
    if inner_id is None:
        return None
    public_id: UUID = db.session.execute(select(SESSIONS.c.public_id).where(SESSIONS.c.id == inner_id)).scalar_one()
    return public_id


def _facts(session: Session, outcome: Mapping[str, Any], continues: UUID | None) -> dict[str, Any]:
    beats = db.session.execute(BEATS_TO_SEAL.where(BEATS.c.session_id == session.id)).all()
    return facts_of(
        session,
        outcome,
        lesson=session.lesson.to_dict(),
        rules=session.rules.to_dict(),
        opened_ms=session.opened_ms,
        continues=continues,
        beats=[list(beat[:6]) for beat in beats],
        batches=[beat.seq for beat in beats if beat.ends_batch],
    )


def facts_of(
    session: Any,
    outcome: Mapping[str, Any],
    *,
    lesson: Mapping[str, Any],
    rules: Mapping[str, Any],
    opened_ms: int,
    continues: UUID | None,
    beats: Any,
    batches: Any,
) -> dict[str, Any]:
    """The body to seal: everything needed to recompute chain, counting and sums, pseudonymous. Instants in ms since 1970.

    ``session`` is a ``Session`` or its row. A check is ``[id, cause, outcome, at_ms, answer_by_ms, after_beats]``;
    ``batches`` has the last seq of each batch; ``given`` the media an appeal gave back meanwhile, ``[after_beats, from_ms,
    to_ms]``.
    """
    assert session.closed_at is not None
    return {
        "session": str(session.public_id),
        "person": str(session.person_ref),
        "context": str(session.context_ref) if session.context_ref else None,
        "device": session.device_ref,
        "lesson": lesson,
        "opened_ms": opened_ms,
        "closed_ms": clock.epoch_ms(session.closed_at),
        "close_reason": session.close_reason,
        "continues": str(continues) if continues else None,
        "rules": rules,
        "check_in": outcome["check_in"],
        "chain_start": session.chain_start,
        "chain_head": session.chain_head,
        "beats": beats,
        "batches": batches,
        "before": outcome["before"],
        "given": outcome["given"],
        "checks": outcome["checks"],
        "pieces": outcome["pieces"],
        "uncounted": outcome["uncounted"],
        "counted_ms": outcome["counted_ms"],
        "learned_seconds": session.learned_seconds,
        "checked_in_seconds": session.checked_in_seconds,
        "allowance_ms": outcome["allowance_ms"],
        "allowance_seconds": outcome["allowance_seconds"],
        "allowance_checked_in_seconds": outcome["allowance_checked_in_seconds"],
    }


def problems_of_session_record(body: Mapping[str, Any]) -> list[str]:
    """What does not fit inside a sealed session: chain, order of time, sums. Empty when all fits."""
    problems = []
    start = chain_start(
        session_id=UUID(body["session"]),
        person_ref=UUID(body["person"]),
        lesson_sha256=body["lesson"]["sha256"],
        opened_ms=body["opened_ms"],
    )
    if body["chain_start"] != start:
        problems.append("the chain does not start from this session")
    if chain_head(body["session"], start, ((beat[0], beat[1]) for beat in body["beats"])) != body["chain_head"]:
        problems.append("the chain of beats is broken")
    pieces = [Piece(*item) for item in body["pieces"]]
    if any(piece.ended_ms - piece.started_ms != piece.media_to_ms - piece.media_from_ms for piece in pieces):
        problems.append("a piece counts more than its media")
    if any(after.started_ms < before.ended_ms for before, after in pairwise(pieces)):
        problems.append("pieces overlap in wall time")
    if sum(piece.counted_ms for piece in pieces) != body["counted_ms"]:
        problems.append("the sum of the pieces differs")
    if body["continues"] is None and any(not _backed(piece, body["beats"]) for piece in pieces):
        problems.append("a piece is not backed by beats")
    return problems


def _backed(piece: Piece, beats: list[list[Any]]) -> bool:
    counted: int = sum(
        max(0, min(piece.ended_ms, beat[3] + beat[4]) - max(piece.started_ms, beat[3])) for beat in beats if beat[4]
    )
    return counted == piece.counted_ms


def beats_behind(body: Mapping[str, Any], at_ms: int) -> list[list[Any]]:
    """The beats of a sealed session that counted the wall instant ``at_ms`` (one, or none): trace of a credited second.

    A beat is ``[seq, position_ms, arrived_ms, counted_from_ms, counted_ms, code]``. After midnight the beats may stand in
    the record of the session that ``continues`` names.
    """
    if not any(piece[0] <= at_ms < piece[1] for piece in body["pieces"]):
        return []
    return [beat for beat in body["beats"] if beat[3] <= at_ms < beat[3] + beat[4]]
