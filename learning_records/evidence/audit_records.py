"""One record held against its entry, and how findings name records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from learning_records.evidence.audit_types import Difference

RECORDS = "records"


def name_of(row: Any) -> str:
    """How a finding calls the record of a row that has its ``public_id``, ``kind`` and ``subject``."""
    return f"record {row.public_id} ({row.subject or row.kind})"


def record_difference(part: str, name: str, field: str, found: Any, expected: Any, why: str, row: Any) -> Difference:
    """A finding about a record: ``field`` is ``found`` and should be ``expected``."""
    text = f"{name}: {field} {found} in the table, {expected}{' ' + why if why else ''}"
    return Difference(
        part,
        name,
        field,
        None if found is None else str(found),
        None if expected is None else str(expected),
        text,
        str(row.public_id),
    )


def entry_bytes(row: Any) -> bytes:
    """What ``entry_of`` gives for the commitment of this row; anything unusual in it is looked at in full."""
    committed = hashlib.sha256(row.salt + row.body).hexdigest()
    return f'{{"commitment":"{committed}","kind":"{row.kind}","suite":"{row.suite}"}}'.encode()


def misfiled(row: Any, body: bytes) -> Iterator[Difference]:
    """References by which a record is gathered, held against its body."""
    for name, reference in (("person", row.person_ref), ("context", row.context_ref)):
        if f'"{name}":"{reference}"'.encode() in body or (reference is None and f'"{name}":"'.encode() not in body):
            continue
        said = json.loads(body)
        if name in said and said[name] != reference:
            yield record_difference(RECORDS, name_of(row), f"{name}_ref", reference, said[name], "in its body", row)
