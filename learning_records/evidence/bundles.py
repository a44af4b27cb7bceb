"""Bundles (创课存证包): records with their proofs in one ZIP that ``verify.py`` checks without us.

The shape is described there. Records are read once, compressed into a file beside the memory, and copied behind the manifest
that names their hashes; so a claim of five hundred people needs no more memory than its manifest. The same records under the
same checkpoint at the same instant give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, BinaryIO
from uuid import UUID

from sqlalchemy import select

from config import clock
from config.crypto import canonical_json, sign, verifying_keys
from config.database import db
from config.errors import Conflict, NotFound
from learning_records import verify
from learning_records.evidence import log, tiles
from learning_records.evidence.bodies import select_stored, stored_body
from learning_records.evidence.bundle_files import Archive, Packed, pack
from learning_records.evidence.log import CheckpointView
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.proofs import Proof
from learning_records.evidence.retention_models import Destruction
from learning_records.evidence.tree import Place, ProofError, TileError, inclusion_proof, leaf_hash, verify_inclusion

FORMAT = "chuangke-bundle@1"
_AT_ONCE = 500  # ids in one statement
_BODIES_AT_ONCE = 32  # in memory at once
_MOST_TILES = 2_000  # 16 MB of them are kept while proofs are made
_CHUNK_BYTES = 1024 * 1024
_SESSION = "session"


def build(
    *,
    kind: str,
    id: str,
    title: str,
    record_ids: Iterable[UUID | int],
    people: Mapping[str, str],
    into: BinaryIO,
    made_at: datetime | None = None,
) -> int:
    """Write the bundle of these records (public or inner ids) into ``into``, as it comes; how many records it holds.

    ``kind``: session, worker, report or claim, and its ``id``; ``people``: person reference → masked name. A session that
    goes on from one before midnight brings that one with it, an erased record its certificate of destruction. Callers run
    ``log.catch_up()`` first. Raises ``NotFound`` EVIDENCE_NOT_FOUND, ``Conflict`` NOT_YET_IN_LOG, EVIDENCE_DAMAGED.
    """
    checkpoint = log.latest_checkpoint()
    if checkpoint is None:
        raise _not_yet()
    with tempfile.TemporaryFile() as records, tempfile.TemporaryFile() as proofs, tempfile.TemporaryFile() as others:
        spool = _Spool(checkpoint, _Part(records), _Part(proofs), _Part(others))
        spool.take(_rows_of(record_ids))
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "about": {"kind": kind, "id": id, "title": title},
            "origin": checkpoint.origin,
            "made_ms": clock.epoch_ms(made_at or clock.now()),
            "verifiers": log.verifier_keys(),
            "receipt_keys": {key: base64.b64encode(raw).decode() for key, raw in verifying_keys().items()},
            "people": dict(people),
            "records": spool.entries,
            "files": spool.files,
        }
        if spool.erased:
            manifest["erased"] = spool.erased
        _write(into, manifest, spool, checkpoint)
    return len(spool.entries) + len(spool.erased)


def _write(into: BinaryIO, manifest: dict[str, Any], spool: _Spool, checkpoint: CheckpointView) -> None:
    files = manifest["files"]
    note = checkpoint.note.encode()
    files["checkpoint"] = hashlib.sha256(note).hexdigest()
    summary = spool.summary.text(manifest, checkpoint.size).encode()
    files["summary.txt"] = hashlib.sha256(summary).hexdigest()
    written = canonical_json(manifest)
    signature = sign(written)
    signed = canonical_json({"key_id": signature.key_id, "signature": signature.signature_b64})
    archive = Archive(into)
    fixed = {"manifest.json": written, "manifest.sig": signed, "checkpoint": note, "summary.txt": summary}
    for name, data in fixed.items():
        member, packed = pack(name, data)
        archive.add(member, [packed])
    for part in (spool.records, spool.proofs, spool.proofs_of_erased):
        part.file.seek(0)
        for member in part.members:
            archive.add(member, _chunks(part.file, member.packed))
    archive.end()


def _rows_of(record_ids: Iterable[UUID | int]) -> list[int]:
    """The inner ids of these records, each once, in the order of the log."""
    wanted = list(dict.fromkeys(record_ids))
    found: dict[int, int] = {}
    for some in _in_groups(wanted):
        conditions = EvidenceRecord.public_id.in_([item for item in some if isinstance(item, UUID)]) | (
            EvidenceRecord.id.in_([item for item in some if isinstance(item, int)])
        )
        query = (
            select(EvidenceRecord.id, EvidenceRecord.public_id, EvidenceEntry.log_index)
            .join(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
            .where(conditions)
        )
        rows = db.session.execute(query).all()
        known = {row.id for row in rows} | {row.public_id for row in rows}
        if any(item not in known for item in some):
            raise NotFound("EVIDENCE_NOT_FOUND", "没有找到这份存证记录，请核对存证编号。")
        if any(row.log_index is None for row in rows):
            raise _not_yet()
        found.update({row.id: row.log_index for row in rows})
    return sorted(found, key=lambda record_id: found[record_id])


def _in_groups(items: Sequence[Any], size: int = _AT_ONCE) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _not_yet() -> Conflict:
    return Conflict("NOT_YET_IN_LOG", "这份记录刚刚存证，还没有进入签名的日志，请过几秒再试。")


@dataclass
class _Part:
    """Files of the bundle that follow each other, compressed, in a file beside the memory."""

    file: IO[bytes]
    members: list[Packed] = field(default_factory=list)


def _damaged(record: str) -> Conflict:
    return Conflict(
        "EVIDENCE_DAMAGED", f"存证记录 {record} 与日志不符，不能出具存证包。请管理员运行 flask evidence audit 查明。"
    )


@dataclass
class _Spool:
    """Records and proofs on their way into a bundle: compressed in files, their hashes here."""

    checkpoint: CheckpointView
    records: _Part
    proofs: _Part
    proofs_of_erased: _Part
    entries: list[dict[str, Any]] = field(default_factory=list)
    erased: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    summary: verify.Summary = field(default_factory=verify.Summary)
    _taken: set[int] = field(default_factory=set)
    _sessions: set[str] = field(default_factory=set)
    _continued: set[str] = field(default_factory=set)
    _destructions: set[int] = field(default_factory=set)
    _known_tiles: dict[Place, bytes] = field(default_factory=dict)

    def take(self, record_ids: Sequence[int]) -> None:
        """Read these records, and what they cannot be checked without."""
        while record_ids:
            for some in _in_groups(record_ids, _BODIES_AT_ONCE):
                query = select_stored().where(EvidenceRecord.id.in_(some)).order_by(EvidenceEntry.log_index)
                for row in db.session.execute(query).all():
                    self._take(row)
            record_ids = self._needed()

    def _needed(self) -> Sequence[int]:
        """Sessions before midnight that others go on from, and the certificates of erased records."""
        subjects = [f"{_SESSION}:{name}" for name in sorted(self._continued - self._sessions)]
        queries = [
            *(
                select(EvidenceRecord.id).where(EvidenceRecord.kind == _SESSION, EvidenceRecord.subject.in_(some))
                for some in _in_groups(subjects)
            ),
            *(
                select(Destruction.evidence_record_id).where(Destruction.id.in_(some))
                for some in _in_groups(sorted(self._destructions))
            ),
        ]
        self._continued.clear()
        self._destructions.clear()
        found = [record_id for query in queries for record_id in db.session.scalars(query)]
        return _rows_of(record_id for record_id in found if record_id not in self._taken)

    def _take(self, row: Any) -> None:
        self._taken.add(row.id)
        proof = self._proof(row)
        stored, name = stored_body(row), str(row.public_id)
        if stored.problems:
            raise _damaged(name)
        entry = {"id": name, "kind": row.kind, "index": row.log_index}
        if stored.erased:
            self.erased.append({**entry, "subject": row.subject, "entry": row.entry.decode()})
            self._destructions.add(row.destruction_id)
            self.summary.add_erased(row.kind)
        else:
            sha256 = self._spooled(f"records/{name}.json", stored.body, self.records)
            salt = stored.salt.hex()
            self.entries.append({**entry, "suite": row.suite, "salt": salt, "subject": row.subject, "sha256": sha256})
            self._read(row.kind, stored.body)
        part = self.proofs_of_erased if stored.erased else self.proofs
        self._spooled(f"proofs/{name}.tlog-proof", proof, part)

    def _read(self, kind: str, data: bytes) -> None:
        body = verify.read_json(data, kind)
        self.summary.add(kind, body)
        if kind == _SESSION and isinstance(body, dict):
            self._sessions.add(str(body.get("session")))
            if body.get("continues") is not None:
                self._continued.add(str(body["continues"]))

    def _proof(self, row: Any) -> bytes:
        checkpoint = self.checkpoint
        if row.log_index is None or row.log_index >= checkpoint.size:
            raise _not_yet()
        leaf = leaf_hash(row.entry)
        try:
            hashes = inclusion_proof(row.log_index, checkpoint.size, self._tiles)
            verify_inclusion(index=row.log_index, size=checkpoint.size, leaf=leaf, proof=hashes, root=checkpoint.root)
        except (TileError, ProofError) as error:
            raise _damaged(str(row.public_id)) from error
        return Proof(row.log_index, tuple(hashes), checkpoint.note).text.encode()

    def _tiles(self, places: Collection[Place]) -> Mapping[Place, bytes]:
        missing = [place for place in places if place not in self._known_tiles]
        if missing:
            if len(self._known_tiles) > _MOST_TILES:
                self._known_tiles.clear()
                missing = list(places)
            self._known_tiles.update(tiles.read(missing))
        return self._known_tiles

    def _spooled(self, name: str, data: bytes, part: _Part) -> str:
        member, packed = pack(name, data)
        part.file.write(packed)
        part.members.append(member)
        self.files[name] = hashlib.sha256(data).hexdigest()
        return self.files[name]


def _chunks(source: IO[bytes], count: int) -> Iterator[bytes]:
    while count > 0 and (chunk := source.read(min(count, _CHUNK_BYTES))):
        count -= len(chunk)
        yield chunk
