"""A receipt followed to its end: receipt → sealed record → log entry → checkpoint.

Whoever holds a receipt may ask; it names a session and nobody. Each answer comes with a statement under our signature. Of a
session that is gone, receipt and statement together prove that it was here: both are signed, and they cannot both be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from config import clock
from config.crypto import canonical_json, sign
from config.database import db
from config.errors import Conflict, NotFound
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.log import LogRefused, Proof
from learning_records.evidence.models import EvidenceRecord
from learning_records.evidence.services import RecordView
from learning_records.sessions.chain import chain_head
from learning_records.sessions.receipts import ReadReceipt, read_receipt
from learning_records.sessions.sealing import EVIDENCE_KIND
from learning_records.sessions.store import BEATS, SESSIONS
from learning_records.sessions.views import Receipt

STATEMENT = "chuangke-statement@1"
OPEN, SEALED, ERASED, LATE, VANISHED, CONTRADICTED = "open", "sealed", "erased", "late", "vanished", "contradicted"
SENTENCES = {
    OPEN: "这次学习已记录，还没有封存；过了回执承诺的时间可以再来查。",
    SEALED: "这次学习已封存入日志，内容与回执一致。",
    ERASED: "这次学习已封存入日志；内容已按保存期限销毁，只剩日志条目，不能再与回执逐条核对。",
    LATE: "已过承诺的时间，这次学习还没有封存进日志。请联系办理单位，并保存好回执和本声明。",
    VANISHED: "没有找到回执所说的学习记录。回执和本声明都有签名，合在一起就是记录缺失的证明，请保存好并向主管部门反映。",
    CONTRADICTED: "保存的记录与回执不一致。回执和本声明都有签名，合在一起就是记录被改动的证明，请保存好并向主管部门反映。",
}
PROBLEMS = {
    "OTHER_SESSION": "存证属于另一次学习",
    "RECORD_CHANGED": "存证内容与日志中的承诺不符",
    "NOT_IN_LOG": "日志里没有这份存证的条目",
    "BEATS_MISSING": "回执所说的心跳不在记录里",
    "CHAIN_DIFFERS": "心跳链与回执不符",
}


@dataclass(frozen=True)
class Statement:
    """What was answered, signed like a receipt: canonical JSON, Ed25519, base64."""

    payload: str
    signature: str
    key_id: str


@dataclass(frozen=True)
class Followed:
    """Where a receipt leads. ``outcome``: ``open``, ``sealed``, ``erased`` (destroyed when its time was over, so that its
    entry alone is left), ``late``, ``vanished`` or ``contradicted``.

    ``record`` is None while nothing is sealed; ``proof`` for the second or two until its entry is under a checkpoint.
    """

    outcome: str
    sentence: str
    receipt: ReadReceipt
    record: RecordView | None
    proof: Proof | None
    problems: tuple[str, ...]
    statement: Statement


def follow_receipt(*, receipt: Receipt) -> Followed:
    """Follow a receipt. Writes nothing. Raises ``Invalid`` RECEIPT_NOT_OURS for what we did not sign as a receipt."""
    read, now = read_receipt(receipt), clock.now()
    record, session = _record_of(read.session_id), _session_of(read.session_id)
    in_time = now <= read.sealed_by
    proof, problems = None, []
    if record is not None:
        problems = _against_record(read, record)
        proof, refused = _proof_of(record.public_id)
        problems += refused
        outcome = SEALED if record.erased is None else ERASED
        if proof is None and not in_time:
            outcome = LATE
    elif session is None or session.evidence_record_id is not None:
        outcome = VANISHED
    else:
        problems = _against_beats(read, session)
        outcome = OPEN if in_time else LATE
    if problems:
        outcome = CONTRADICTED
    return Followed(
        outcome=outcome,
        sentence=SENTENCES[outcome],
        receipt=read,
        record=record,
        proof=proof,
        problems=tuple(problems),
        statement=_statement(outcome, read, record, proof, problems, now),
    )


def _session_of(session_id: UUID) -> Any:
    return db.session.execute(
        select(SESSIONS.c.id, SESSIONS.c.chain_start, SESSIONS.c.evidence_record_id).where(
            SESSIONS.c.public_id == session_id
        )
    ).one_or_none()


def _record_of(session_id: UUID) -> RecordView | None:
    """The record that seals the session: by its subject, which nobody can change, or as the session's row says."""
    by_subject = select(EvidenceRecord.id).where(
        EvidenceRecord.kind == EVIDENCE_KIND, EvidenceRecord.subject == f"{EVIDENCE_KIND}:{session_id}"
    )
    by_row = select(SESSIONS.c.evidence_record_id).where(SESSIONS.c.public_id == session_id)
    record_id = db.session.scalar(by_subject) or db.session.scalar(by_row)
    if record_id is None:
        return None
    try:
        return evidence.get_record(record_id=record_id)
    except NotFound:
        return None


def _against_record(read: ReadReceipt, record: RecordView) -> list[str]:
    """What of a sealed record does not fit the receipt. Of an erased body nothing is left that could differ."""
    if not record.intact:
        return ["RECORD_CHANGED"]  # whatever it says now, it is not what was sealed
    if record.erased is not None:
        return []
    body = record.body
    if body["session"] != str(read.session_id):
        return ["OTHER_SESSION"]
    beats = body["beats"][: read.seq]
    if len(beats) < read.seq:
        return ["BEATS_MISSING"]
    head = chain_head(body["session"], body["chain_start"], ((beat[0], beat[1]) for beat in beats))
    return [] if head == read.chain_head else ["CHAIN_DIFFERS"]


def _against_beats(read: ReadReceipt, session: Any) -> list[str]:
    """What of a session that is not sealed yet does not fit the receipt."""
    head = session.chain_start
    if read.seq:
        head = db.session.scalar(select(BEATS.c.hash).where(BEATS.c.session_id == session.id, BEATS.c.seq == read.seq))
    if head is None:
        return ["BEATS_MISSING"]
    return [] if head == read.chain_head else ["CHAIN_DIFFERS"]


def _proof_of(record_id: UUID) -> tuple[Proof | None, list[str]]:
    """The proof that the record's entry is in the log, None while it waits; and what is wrong if the log denies it."""
    try:
        return log.inclusion(record_id), []
    except LogRefused:
        return None, ["NOT_IN_LOG"]
    except Conflict:  # NOT_YET_IN_LOG
        return None, []


def _statement(
    outcome: str,
    read: ReadReceipt,
    record: RecordView | None,
    proof: Proof | None,
    problems: Sequence[str],
    now: datetime,
) -> Statement:
    checkpoint = log.latest_checkpoint()
    payload = canonical_json(
        {
            "at": now.isoformat(timespec="milliseconds"),
            "certificate": None if record is None or record.erased is None else str(record.erased.certificate_id),
            "checkpoint": None if checkpoint is None else checkpoint.note,
            "format": STATEMENT,
            "found": record is not None,
            "index": None if proof is None else proof.index,
            "leaf": None if record is None else record.leaf_hash,
            "outcome": outcome,
            "problems": list(problems),
            "receipt": read.sha256,
            "record": None if record is None else str(record.public_id),
            "sealed_by": read.sealed_by.isoformat(timespec="milliseconds"),
            "seq": read.seq,
            "session": str(read.session_id),
        }
    )
    signature = sign(payload)
    return Statement(payload.decode(), signature.signature_b64, signature.key_id)
