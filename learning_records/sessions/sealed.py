"""Sealed sessions as their tables have them now, beats and check-in included, in the words of their records: for the audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, cast, func, select, type_coerce

from config import clock
from config.database import UuidText, db
from learning_records.sealed_rows import CanonicalText, SealedRow
from learning_records.sessions.sealing import BEAT_COLUMNS, EVIDENCE_KIND, facts_of
from learning_records.sessions.store import BEATS, CHECK_INS, LEARNERS, SESSIONS

LIST_COLUMNS = {
    "beats": BEAT_COLUMNS,
    "checks": ("id", "cause", "outcome", "at_ms", "answer_by_ms", "after_beats"),
    "pieces": ("started_ms", "ended_ms", "media_from_ms", "media_to_ms", "under_check_in"),
    "uncounted": ("code", "started_ms", "ended_ms"),
    "given": ("after_beats", "from_ms", "to_ms"),
}
LEAVE_ARCHIVED = ("beats", "batches")
"""What goes from the tables when the record of a session is archived."""

_AT_ONCE = 500
_NONE = (CanonicalText("[]"), CanonicalText("[]"))


_SEALED = (
    select(
        SESSIONS.c.id,
        type_coerce(SESSIONS.c.public_id, UuidText()).label("public_id"),
        type_coerce(LEARNERS.c.person_ref, UuidText()).label("person_ref"),
        type_coerce(SESSIONS.c.context_ref, UuidText()).label("context_ref"),
        SESSIONS.c.device_ref,
        SESSIONS.c.lesson,
        SESSIONS.c.rules,
        SESSIONS.c.opened_at,
        SESSIONS.c.closed_at,
        SESSIONS.c.close_reason,
        SESSIONS.c.continues_id,
        SESSIONS.c.chain_start,
        SESSIONS.c.chain_head,
        SESSIONS.c.outcome,
        SESSIONS.c.learned_seconds,
        SESSIONS.c.checked_in_seconds,
        SESSIONS.c.evidence_record_id,
    )
    .join(LEARNERS, LEARNERS.c.id == SESSIONS.c.learner_id)
    .where(SESSIONS.c.evidence_record_id.is_not(None))
)


def _in_order() -> Any:
    """The beats of the sessions from ``first`` to ``last``."""
    ordered = select(BEATS).where(BEATS.c.session_id.between(bindparam("first"), bindparam("last")))
    return ordered.order_by(BEATS.c.session_id, BEATS.c.seq).subquery().c


def _written_by_sqlite() -> Any:
    beat = _in_order()
    ends = func.json_group_array(beat.seq).filter(beat.answer.is_not(None))
    beats = func.json_group_array(func.json_array(*(beat[name] for name in BEAT_COLUMNS)))
    return select(beat.session_id, beats, ends).group_by(beat.session_id)


def _written_by_postgresql() -> Any:
    beat = _in_order()
    code = func.replace(func.replace(beat.code, "\\", "\\\\"), '"', '\\"')
    numbers = func.concat_ws(",", *(beat[name] for name in BEAT_COLUMNS[:-1]))
    beats = func.string_agg(func.concat("[", numbers, ',"', code, '"]'), ",")
    ends = func.string_agg(cast(beat.seq, String), ",").filter(beat.answer.is_not(None))
    return select(beat.session_id, func.concat("[", beats, "]"), func.concat("[", ends, "]")).group_by(beat.session_id)


_WRITTEN = {"sqlite": _written_by_sqlite(), "postgresql": _written_by_postgresql()}
"""Session, its beats and the ends of its batches, both as canonical JSON."""


def count_sealed_rows() -> int:
    """How many sessions are sealed."""
    query = select(func.count()).select_from(SESSIONS).where(SESSIONS.c.evidence_record_id.is_not(None))
    return db.session.scalar(query) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next sealed sessions after that id. Lesson and rules are given as their row has them."""
    query = _SEALED.where(SESSIONS.c.id > after_id).order_by(SESSIONS.c.id)
    rows = db.session.execute(query.limit(min(limit, _AT_ONCE))).all()
    if not rows:
        return []
    continues = _public_ids(row.continues_id for row in rows)
    check_ins = _check_ins(row.outcome for row in rows)
    between = {"first": rows[0].id, "last": rows[-1].id}
    written = db.session.execute(_WRITTEN[db.engine.dialect.name], between).all()
    beats = {session_id: (CanonicalText(listed), CanonicalText(ends)) for session_id, listed, ends in written}
    return [
        SealedRow(
            id=row.id,
            name=f"{EVIDENCE_KIND} {row.public_id}",
            subject=f"{EVIDENCE_KIND}:{row.public_id}",
            record_id=row.evidence_record_id,
            body=facts_of(
                row,
                row.outcome | {"check_in": _checked_in(row.outcome, check_ins)},
                lesson=row.lesson,
                rules=row.rules,
                opened_ms=clock.epoch_ms(row.opened_at),
                continues=continues.get(row.continues_id),
                beats=beats.get(row.id, _NONE)[0],
                batches=beats.get(row.id, _NONE)[1],
            ),
        )
        for row in rows
    ]


def _public_ids(ids: Iterable[int | None]) -> Mapping[int | None, UUID]:
    wanted = {inner_id for inner_id in ids if inner_id is not None}
    query = select(SESSIONS.c.id, SESSIONS.c.public_id).where(SESSIONS.c.id.in_(wanted))
    return {row.id: row.public_id for row in db.session.execute(query)} if wanted else {}


def _check_ins(outcomes: Iterable[Mapping[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """The check-ins that outcomes name, as they are sealed, by their public ids."""
    named = {UUID(outcome["check_in"]["id"]) for outcome in outcomes if outcome["check_in"]}
    rows = db.session.execute(select(CHECK_INS).where(CHECK_INS.c.public_id.in_(named))) if named else ()
    return {
        str(row.public_id): {
            "at_ms": clock.epoch_ms(row.checked_in_at),
            "device": row.device_ref,
            "id": str(row.public_id),
            "method": row.method,
        }
        for row in rows
    }


def _checked_in(outcome: Mapping[str, Any], check_ins: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    return check_ins.get(outcome["check_in"]["id"]) if outcome["check_in"] else None
