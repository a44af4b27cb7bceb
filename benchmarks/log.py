"""What the log costs: ``python -m benchmarks.log [--entries 20000]``; the README's row is ``--entries 1000000``.

Seals records with bodies of some 400 bytes (a thousand a transaction), lets the sequencer take them in (ten thousand a
transaction, a checkpoint each), then proves records picked by chance. Beside it, in the same run on the same database (SQLite
in a temporary folder, or an empty one by ``--database-url``): plain rows of the same size inserted a thousand a transaction,
and a record read by its id. Compare the ratios, not the absolute figures.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import sqlalchemy as sa
from rich.progress import track

from app import create_records_app
from config.database import Base, db, transaction
from config.settings import load
from learning_records.evidence import log, services
from learning_records.evidence.models import LogSequencer
from learning_records.evidence.services import Draft

SEALED_AT_ONCE = 1_000
TAKEN_AT_ONCE = 10_000
PROOFS = 5_000


def _draft(number: int, person: UUID) -> Draft:
    body = {
        "key": f"benchmark:{number}",
        "transfer": "deposit",
        "person": str(person),
        "from": "earned",
        "to": "claimable",
        "amount_seconds": 2_700,
        "context": str(uuid4()),
        "evidence": str(uuid4()),
        "reason": "学习会话关闭后存入",
        "source": "session",
        "at_ms": 1_583_110_800_000 + number,
        "draws": [],
    }
    return Draft("transfer", body, subject=f"transfer:benchmark:{number}", person_ref=person)


def _append(entries: int) -> tuple[float, list[UUID]]:
    """Entries a second, and the public ids."""
    person, sealed, spent = uuid4(), [], 0.0
    for start in track(range(0, entries, SEALED_AT_ONCE), description="append"):
        drafts = [_draft(number, person) for number in range(start, min(start + SEALED_AT_ONCE, entries))]
        began = time.perf_counter()
        records = transaction(lambda batch=drafts: services.seal_all(batch))  # type: ignore[misc]
        spent += time.perf_counter() - began
        sealed += [record.public_id for record in records]
    return entries / spent, sealed


def _integrate(entries: int) -> float:
    """Entries a second, each ten thousand signed."""
    began = time.perf_counter()
    for _ in track(range(0, entries, TAKEN_AT_ONCE), description="integrate"):
        log.sequence(limit=TAKEN_AT_ONCE)
    latest = log.latest_checkpoint()
    assert latest is not None
    assert latest.size == entries
    return entries / (time.perf_counter() - began)


def _plain(entries: int) -> float:
    """Plain rows a second."""
    table = sa.Table(
        "benchmark_plain",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary),
    )
    table.create(db.engine)
    body, spent = b"x" * 400, 0.0
    for start in track(range(0, entries, SEALED_AT_ONCE), description="plain rows"):
        rows = [{"body": body}] * min(SEALED_AT_ONCE, entries - start)
        began = time.perf_counter()
        transaction(lambda batch=rows: db.session.execute(sa.insert(table), batch))  # type: ignore[misc]
        spent += time.perf_counter() - began
    table.drop(db.engine)
    return entries / spent


def _percentiles(works: list[Callable[[], object]]) -> tuple[float, float]:
    """Milliseconds of the middle one and of the ninety-ninth in a hundred; each with nothing loaded before."""
    spent = []
    for work in works:
        db.session.remove()
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    spent.sort()
    return spent[len(spent) // 2], spent[len(spent) * 99 // 100]


def _measure(entries: int) -> None:
    Base.metadata.create_all(db.engine)
    transaction(lambda: db.session.merge(LogSequencer(id=1)))
    append, sealed = _append(entries)
    integrate = _integrate(entries)
    plain = _plain(entries)
    picked = random.Random(1).choices(sealed, k=PROOFS)
    proof = _percentiles([lambda record=record: log.inclusion(record) for record in picked])  # type: ignore[misc]
    row = _percentiles([lambda record=record: services.trace(record_public_id=record) for record in picked])  # type: ignore[misc]
    both = 1 / (1 / append + 1 / integrate)
    print(f"append (evidence.seal_all)   {append:9,.0f} entries/s   {append / plain:5.2f} of plain rows")
    print(f"integrate and sign           {integrate:9,.0f} entries/s   {integrate / plain:5.2f} of plain rows")
    print(f"both, one after the other    {both:9,.0f} entries/s   {both / plain:5.2f} of plain rows")
    print(f"plain rows                   {plain:9,.0f} rows/s")
    print(f"proof by record              {proof[0]:6.2f} ms median, {proof[1]:6.2f} ms p99")
    print(
        f"record by its id             {row[0]:6.2f} ms median, {row[1]:6.2f} ms p99   proof/record {proof[0] / row[0]:.2f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Entries a second and milliseconds a proof.")
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--database-url", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/log.sqlite3"
        settings = load({}, mode="development", database_url=url, data_dir=folder, log_level="WARNING")
        with create_records_app(settings).app_context():
            _measure(arguments.entries)
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
