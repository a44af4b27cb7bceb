"""A batch of beats at the door: which of them are new, whether they fit the chain, and keeping them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from config.database import db
from config.errors import Conflict, Invalid
from learning_records.sessions.chain import beat_hash
from learning_records.sessions.counting import Judgement
from learning_records.sessions.rules import BeatIn
from learning_records.sessions.store import BEATS, Session
from learning_records.sessions.stored_answers import answer_from_json, answer_to_json
from learning_records.sessions.views import BeatsAnswer

_INSERT_BEATS = insert(BEATS)


def new_beats(session: Session, beats: Sequence[BeatIn]) -> Sequence[BeatIn]:
    """The beats not known yet, after checking all of them: size, range, order, chain, and the known ones' content."""
    rules = session.rules
    if not 0 < len(beats) <= rules.batch_limit_beats:
        raise Invalid("BATCH_SIZE", f"一次只能上传1到{rules.batch_limit_beats}条学习记录，请分几次上传。")
    latest = session.lesson.media_ms + rules.end_tolerance_ms
    for beat in beats:
        if not 0 <= beat.position_ms <= latest:
            raise Invalid(
                "POSITION_OUT_OF_RANGE",
                "播放位置超出了课程的长度，请重新打开课程再学习。",
                errors=[{"seq": beat.seq, "position_ms": beat.position_ms, "largest": latest}],
            )
    first = beats[0].seq
    if first < 1 or first > session.next_seq:
        raise _seq_expected(session.next_seq, session.chain_head)
    if first == session.next_seq:
        _check_chain(session, beats, session.chain_head)
        return beats
    return _after_known(session, beats)


def _check_chain(session: Session, beats: Sequence[BeatIn], prev: str) -> None:
    name = str(session.public_id)
    for offset, beat in enumerate(beats):
        if beat.seq != beats[0].seq + offset or beat.prev != prev:
            raise _seq_expected(beats[0].seq + offset, prev)
        prev = beat_hash(name, beat.seq, beat.position_ms, prev)


def _after_known(session: Session, beats: Sequence[BeatIn]) -> Sequence[BeatIn]:
    """Compare beats that were recorded before; the rest must go on from the chain's head."""
    first, last = beats[0].seq, min(beats[-1].seq, session.next_seq - 1)
    stored = {
        row.seq: row
        for row in db.session.execute(
            select(BEATS.c.seq, BEATS.c.position_ms, BEATS.c.hash).where(
                BEATS.c.session_id == session.id, BEATS.c.seq.between(first - 1, last)
            )
        )
    }
    if len(stored) < last - max(first - 1, 1) + 1:
        raise Conflict("SESSION_ARCHIVED", "这次学习早已结束，记录已经归档，手机上保存的播放记录不用再上传。")
    prev = session.chain_start if first == 1 else stored[first - 1].hash
    for offset, beat in enumerate(beats):
        seq = first + offset
        if beat.seq != seq:
            raise _seq_expected(seq, prev)
        if seq == session.next_seq:
            _check_chain(session, beats[offset:], prev)
            return beats[offset:]
        if beat.prev != prev or beat.position_ms != stored[seq].position_ms:
            raise Conflict(
                "BEAT_CHANGED",
                "这条学习记录和已经保存的不一样，原来的记录没有改动。请重新打开课程继续学习。",
                errors=[{"seq": seq}],
            )
        prev = stored[seq].hash
    return []


def _seq_expected(seq: int, prev: str) -> Conflict:
    return Conflict(
        "SEQ_EXPECTED",
        "学习记录的顺序接不上，请从服务器提示的序号重新上传。",
        errors=[{"expected_seq": seq, "expected_prev": prev}],
    )


def store_beats(
    session: Session,
    beats: Sequence[BeatIn],
    heads: Sequence[str],
    judgement: Judgement,
    now_ms: int,
    answer: BeatsAnswer,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "session_id": session.id,
            "seq": beat.seq,
            "position_ms": beat.position_ms,
            "arrived_ms": now_ms,
            "counted_from_ms": verdict.counted_from_ms,
            "counted_ms": verdict.counted_ms,
            "code": verdict.code,
            "hash": head,
            "answer": None,
        }
        for beat, head, verdict in zip(beats, heads, judgement.verdicts, strict=True)
    ]
    rows[-1]["answer"] = answer_to_json(answer)
    db.session.execute(_INSERT_BEATS, rows)


def stored_answer(session: Session, seq: int) -> BeatsAnswer:
    """The answer the batch with beat ``seq`` was given."""
    answer = db.session.execute(
        select(BEATS.c.answer)
        .where(BEATS.c.session_id == session.id, BEATS.c.seq >= seq, BEATS.c.answer.is_not(None))
        .order_by(BEATS.c.seq)
        .limit(1)
    ).scalar_one()
    return answer_from_json(answer)
