"""The ways out when the log refuses to go on: give it back its checkpoint, or begin a new log and say so in it.

A log that lost entries it had signed for (a restored backup) cannot go on under its name: somebody holds a checkpoint that
it could only contradict. So what is left goes on under a new origin, and the first entry that the new log adds says from
which log it comes and which checkpoint of that log is lost. Services: they flush, never commit.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from config import clock
from config.database import db
from config.errors import Conflict, Invalid
from learning_records.evidence import outside, tiles
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord, LogCheckpoint, LogSequencer
from learning_records.evidence.notes import Checkpoint, NoteError, Verifier, open_checkpoint
from learning_records.evidence.outside import Kept
from learning_records.evidence.sequencer import (
    RESTARTED,
    LogRefused,
    configured,
    last_recorded,
    place,
    size_in_step,
)
from learning_records.evidence.services import SealedRecord, seal
from learning_records.evidence.tree import TILE_BYTES, Place, grown

_BATCH = 10_000


@dataclass(frozen=True)
class Restarted:
    """What a new log begins with: the sealed record, the log it goes on from, and how many of its entries it still has."""

    record: SealedRecord
    former_origin: str
    former_checkpoint: Checkpoint | None
    kept_size: int


def restart(*, origin: str, reason: str, former: str | None = None) -> Restarted:
    """Begin the log ``origin``, which the settings name already, with what the database has of ``former``.

    ``former`` is the origin of the newest checkpoint in the database, unless given. Raises ``Invalid`` LOG_ORIGIN_NOT_SET,
    LOG_REASON_MISSING, LOG_FORMER_UNKNOWN, ``Conflict`` LOG_ALREADY_STARTED, ``LogRefused`` LOG_DAMAGED when tiles and
    entries disagree, LOG_CHECKPOINT_UNREADABLE.
    """
    settings = configured()
    if origin != settings.origin:
        raise Invalid(
            "LOG_ORIGIN_NOT_SET",
            f"设置里的 log_origin 是 {settings.origin}，不是 {origin}。请先改好设置，并让所有进程都用它启动。",
        )
    if not reason.strip():
        raise Invalid("LOG_REASON_MISSING", "请写明为什么要另起新日志，这句话会写进新日志。")
    _lock()
    begun = outside.path_of(settings.folder, origin).exists()  # perhaps in a database that was put back since
    if begun or last_recorded(origin) is not None or _restarted(origin):
        raise Conflict("LOG_ALREADY_STARTED", f"日志 {origin} 已经开始，请换一个从未用过的名称。")
    former = former or _newest_origin()
    if former is None or former == origin:
        raise Invalid("LOG_FORMER_UNKNOWN", "数据库里没有先前日志的检查点，请用 --former 写明先前日志的名称。")
    kept = _kept_of(former)
    size = size_in_step()
    _refuse_damaged_tiles(size)
    record = seal(
        kind=RESTARTED,
        subject=origin,
        body={
            "origin": origin,
            "former_origin": former,
            "former_checkpoint": None if kept is None else kept.note,
            "kept_size": size,
            "reason": reason.strip(),
            "at_ms": clock.epoch_ms(clock.now()),
        },
    )
    entry_id = db.session.scalar(select(EvidenceEntry.id).where(EvidenceEntry.record_id == record.record_id))
    assert entry_id is not None
    place([entry_id], [bytes.fromhex(record.leaf_hash)], size=size)
    return Restarted(record, former, None if kept is None else kept.checkpoint, size)


def keep_checkpoint(note: str) -> Checkpoint:
    """Keep outside a checkpoint of this log that somebody else still has, when ours was lost or is older.

    Raises ``Invalid`` LOG_CHECKPOINT_NOT_OURS, ``Conflict`` LOG_CHECKPOINT_OLDER, LOG_CHECKPOINT_CONTRADICTS: two
    databases have signed under this name, and the checkpoint is the proof of it.
    """
    settings = configured()
    try:
        given = open_checkpoint(note, settings.verifiers, origin=settings.origin)
    except NoteError as error:
        raise Invalid("LOG_CHECKPOINT_NOT_OURS", f"这不是日志 {settings.origin} 签名的检查点（{error}）。") from error
    _lock()
    last = last_recorded(settings.origin)
    signed = [] if last is None else [Checkpoint(settings.origin, last.tree_size, last.root)]
    try:
        kept = outside.read(settings.folder, settings.origin, settings.verifiers)
    except NoteError:
        kept = None  # what nobody can read is replaced
    if kept is not None:
        signed.append(kept.checkpoint)
    known = max((checkpoint.size for checkpoint in signed), default=0)
    if given.size < known:
        raise Conflict("LOG_CHECKPOINT_OLDER", f"已知的检查点有{known}条，给出的只有{given.size}条，请找更新的。")
    if any(given.size == checkpoint.size and given.root != checkpoint.root for checkpoint in signed):
        raise Conflict(
            "LOG_CHECKPOINT_CONTRADICTS",
            f"同样{given.size}条，给出的检查点与已知的根不同，而两个都有本日志的签名：曾有两个数据库以同一名称签名。"
            "没有保存，请留好这个文件并查明原因：多半是恢复备份后用了另一个 log 目录。",
        )
    outside.write(settings.folder, settings.origin, note)
    return given


def _lock() -> None:
    """Wait until no sequencer works."""
    db.session.execute(select(LogSequencer.id).with_for_update())


def _restarted(origin: str) -> bool:
    query = select(EvidenceRecord.id).where(EvidenceRecord.kind == RESTARTED, EvidenceRecord.subject == origin)
    return db.session.scalar(query) is not None


def _newest_origin() -> str | None:
    return db.session.scalar(select(LogCheckpoint.origin).order_by(LogCheckpoint.id.desc()).limit(1))


def _kept_of(former: str) -> Kept | None:
    """The checkpoint of the former log outside: the same keys signed it under its own name."""
    settings = configured()
    named = [Verifier(former, verifier.public) for verifier in settings.verifiers]
    try:
        return outside.read(settings.folder, former, named)
    except (NoteError, OSError) as error:
        raise LogRefused(
            "LOG_CHECKPOINT_UNREADABLE",
            f"先前日志的检查点 {outside.path_of(settings.folder, former)} 读不出来（{error}）。"
            "如果换过日志密钥，请把旧的验证公钥写入 log_retired_verifiers 再试。",
        ) from error


def _refuse_damaged_tiles(size: int) -> None:
    """Every tile is what the entries say: a new log must not begin with a wrong tree."""
    edge: dict[Place, bytes] = {}
    entries = db.session.execute(
        select(EvidenceEntry.leaf_hash)
        .where(EvidenceEntry.log_index.is_not(None))
        .order_by(EvidenceEntry.log_index)
        .execution_options(yield_per=_BATCH)
    ).scalars()
    done = 0
    for batch in entries.partitions():
        changed = grown(done, [bytes.fromhex(leaf) for leaf in batch], lambda places: {at: edge[at] for at in places})
        done += len(batch)
        edge.update(changed)
        _compare({at: edge.pop(at) for at, hashes in changed.items() if len(hashes) == TILE_BYTES})
    _compare(edge)
    if done != size:
        raise _damaged(f"{done}")


def _compare(expected: dict[Place, bytes]) -> None:
    found = tiles.read(expected) if expected else {}
    for (level, number), hashes in expected.items():
        if found.get((level, number)) != hashes:
            raise _damaged(f"{level}/{number}")


def _damaged(where: str) -> LogRefused:
    return LogRefused(
        "LOG_DAMAGED",
        f"瓦片 {where} 与存证表不符，新日志不能建在错误的树上。请运行 flask evidence audit，并先从备份把这一处改回来。",
    )
