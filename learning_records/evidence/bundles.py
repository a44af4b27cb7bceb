"""Bundles (创课存证包): records with their proofs in one ZIP that ``verify.py`` checks without us.

The shape is described there. Records are read once, compressed into a file beside the memory, and copied behind the manifest
that names their hashes; so a claim of five hundred people needs no more memory than its manifest. The same records under the
same checkpoint at the same instant give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import tempfile
import zlib
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
from learning_records.evidence.log import CheckpointView
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord
from learning_records.evidence.proofs import Proof
from learning_records.evidence.tree import Place, inclusion_proof, leaf_hash, verify_inclusion

FORMAT = "chuangke-bundle@1"
_AT_ONCE = 200
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
    goes on from one before midnight brings that one with it: it cannot be counted again alone. Callers run
    ``log.sequence()`` first. Raises ``NotFound`` EVIDENCE_NOT_FOUND, ``Conflict`` NOT_YET_IN_LOG, EVIDENCE_DAMAGED.
    """
    checkpoint = log.latest_checkpoint()
    if checkpoint is None:
        raise _not_yet()
    with tempfile.TemporaryFile() as records, tempfile.TemporaryFile() as proofs:
        spool = _Spool(checkpoint, records, proofs)
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
    archive = _Archive(into)
    fixed = {"manifest.json": written, "manifest.sig": signed, "checkpoint": note, "summary.txt": summary}
    for name, data in fixed.items():
        packed = _packed(data)
        archive.add(_Packed(name, zlib.crc32(data), len(packed), len(data)), iter([packed]))
    for members, source in ((spool.members, spool.records), (spool.proof_members, spool.proofs)):
        source.seek(0)
        for member in members:
            archive.add(member, _chunks(source, member.packed))
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


def _in_groups(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _not_yet() -> Conflict:
    return Conflict("NOT_YET_IN_LOG", "这份记录刚刚存证，还没有进入签名的日志，请过几秒再试。")


@dataclass(frozen=True)
class _Packed:
    """A file of the bundle, compressed: CRC-32, bytes packed and unpacked."""

    name: str
    crc: int
    packed: int
    size: int


@dataclass
class _Spool:
    """Records and proofs on their way into a bundle: compressed in two files, their hashes here."""

    checkpoint: CheckpointView
    records: IO[bytes]
    proofs: IO[bytes]
    entries: list[dict[str, Any]] = field(default_factory=list)
    erased: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    members: list[_Packed] = field(default_factory=list)
    proof_members: list[_Packed] = field(default_factory=list)
    summary: verify.Summary = field(default_factory=verify.Summary)
    _taken: set[int] = field(default_factory=set)
    _sessions: set[str] = field(default_factory=set)
    _continued: set[str] = field(default_factory=set)
    _known_tiles: dict[Place, bytes] = field(default_factory=dict)

    def take(self, record_ids: Sequence[int]) -> None:
        """Read these records, and the sessions before midnight that any of them goes on from."""
        gone: list[_Packed] = []
        while record_ids:
            for some in _in_groups(record_ids):
                query = select_stored().where(EvidenceRecord.id.in_(some)).order_by(EvidenceEntry.log_index)
                for row in db.session.execute(query).all():
                    self._take(row, gone)
            record_ids = self._predecessors()
        self.proof_members += gone

    def _predecessors(self) -> Sequence[int]:
        subjects = [f"{_SESSION}:{name}" for name in sorted(self._continued - self._sessions)]
        self._continued.clear()
        found: list[int] = []
        for some in _in_groups(subjects):
            condition = (EvidenceRecord.kind == _SESSION) & EvidenceRecord.subject.in_(some)
            found += db.session.scalars(select(EvidenceRecord.id).where(condition))
        return _rows_of(record_id for record_id in found if record_id not in self._taken)

    def _take(self, row: Any, gone: list[_Packed]) -> None:
        """One record; proofs of erased ones stand behind all others."""
        self._taken.add(row.id)
        proof = self._proof(row)
        stored, name = stored_body(row), str(row.public_id)
        if stored.problems:
            raise Conflict(
                "EVIDENCE_DAMAGED",
                f"存证记录 {name} 与日志不符，不能出具存证包。请管理员运行 flask evidence audit 查明。",
            )
        entry = {"id": name, "kind": row.kind, "index": row.log_index}
        if stored.erased:
            self.erased.append({**entry, "entry": row.entry.decode()})
            self.summary.add_erased(row.kind)
        else:
            sha256 = self._spooled(f"records/{name}.json", stored.body, self.records, self.members)
            salt = stored.salt.hex()
            self.entries.append({**entry, "suite": row.suite, "salt": salt, "subject": row.subject, "sha256": sha256})
            self._read(row.kind, stored.body)
        self._spooled(f"proofs/{name}.tlog-proof", proof, self.proofs, gone if stored.erased else self.proof_members)

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
        hashes = inclusion_proof(row.log_index, checkpoint.size, self._tiles)
        leaf = leaf_hash(row.entry)
        verify_inclusion(index=row.log_index, size=checkpoint.size, leaf=leaf, proof=hashes, root=checkpoint.root)
        return Proof(row.log_index, tuple(hashes), checkpoint.note).text.encode()

    def _tiles(self, places: Collection[Place]) -> Mapping[Place, bytes]:
        missing = [place for place in places if place not in self._known_tiles]
        if missing:
            if len(self._known_tiles) > _MOST_TILES:
                self._known_tiles.clear()
                missing = list(places)
            self._known_tiles.update(tiles.read(missing))
        return self._known_tiles

    def _spooled(self, name: str, data: bytes, file: IO[bytes], members: list[_Packed]) -> str:
        packed = _packed(data)
        file.write(packed)
        members.append(_Packed(name, zlib.crc32(data), len(packed), len(data)))
        self.files[name] = hashlib.sha256(data).hexdigest()
        return self.files[name]


def _packed(data: bytes) -> bytes:
    packing = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packing.compress(data) + packing.flush()


def _chunks(source: IO[bytes], count: int) -> Iterator[bytes]:
    while count > 0 and (chunk := source.read(min(count, _CHUNK_BYTES))):
        count -= len(chunk)
        yield chunk


class _Archive:
    """A ZIP of the one shape that ``verify.py`` reads: no flags, no extra fields, its own SHA-256 as its comment."""

    _FIELDS = struct.pack("<5H", 20, 0, 8, 0, 0x21)  # for ZIP 2.0, no flags, deflated, 1980-01-01 00:00

    def __init__(self, into: BinaryIO) -> None:
        self._into, self._at, self._count = into, 0, 0
        self._digest = hashlib.sha256()
        self._directory = bytearray()

    def _put(self, data: bytes) -> None:
        self._into.write(data)
        self._digest.update(data)
        self._at += len(data)

    def add(self, member: _Packed, content: Iterator[bytes]) -> None:
        """Write one file."""
        name = member.name.encode("ascii")
        header = self._FIELDS + struct.pack("<3L2H", member.crc, member.packed, member.size, len(name), 0)
        places = struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, self._at)
        self._directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + header + places + name
        self._count += 1
        self._put(b"PK\x03\x04" + header + name)
        for chunk in content:
            self._put(chunk)

    def end(self) -> None:
        """Write the directory and the comment."""
        at, size, count = self._at, len(self._directory), self._count
        self._put(bytes(self._directory))
        if count >= 0xFFFF:  # more files than the old field can say
            ends_at = self._at
            self._put(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, at))
            self._put(struct.pack("<4sLQL", b"PK\x06\x07", 0, ends_at, 1))
        short = min(count, 0xFFFF)
        self._put(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, short, short, size, at, 64))
        self._into.write(self._digest.hexdigest().encode())
