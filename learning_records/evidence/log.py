"""The log as doors and jobs see it: checkpoints, tiles, entry bundles, proofs, and the work of the sequencer.

Everything read here stands under a recorded checkpoint: what is not signed yet is not there yet. Formats: C2SP tlog-tiles,
tlog-checkpoint, tlog-proof. Words of this module: an *index* counts entries from 0, a *size* is how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from config.database import db
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence import tiles
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord, LogCheckpoint
from learning_records.evidence.proofs import Proof
from learning_records.evidence.restarting import Restarted, keep_checkpoint, restart
from learning_records.evidence.sequencer import (
    RESTARTED,
    LogRefused,
    configure,
    configured,
    integrate,
    last_recorded,
    sequence,
    sign,
)
from learning_records.evidence.tree import (
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    ProofError,
    TileError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "RESTARTED",
    "CheckpointView",
    "LogRefused",
    "Proof",
    "Restarted",
    "catch_up",
    "checkpoint_at",
    "configure",
    "consistency",
    "entry_bundle",
    "inclusion",
    "integrate",
    "keep_checkpoint",
    "latest_checkpoint",
    "restart",
    "sequence",
    "sign",
    "tile",
    "verifier_keys",
]


@dataclass(frozen=True)
class CheckpointView:
    """A recorded checkpoint: ``root`` has 32 bytes, ``note`` is the signed text as it was published."""

    origin: str
    size: int
    root: bytes
    note: str


def catch_up() -> None:
    """Sequence what waits before records are packed (not a service: doors call it).

    Where the log refuses to go on, what it signed already can be packed all the same; why it refuses is the operator's to
    know, and the job tells him.
    """
    try:
        sequence()
    except LogRefused:
        db.session.rollback()


def latest_checkpoint() -> CheckpointView | None:
    """The newest checkpoint of this log; None before the first."""
    found = last_recorded(configured().origin)
    return None if found is None else _view(found)


def checkpoint_at(size: int) -> CheckpointView:
    """The checkpoint signed at exactly that size. Raises ``NotFound`` LOG_CHECKPOINT_NOT_FOUND."""
    found = db.session.scalars(
        select(LogCheckpoint).where(LogCheckpoint.origin == configured().origin, LogCheckpoint.tree_size == size)
    ).first()
    if found is None:
        raise NotFound("LOG_CHECKPOINT_NOT_FOUND", f"日志在{size}条时没有签过检查点，请用已公布的检查点里的条数。")
    return _view(found)


def tile(level: int, number: int, width: int = TILE_WIDTH) -> bytes:
    """The first ``width`` hashes of a tile, concatenated. Raises ``NotFound`` LOG_TILE_NOT_FOUND."""
    _refuse_unsigned(level, number, width)
    hashes = tiles.read([(level, number)]).get((level, number), b"")
    if len(hashes) < width * HASH_BYTES:
        raise _damaged()
    return hashes[: width * HASH_BYTES]


def entry_bundle(number: int, width: int = TILE_WIDTH) -> bytes:
    """The first ``width`` entries under tile ``number`` of level 0, each behind its length (two bytes, big-endian).

    Raises ``NotFound`` LOG_TILE_NOT_FOUND.
    """
    _refuse_unsigned(0, number, width)
    first = number * TILE_WIDTH
    entries = db.session.scalars(
        select(EvidenceEntry.entry)
        .where(EvidenceEntry.log_index >= first, EvidenceEntry.log_index < first + width)
        .order_by(EvidenceEntry.log_index)
    ).all()
    if len(entries) != width:
        raise _damaged()
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def inclusion(record_public_id: UUID, *, checkpoint: CheckpointView | None = None) -> Proof:
    """The proof that a record's entry stands under ``checkpoint``, or under the newest one.

    Raises ``NotFound`` EVIDENCE_NOT_FOUND, ``Conflict`` NOT_YET_IN_LOG, ``LogRefused`` LOG_DAMAGED when the tiles no longer
    lead to the checkpoint.
    """
    row = db.session.execute(
        select(EvidenceEntry.log_index, EvidenceEntry.entry)
        .join(EvidenceRecord, EvidenceRecord.id == EvidenceEntry.record_id)
        .where(EvidenceRecord.public_id == record_public_id)
    ).one_or_none()
    if row is None:
        raise NotFound("EVIDENCE_NOT_FOUND", "没有找到这份存证记录，请核对存证编号。")
    index, entry = row
    checkpoint = checkpoint or latest_checkpoint()
    if index is None or checkpoint is None or index >= checkpoint.size:
        raise Conflict("NOT_YET_IN_LOG", "这份记录刚刚存证，还没有进入签名的日志，请过几秒再试。")
    return _proof(index, leaf_hash(entry), checkpoint)


def _proof(index: int, leaf: bytes, checkpoint: CheckpointView) -> Proof:
    try:
        hashes = inclusion_proof(index, checkpoint.size, tiles.read)
        verify_inclusion(index=index, size=checkpoint.size, leaf=leaf, proof=hashes, root=checkpoint.root)
    except (TileError, ProofError) as error:
        raise _damaged() from error
    return Proof(index, tuple(hashes), checkpoint.note)


def consistency(first: int, second: int) -> list[bytes]:
    """The proof that the log of ``second`` entries only added to that of ``first``.

    Raises ``Invalid`` LOG_SIZES_REFUSED unless 0 < first ≤ second ≤ what is signed, ``LogRefused`` LOG_DAMAGED.
    """
    signed = latest_checkpoint()
    if signed is None or not 0 < first <= second <= signed.size:
        most = 0 if signed is None else signed.size
        raise Invalid("LOG_SIZES_REFUSED", f"两个条数须从小到大，并且在1和已签名的{most}之间。")
    try:
        hashes = consistency_proof(first, second, tiles.read)
        verify_consistency(
            first=first,
            second=second,
            first_root=root_of(first, tiles.read),
            second_root=signed.root if second == signed.size else root_of(second, tiles.read),
            proof=hashes,
        )
    except (TileError, ProofError) as error:
        raise _damaged() from error
    return hashes


def verifier_keys() -> list[str]:
    """The verifier keys of this log: those that sign now first, then the retired ones."""
    return [verifier.vkey for verifier in configured().verifiers]


def _view(row: LogCheckpoint) -> CheckpointView:
    return CheckpointView(row.origin, row.tree_size, row.root, row.note)


def _refuse_unsigned(level: int, number: int, width: int) -> None:
    signed = latest_checkpoint()
    known = level >= 0 and number >= 0 and 0 < width <= TILE_WIDTH and level < TILE_HEIGHT
    if not known or signed is None or signed.size >> (TILE_HEIGHT * level) < number * TILE_WIDTH + width:
        raise NotFound("LOG_TILE_NOT_FOUND", "日志里没有这一块，或者还没有签名，请按最新检查点的条数来取。")


def _damaged() -> LogRefused:
    return LogRefused(
        "LOG_DAMAGED",
        "日志的数据与已签名的检查点不一致：数据库被改动过。请管理员运行 flask evidence audit 查出第一处不符。",
    )
