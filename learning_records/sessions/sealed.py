"""Sealed sessions as their tables have them now, beats and check-in included, in the words of their records: for the audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from config import clock
from config.database import db
from learning_records.sealed_rows import SealedRow
from learning_records.sessions import store
from learning_records.sessions.sealing import BEAT_COLUMNS, BEATS_TO_SEAL, EVIDENCE_KIND, facts_of
from learning_records.sessions.store import BEATS, CHECK_INS, SESSIONS

LIST_COLUMNS = {
    "beats": BEAT_COLUMNS,
    "checks": ("id", "cause", "outcome", "at_ms", "answer_by_ms", "after_beats"),
    "pieces": ("started_ms", "ended_ms", "media_from_ms", "media_to_ms", "under_check_in"),
    "uncounted": ("code", "started_ms", "ended_ms"),
    "given": ("after_beats", "from_ms", "to_ms"),
}
LEAVE_ARCHIVED = ("beats", "batches")
"""What goes from the tables when the record of a session is archived."""

_AT_ONCE = 200


def count_sealed_rows() -> int:
    """How many sessions are sealed."""
    query = select(func.count()).select_from(SESSIONS).where(SESSIONS.c.evidence_record_id.is_not(None))
    return db.session.scalar(query) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next sealed sessions after that id."""
    query = store.sessions_where(SESSIONS.c.id > after_id, SESSIONS.c.evidence_record_id.is_not(None))
    rows = db.session.execute(query.order_by(SESSIONS.c.id).limit(min(limit, _AT_ONCE))).all()
    if not rows:
        return []
    continues = _public_ids(row.continues_id for row in rows)
    check_ins = _check_ins(row.outcome for row in rows)
    beats: dict[int, list[Any]] = defaultdict(list)
    for beat in db.session.execute(BEATS_TO_SEAL.where(BEATS.c.session_id.between(rows[0].id, rows[-1].id))):
        beats[beat[0]].append(beat)
    sealed = []
    for row in rows:
        session = store.session_of(row)
        outcome = row.outcome | {"check_in": _checked_in(row.outcome, check_ins)}
        sealed.append(
            SealedRow(
                id=row.id,
                name=f"{EVIDENCE_KIND} {row.public_id}",
                subject=f"{EVIDENCE_KIND}:{row.public_id}",
                record_id=row.evidence_record_id,
                body=facts_of(session, outcome, continues.get(row.continues_id), beats[row.id]),
            )
        )
    return sealed


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
