"""The sequencer: gives entries their place in the log, grows the tiles, signs checkpoints, and refuses to contradict one.

Whoever holds the lock on the one row of ``log_sequencer`` does the work; when that process dies, the database frees the
lock and the next one goes on. A checkpoint is written to the file outside before the transaction that records it commits,
and only for entries whose places are committed: so nothing is served that the file does not know, and the file knows nothing
that the database could still lose to a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import bindparam, select, update

from config import clock
from config.database import db, transaction
from config.errors import Conflict
from learning_records.evidence import outside, tiles
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord, LogCheckpoint, LogSequencer
from learning_records.evidence.notes import Checkpoint, NoteError, Signer, Verifier, sign_note
from learning_records.evidence.outside import Kept
from learning_records.evidence.tree import (
    ProofError,
    TileError,
    consistency_proof,
    grown,
    leaf_hash,
    root_of,
    verify_consistency,
)

_log = structlog.get_logger("log")
RESTARTED = "log_restarted"


class LogRefused(Conflict):
    """The log does not go on, because what lies in the database contradicts what was signed."""


@dataclass(frozen=True)
class LogSettings:
    """Which log this is, who signs it, whose signatures hold, and where its last checkpoint is kept."""

    origin: str
    signers: tuple[Signer, ...]
    verifiers: tuple[Verifier, ...]
    folder: Path


_settings: LogSettings | None = None
_reported: set[int] = set()  # entries that stay out, each said once


def configure(*, origin: str, signers: Sequence[Signer], retired: Sequence[str], folder: Path) -> None:
    """Take the log into use: called once by ``app.py``. While keys change there are two ``signers``; ``retired`` are the
    verifier keys of earlier ones. Raises ``NoteError`` for a verifier key that is none."""
    global _settings
    _reported.clear()
    verifiers = [*(signer.verifier for signer in signers), *(Verifier.parse(vkey) for vkey in retired)]
    _settings = LogSettings(origin, tuple(signers), tuple(dict.fromkeys(verifiers)), folder)


def configured() -> LogSettings:
    """What ``configure`` was given."""
    if _settings is None:
        raise RuntimeError("log.configure(…) was not called; app.py does this")
    return _settings


def sequence(*, limit: int = 10_000) -> int:
    """Integrate what waits and sign it, in two transactions of its own (not a service: jobs and doors call it).

    Returns how many entries entered the log. Raises ``LogRefused`` as ``sign``.
    """
    if not _has_work():
        db.session.rollback()  # ends the reading transaction; nothing was written
        return 0
    integrated = transaction(lambda: integrate(limit=limit))
    transaction(sign)
    return integrated


def integrate(*, limit: int = 10_000) -> int:
    """Give up to ``limit`` waiting entries the next places and grow the tiles. 0 while another process does it.

    An entry that does not hash to its leaf was changed in the database: it stays out and is reported. Raises ``LogRefused``
    as ``sign``.
    """
    if not _locked():
        return 0
    size = size_in_step()
    _refuse_contradiction(size)
    waiting = db.session.execute(
        select(EvidenceEntry.id, EvidenceEntry.entry, EvidenceEntry.leaf_hash)
        .where(EvidenceEntry.log_index.is_(None))
        .order_by(EvidenceEntry.id)
        .limit(limit)
    ).all()
    ids, leaves = [], []
    for entry_id, entry, stored_leaf in waiting:
        leaf = leaf_hash(entry)
        if leaf.hex() == stored_leaf:
            ids.append(entry_id)
            leaves.append(leaf)
        elif entry_id not in _reported:
            _reported.add(entry_id)
            _log.error("an entry was changed before it entered the log; it stays out", evidence_entry=entry_id)
    if ids:
        place(ids, leaves, size=size)
    return len(ids)


def place(entry_ids: Sequence[int], leaves: Sequence[bytes], *, size: int) -> None:
    """Give these entries the places behind the first ``size`` and grow the tiles; the caller holds the lock."""
    db.session.connection().execute(
        update(EvidenceEntry).where(EvidenceEntry.id == bindparam("entry_id")).values(log_index=bindparam("place")),
        [{"entry_id": entry_id, "place": size + offset} for offset, entry_id in enumerate(entry_ids)],
    )
    tiles.write(grown(size, leaves, tiles.read), size_before=size)


def sign() -> Checkpoint | None:
    """Sign the tree as it stands, keep the checkpoint outside, then record it; None when there is nothing new to sign.

    Raises ``LogRefused``: LOG_BEHIND_CHECKPOINT, LOG_AGAINST_CHECKPOINT, LOG_CHECKPOINT_MISSING, LOG_CHECKPOINT_UNREADABLE,
    LOG_ORIGIN_CHANGED, LOG_DAMAGED.
    """
    if not _locked():
        return None
    settings, size = configured(), size_in_step()
    last = _refuse_contradiction(size)
    if size == 0 or (last is not None and last.tree_size == size):
        return None
    checkpoint = Checkpoint(settings.origin, size, root_of(size, tiles.read))
    note = sign_note(checkpoint.text, settings.signers)
    outside.write(settings.folder, settings.origin, note)
    db.session.add(
        LogCheckpoint(origin=settings.origin, tree_size=size, root=checkpoint.root, note=note, signed_at=clock.now())
    )
    db.session.flush()
    return checkpoint


def last_recorded(origin: str) -> LogCheckpoint | None:
    """The newest checkpoint of that log in the database."""
    return db.session.scalars(
        select(LogCheckpoint).where(LogCheckpoint.origin == origin).order_by(LogCheckpoint.tree_size.desc()).limit(1)
    ).first()


def kept_outside() -> Kept | None:
    """The checkpoint kept outside, None when there is none. Raises ``LogRefused`` LOG_CHECKPOINT_UNREADABLE."""
    settings = configured()
    try:
        return outside.read(settings.folder, settings.origin, settings.verifiers)
    except (NoteError, OSError) as error:
        place = outside.path_of(settings.folder, settings.origin)
        raise LogRefused(
            "LOG_CHECKPOINT_UNREADABLE",
            f"数据库外保存的检查点 {place} 读不出来（{error}）。如果换过日志密钥，请把旧的验证公钥写入 log_retired_verifiers；"
            "否则请从最后签名的那台机器复制这个文件。在此之前日志不再签名。",
        ) from error


def _locked() -> bool:
    """Take the one row; False while another process has it (PostgreSQL; SQLite lets one writer in anyway)."""
    return db.session.scalar(select(LogSequencer.id).with_for_update(skip_locked=True)) is not None


def size_in_step() -> int:
    """How many entries the log has, by its tiles and its entries alike. Raises ``LogRefused`` LOG_DAMAGED."""
    size, entries = tiles.tree_size(), tiles.entries_size()
    if size != entries:
        raise LogRefused(
            "LOG_DAMAGED",
            f"日志的瓦片有{size}条，存证表里有{entries}条：数据库被改动过。"
            "请运行 flask evidence audit 查出第一处不符，日志不再签名。",
        )
    return size


def _refuse_contradiction(size: int) -> LogCheckpoint | None:
    """Hold the tree of ``size`` leaves against what was signed before; the newest recorded checkpoint of this log."""
    origin = configured().origin
    kept, last = kept_outside(), last_recorded(origin)
    if kept is None and last is not None:
        raise LogRefused(
            "LOG_CHECKPOINT_MISSING",
            f"数据库里有日志 {origin} 的检查点，但数据库外没有保存。请从最后签名的那台机器复制 log 目录，或用 "
            "flask evidence keep-checkpoint 存入任何人手里最新的检查点；在此之前日志不再签名。",
        )
    if kept is None and last is None and _belongs_to_another(origin):
        raise LogRefused(
            "LOG_ORIGIN_CHANGED",
            f"设置里的日志名称 log_origin 变成了 {origin}，而数据库里的日志是另一个名称。如果是写错了，请改回来；"
            "如果是恢复备份后另起新日志，请运行 flask evidence restart-log。",
        )
    signed = [] if kept is None else [kept.checkpoint]
    if last is not None:
        signed.append(Checkpoint(origin, last.tree_size, last.root))
    for checkpoint in dict.fromkeys(signed):
        _refuse_unless_it_continues(checkpoint, size)
    return last


def _refuse_unless_it_continues(signed: Checkpoint, size: int) -> None:
    if size < signed.size:
        raise LogRefused(
            "LOG_BEHIND_CHECKPOINT",
            f"数据库里的日志只有{size}条，而已经签名公布的检查点是{signed.size}条：数据库像是从较早的备份恢复的。"
            "请先找回缺的数据；确实找不回来，再按 README“恢复备份之后”用新名称另起日志。在此之前日志不再签名。",
        )
    try:
        if root_of(signed.size, tiles.read) != signed.root:
            raise ProofError("another root")
        if 0 < signed.size < size:
            verify_consistency(
                first=signed.size,
                second=size,
                first_root=signed.root,
                second_root=root_of(size, tiles.read),
                proof=consistency_proof(signed.size, size, tiles.read),
            )
    except (TileError, ProofError) as error:
        raise LogRefused(
            "LOG_AGAINST_CHECKPOINT",
            f"数据库里的日志与已经签名公布的{signed.size}条的检查点不一致：数据库被改动过，或恢复备份后又写入了别的记录。"
            "请运行 flask evidence audit 查出第一处不符，并按 README“恢复备份之后”处理。在此之前日志不再签名。",
        ) from error


def _belongs_to_another(origin: str) -> bool:
    """Whether this database was the log of another origin and nobody said that it now goes on under this one."""
    restarted = select(EvidenceRecord.id).where(EvidenceRecord.kind == RESTARTED, EvidenceRecord.subject == origin)
    return db.session.scalar(select(LogCheckpoint.id).limit(1)) is not None and db.session.scalar(restarted) is None


def _has_work() -> bool:
    """Whether entries wait, or the tree, the recorded and the kept checkpoint are not all at the same size."""
    if db.session.scalar(select(EvidenceEntry.id).where(EvidenceEntry.log_index.is_(None)).limit(1)) is not None:
        return True
    size, last, kept = tiles.tree_size(), last_recorded(configured().origin), kept_outside()
    if last is None or kept is None:
        return size > 0 or kept is not None
    return not last.tree_size == kept.checkpoint.size == size or last.root != kept.checkpoint.root
