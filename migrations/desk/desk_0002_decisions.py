"""No decision without its evidence record; what was decided before is counted and hashed into one record.

Revision ID: desk_0002
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from config import clock
from config.crypto import canonical_json
from config.database import UtcDateTime, new_public_id
from learning_records.evidence.before import BEGAN, count_rows
from learning_records.evidence.rules import SALT_BYTES, SUITE, commitment, entry_of, leaf_hash
from migrations.guarding import create_guards, drop_guards

revision = "desk_0002"
down_revision = "desk_0001"
branch_labels = None
depends_on = ("records_0002",)

# The columns that never change, by table.
DECIDED = {
    "transfer": "id:integer idempotency_key:text kind:text source_account_id:integer destination_account_id:integer "
    "amount_seconds:integer evidence_record_id:integer context_ref:uuid hold_id:integer reversal_of_id:integer "
    "reason:text source_text:text at:instant",
    "lot_draw": "id:integer transfer_id:integer lot_id:integer direction:text amount_seconds:integer",
    "review": "id:integer public_id:uuid subject_kind:text subject_id:uuid stage:text verdict:text reason:text "
    "clause:text staff_id:integer at:instant",
    "subsidy_claim": "id:integer public_id:uuid plan_id:integer enterprise_id:integer policy_id:text "
    "policy_version:text claimed_on:date total_fen:integer submitted_at:instant",
    "claim_line": "id:integer public_id:uuid claim_id:integer worker_id:integer policy_id:text cap_fen:integer "
    "cap_ref:text class_hours:integer seconds:integer amount_fen:integer eligible:boolean decision:json hold_key:text",
    "fund_entry": "id:integer public_id:uuid fund:text policy_version:text order_id:integer claim_line_id:integer "
    "amount_fen:integer at:instant",
}


def upgrade() -> None:
    """Seal what there is, if there is anything; then refuse every further row without its record."""
    connection = op.get_bind()
    counted = [
        count_rows(connection, table, tuple((name, kind) for name, _, kind in (c.partition(":") for c in said.split())))
        for table, said in DECIDED.items()
    ]
    if any(old.rows for old in counted) and not _sealed_before(connection):
        _seal(connection, {"tables": [old.to_dict() for old in counted]})
    create_guards(__file__)


def downgrade() -> None:
    """Take the guards away; what was sealed stays."""
    drop_guards(__file__)


def _sealed_before(connection: sa.Connection) -> bool:
    record = sa.table("evidence_record", sa.column("id", sa.Integer()), sa.column("kind", sa.String()))
    return connection.execute(sa.select(record.c.id).where(record.c.kind == BEGAN)).first() is not None


def _seal(connection: sa.Connection, body: dict[str, object]) -> None:
    record = sa.table(
        "evidence_record",
        sa.column("id", sa.Integer()),
        sa.column("public_id", sa.Uuid()),
        sa.column("suite", sa.String()),
        sa.column("kind", sa.String()),
        sa.column("salt", sa.LargeBinary()),
        sa.column("body", sa.LargeBinary()),
        sa.column("sealed_at", UtcDateTime()),
        sa.column("subject", sa.String()),
    )
    entry = sa.table(
        "evidence_entry",
        sa.column("record_id", sa.Integer()),
        sa.column("entry", sa.LargeBinary()),
        sa.column("leaf_hash", sa.String()),
    )
    salt = secrets.token_bytes(SALT_BYTES)
    canonical = canonical_json({"kind": BEGAN, "suite": SUITE, **body})
    committed = entry_of(BEGAN, commitment(salt, canonical))
    record_id = connection.execute(
        sa.insert(record)
        .values(
            public_id=new_public_id(),
            suite=SUITE,
            kind=BEGAN,
            salt=salt,
            body=canonical,
            sealed_at=clock.now(),
            subject=BEGAN,
        )
        .returning(record.c.id)
    ).scalar_one()
    connection.execute(sa.insert(entry).values(record_id=record_id, entry=committed, leaf_hash=leaf_hash(committed)))
