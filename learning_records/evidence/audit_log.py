"""The log held against the tables it was made of: records and entries, tiles, checkpoints, and the checkpoint outside.

One pass over the entries in the order of the log. The tree is grown again from the entries alone, page by page; of it only the
tiles at its edge are kept in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import func, select, type_coerce

from config.database import UuidText, db
from learning_records.evidence import tiles
from learning_records.evidence.audit_checkpoints import beyond, checkpoint_differs, outside_differs, read_outside
from learning_records.evidence.audit_records import RECORDS, entry_bytes, misfiled, name_of, record_difference
from learning_records.evidence.audit_types import Difference, Progress
from learning_records.evidence.bodies import stored_body
from learning_records.evidence.models import EvidenceEntry, EvidenceRecord, LogCheckpoint, LogTile
from learning_records.evidence.retention_models import Destruction, EvidenceArchive
from learning_records.evidence.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Place,
    grown,
    leaf_hash,
    root_of,
)
from learning_records.sealed_rows import BEFORE_ALL

ENTRIES, TILES = "entries", "tiles"
_PAGE = 4_096

_FIELDS = (
    EvidenceEntry.id.label("entry_id"),
    EvidenceEntry.record_id,
    EvidenceEntry.entry,
    EvidenceEntry.leaf_hash,
    EvidenceEntry.log_index,
    EvidenceRecord.id,
    type_coerce(EvidenceRecord.public_id, UuidText()).label("public_id"),
    EvidenceRecord.suite,
    EvidenceRecord.kind,
    EvidenceRecord.subject,
    type_coerce(EvidenceRecord.person_ref, UuidText()).label("person_ref"),
    type_coerce(EvidenceRecord.context_ref, UuidText()).label("context_ref"),
    EvidenceRecord.salt,
    EvidenceRecord.body,
    EvidenceRecord.archive_id,
    EvidenceRecord.destruction_id,
    EvidenceArchive.sha256.label("archive_sha256"),
)
_ENTRIES = (
    select(*_FIELDS)
    .outerjoin(EvidenceRecord, EvidenceRecord.id == EvidenceEntry.record_id)
    .outerjoin(EvidenceArchive, EvidenceArchive.id == EvidenceRecord.archive_id)
    .limit(_PAGE)
)


class LogAudit:
    """One walk through the log. ``differences`` yields what differs; the sums are right once it is exhausted."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._edge: dict[Place, bytes] = {}
        self._kept = read_outside()  # before the first look at the tables: these must not be older than the file
        self.size = self.waiting = self.erased = self.archived = self.checkpoints = 0

    @cached_property
    def _destructions(self) -> frozenset[int]:
        """Those that have a certificate; that each lists what it erased is looked at apart."""
        return frozenset(db.session.scalars(select(Destruction.id)))

    @property
    def root(self) -> bytes:
        """The root over the entries walked so far."""
        return root_of(self.size, self._read) if self.size else EMPTY_ROOT

    def differences(self) -> Iterator[Difference]:
        """What differs, in the order of the log. Where the tree cannot be grown further, the walk of the log ends."""
        tree = yield from self._walk()
        yield from self._outside_the_log()
        yield from self._waiting()
        yield from self._without_entry()
        if tree:
            yield from self._edge_tiles()
            yield from self._more_tiles()
            yield from beyond(self.size)
            yield from outside_differs(self._kept, self.size, self._root_at)

    def _walk(self) -> Generator[Difference, None, bool]:
        """The integrated entries; False at the end when the tree could not be grown over all of them."""
        query = _ENTRIES.order_by(EvidenceEntry.log_index)
        while rows := db.session.execute(query.where(EvidenceEntry.log_index >= self.size)).all():
            leaves = []
            for place, row in enumerate(rows, start=self.size):
                if row.log_index != place:
                    yield _missing_entry(place)
                    return False
                yield from self._record(row)
                leaf = leaf_hash(row.entry)
                if leaf.hex() != row.leaf_hash:
                    yield record_difference(
                        ENTRIES, name_of(row), "leaf_hash", row.leaf_hash, leaf.hex(), "of its entry", row
                    )
                    return False
                leaves.append(leaf)
            grown_tiles = grown(self.size, leaves, self._read)
            tiles_differ = yield from self._full_tiles(grown_tiles, rows)
            yield from self._checkpoints(self.size, self.size + len(leaves), grown_tiles)
            self.size += len(leaves)
            self._keep_edge(grown_tiles)
            self._progress.advance(ENTRIES, len(rows))
            if tiles_differ:
                return False
        return True

    def _outside_the_log(self) -> Iterator[Difference]:
        """Entries that were given a place no log has."""
        query = select(EvidenceEntry.id, EvidenceEntry.log_index).where(EvidenceEntry.log_index < 0)
        for row in db.session.execute(query.order_by(EvidenceEntry.id).limit(1)):
            name = f"evidence_entry {row.id}"
            text = f"{name}: log_index {row.log_index} in the table, no log has that place"
            yield Difference(ENTRIES, name, "log_index", str(row.log_index), None, text)

    def _waiting(self) -> Iterator[Difference]:
        """Entries that no sequencer has taken yet."""
        query, seen = _ENTRIES.where(EvidenceEntry.log_index.is_(None)).order_by(EvidenceEntry.id), BEFORE_ALL
        while rows := db.session.execute(query.where(EvidenceEntry.id > seen)).all():
            for row in rows:
                yield from self._record(row)
                leaf = leaf_hash(row.entry).hex()
                if leaf != row.leaf_hash:
                    yield record_difference(
                        ENTRIES, name_of(row), "leaf_hash", row.leaf_hash, leaf, "of its entry", row
                    )
            seen, self.waiting = rows[-1].entry_id, self.waiting + len(rows)
            self._progress.advance(ENTRIES, len(rows))

    def _record(self, row: Any) -> Iterator[Difference]:
        if row.id is None:
            text = f"entry {row.log_index}: its record is gone (evidence_record {row.record_id}); its entry is still in the log"
            yield Difference(RECORDS, f"entry {row.log_index}", "record_id", None, str(row.record_id), text)
            return
        if row.archive_id is None and row.destruction_id is None and row.entry == entry_bytes(row):
            if row.subject is not None:
                yield from misfiled(row, row.body)
            return
        if row.destruction_id is not None and row.destruction_id not in self._destructions:
            found, why = f"destruction {row.destruction_id}", "that is there: it was erased without one"
            yield record_difference(RECORDS, name_of(row), "destruction_id", found, "a destruction", why, row)
            return
        stored = stored_body(row)
        self.erased += stored.erased
        self.archived += row.archive_id is not None
        if stored.problems:
            yield record_difference(
                RECORDS, name_of(row), "body", "; ".join(stored.problems), "what its entry commits to", "", row
            )
        elif not stored.erased and row.subject is not None:
            yield from misfiled(row, stored.body)

    def _without_entry(self) -> Iterator[Difference]:
        query = (
            select(EvidenceRecord.public_id, EvidenceRecord.kind, EvidenceRecord.subject)
            .outerjoin(EvidenceEntry, EvidenceEntry.record_id == EvidenceRecord.id)
            .where(EvidenceEntry.id.is_(None))
            .order_by(EvidenceRecord.id)
            .limit(1)
        )
        for row in db.session.execute(query):
            yield record_difference(RECORDS, name_of(row), "entry", None, "one entry", "", row)

    def _full_tiles(self, made: Mapping[Place, bytes], rows: Sequence[Any]) -> Generator[Difference, None, bool]:
        """Those that grew full; True at the end when one differs."""
        full = {place: hashes for place, hashes in made.items() if len(hashes) == TILE_BYTES}
        stored = tiles.read(full) if full else {}
        for place, hashes in sorted(full.items()):
            if stored.get(place) != hashes:
                yield self._tile_differs(place, stored.get(place), hashes, rows)
                return True
        return False

    def _edge_tiles(self) -> Iterator[Difference]:
        partial = {place: hashes for place, hashes in self._edge.items() if len(hashes) < TILE_BYTES}
        stored = tiles.read(partial) if partial else {}
        for place, hashes in sorted(partial.items()):
            if stored.get(place) != hashes:
                yield self._tile_differs(place, stored.get(place), hashes, ())
                return

    def _tile_differs(self, place: Place, stored: bytes | None, made: bytes, rows: Sequence[Any]) -> Difference:
        level, number = place
        name = f"tile {level}/{number}"
        if stored is None:
            return Difference(TILES, name, "hashes", None, f"{len(made) // HASH_BYTES} hashes", f"{name} is missing")
        at = next(
            (
                at
                for at in range(max(len(made), len(stored)) // HASH_BYTES)
                if made[at * HASH_BYTES :][:HASH_BYTES] != stored[at * HASH_BYTES :][:HASH_BYTES]
            ),
            0,
        )
        found, expected = (hashes[at * HASH_BYTES :][:HASH_BYTES].hex() or "nothing" for hashes in (stored, made))
        index = number * TILE_WIDTH + at
        of = "" if level else _entry_named(index, rows)
        text = f"{name}: hash {at} is {found} in the table, {expected} from the entries{of}"
        return Difference(TILES, name, f"hash {at}", found, expected, text)

    def _more_tiles(self) -> Iterator[Difference]:
        """Tiles of a tree larger than the entries."""
        counts = db.session.execute(
            select(LogTile.level, func.max(LogTile.number).label("last"))
            .group_by(LogTile.level)
            .order_by(LogTile.level)
        )
        for level, last in counts:
            if last * TILE_WIDTH >= self.size >> (TILE_HEIGHT * level):
                name = f"tile {level}/{last}"
                yield Difference(
                    TILES, name, "number", name, None, f"{name} is in the table, the {self.size} entries have none such"
                )
                return

    def _checkpoints(self, after: int, until: int, made: Mapping[Place, bytes]) -> Iterator[Difference]:
        """Those signed at sizes above ``after``, up to ``until``."""

        def read(places: Collection[Place]) -> Mapping[Place, bytes]:
            return {place: made.get(place) or self._edge[place] for place in places}

        query = select(LogCheckpoint).where(LogCheckpoint.tree_size > after, LogCheckpoint.tree_size <= until)
        for row in db.session.scalars(query.order_by(LogCheckpoint.tree_size, LogCheckpoint.id)):
            self.checkpoints += 1
            yield from checkpoint_differs(row, root_of(row.tree_size, read))

    def _root_at(self, size: int) -> bytes:
        """The root of an earlier size, from the tiles in the table, which are known to be those of the entries."""
        return self.root if size == self.size else root_of(size, tiles.read)

    def _read(self, places: Collection[Place]) -> Mapping[Place, bytes]:
        return {place: self._edge[place] for place in places if place in self._edge}

    def _keep_edge(self, made: Mapping[Place, bytes]) -> None:
        """What the next pages and roots of later sizes need: the last tile of each level."""
        last: dict[int, Place] = {}
        for place in sorted([*self._edge, *made]):
            last[place[0]] = place
        self._edge = {place: made.get(place) or self._edge[place] for place in last.values()}


def _missing_entry(place: int) -> Difference:
    name = f"entry {place}"
    return Difference(
        ENTRIES, name, "log_index", None, str(place), f"{name} is missing: no row of evidence_entry has that log_index"
    )


def _entry_named(index: int, rows: Sequence[Any]) -> str:
    found = next((row for row in rows if row.log_index == index), None)
    return f" (entry {index}{', ' + name_of(found) if found is not None else ''})"
