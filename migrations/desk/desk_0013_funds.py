"""Batches that go to the bank and come back order by order; the fund with its budget; money asked back.

Revision ID: desk_0013
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from config import clock
from config.database import UtcDateTime, new_public_id
from migrations.guarding import create_guards, drop_guards_of, drop_triggers, rewrite_on_sqlite

revision = "desk_0013"
down_revision = "desk_0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NEW = ("fund", "fund_allotment", "recovery", "recovery_receipt", "bank_return", "payment_item")
CHANGED = ("payment_batch", "payment_order", "fund_entry")
BEFORE = ("desk_0001_guards", "desk_0002_decisions")
"""The guard files of earlier revisions that speak of these tables."""

BATCH_CHECKS = {
    "status": ("status IN ('created', 'paid')", "status IN ('created', 'released', 'paid', 'cancelled')"),
    "paid": (
        "(status = 'paid') = (released_by_id IS NOT NULL AND paid_at IS NOT NULL)",
        "(status = 'paid') = (paid_at IS NOT NULL)",
    ),
}
BATCH_ADDED = {
    "released": "(status IN ('released', 'paid')) = (released_by_id IS NOT NULL AND released_at IS NOT NULL)",
    "cancelled": "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
    "paid_fen": "paid_fen >= 0 AND paid_fen <= total_fen",
}
ORDER_CHECKS = {
    "status": ("status IN ('created', 'paid')", "status IN ('created', 'released', 'paid', 'failed', 'cancelled')")
}
ORDER_ADDED = {
    "failed": "(status = 'failed') = (failure_code IS NOT NULL)",
    "failure_code": "failure_code IN ('NAME_MISMATCH', 'ACCOUNT_UNKNOWN', 'ACCOUNT_CLOSED', 'ACCOUNT_BLOCKED', "
    "'BANK_UNKNOWN', 'LIMIT_EXCEEDED', 'SYSTEM_ERROR', 'OTHER')",
    "of_claim": "(claim_id IS NOT NULL) = (subject_kind = 'claim_line')",
}


def upgrade() -> None:
    """Old payments become items; a batch that nobody had released is cancelled, because its claims go on notice first."""
    drop_guards_of(*CHANGED)
    _columns()
    _new_tables()
    op.execute(
        "UPDATE payment_batch SET number = 'P0-' || id, paid_fen = CASE status WHEN 'paid' THEN total_fen ELSE 0 END, "
        "released_at = paid_at"
    )
    _check_anew("payment_batch", BATCH_CHECKS, BATCH_ADDED)
    _let_be_null("fund_entry", "claim_line_id")
    _loosen_orders()
    _check_anew("payment_order", ORDER_CHECKS, ORDER_ADDED)
    op.create_index("uq_payment_batch_number", "payment_batch", ["number"], unique=True)
    _carry_over()
    op.create_index("uq_payment_order_number", "payment_order", ["number"], unique=True)
    for table, column in (
        ("payment_batch", "cancelled_by_id"),
        ("payment_order", "claim_id"),
        ("payment_order", "subject_ref"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("uq_fund_entry_item_id", "fund_entry", ["item_id"], unique=True)
    create_guards(__file__)


def downgrade() -> None:
    """Only while every payment is of the kind that the earlier schema knows: one order a claim, paid with its whole batch."""
    drop_guards_of(*NEW, *CHANGED)
    drop_triggers("claim_line", "claim_line_with_bank", functions=("claim_line_with_bank_refuse",))
    for name in ("uq_payment_batch_number", "ix_payment_batch_cancelled_by_id"):
        op.drop_index(name, "payment_batch")
    for name in ("uq_payment_order_number", "ix_payment_order_claim_id", "ix_payment_order_subject_ref"):
        op.drop_index(name, "payment_order")
    op.drop_index("uq_fund_entry_item_id", "fund_entry")
    _uncheck("payment_batch", BATCH_CHECKS, BATCH_ADDED)
    _uncheck("payment_order", ORDER_CHECKS, ORDER_ADDED)
    _tighten_orders()
    _refuse_null("fund_entry", "claim_line_id")
    _drop_reference("fund_entry", "item_id", "payment_item")
    _drop_reference("payment_batch", "cancelled_by_id", "staff_account")
    for table, columns in _added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
    for table in ("bank_return", "recovery_receipt", "recovery", "fund_allotment", "payment_item", "fund"):
        op.drop_table(table)
    for earlier in BEFORE:
        create_guards(__file__.replace("desk_0013_funds", earlier), *CHANGED)


def _added() -> dict[str, list[sa.Column[Any]]]:
    return {
        "payment_batch": [
            sa.Column("number", sa.String(20), server_default=sa.text("''"), nullable=False),
            sa.Column("month", sa.String(7), server_default=sa.text("''"), nullable=False),
            sa.Column("released_at", INSTANT),
            sa.Column("paid_fen", BIG, server_default=sa.text("0"), nullable=False),
            sa.Column("cancelled_at", INSTANT),
        ],
        "payment_order": [
            sa.Column("number", sa.String(30), server_default=sa.text("''"), nullable=False),
            sa.Column("subject_kind", sa.String(20), server_default=sa.text("'claim_line'"), nullable=False),
            sa.Column("subject_ref", sa.Uuid()),
            sa.Column("fund", sa.String(50), server_default=sa.text("''"), nullable=False),
            sa.Column("policy_version", sa.String(100), server_default=sa.text("''"), nullable=False),
            sa.Column("payee_name", sa.String(200), server_default=sa.text("''"), nullable=False),
            sa.Column("bank_name", sa.String(200), server_default=sa.text("''"), nullable=False),
            sa.Column("account_ref", sa.Uuid()),
            sa.Column("account_last4", sa.String(4), server_default=sa.text("''"), nullable=False),
            sa.Column("failure_code", sa.String(20)),
            sa.Column("failure_text", sa.String(200)),
            sa.Column("returned_at", INSTANT),
            sa.Column("retry_of_ref", sa.Uuid()),
        ],
    }


def _columns() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    _add_reference("payment_batch", "cancelled_by_id", "staff_account")


def _new_tables() -> None:
    op.create_table(
        "payment_item",
        *_keys("payment_item"),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(20), nullable=False),
        sa.Column("subject_ref", sa.Uuid(), nullable=False),
        sa.Column("claim_line_id", BIG),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        _check("payment_item", "subject_kind", "subject_kind IN ('claim_line', 'new_hire')"),
        _check("payment_item", "of_claim", "(claim_line_id IS NOT NULL) = (subject_kind = 'claim_line')"),
        _check("payment_item", "amount_fen", "amount_fen > 0"),
        _reference("payment_item", "order_id", "payment_order"),
        _reference("payment_item", "claim_line_id", "claim_line"),
    )
    for column in ("order_id", "subject_ref", "claim_line_id"):
        op.create_index(f"ix_payment_item_{column}", "payment_item", [column])
    live = sa.text("live")
    op.create_index(
        "uq_payment_item_live", "payment_item", ["subject_ref"], unique=True, sqlite_where=live, postgresql_where=live
    )
    _add_reference("fund_entry", "item_id", "payment_item")
    op.create_table(
        "bank_return",
        *_keys("bank_return"),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("paid_orders", BIG, nullable=False),
        sa.Column("failed_orders", BIG, nullable=False),
        sa.Column("paid_fen", BIG, nullable=False),
        sa.Column("taken_by_id", BIG, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        _check("bank_return", "figures", "paid_orders >= 0 AND failed_orders >= 0 AND paid_fen >= 0"),
        _reference("bank_return", "batch_id", "payment_batch"),
        _reference("bank_return", "taken_by_id", "staff_account"),
        sa.UniqueConstraint("sha256", name=op.f("uq_bank_return_sha256")),
    )
    for column in ("batch_id", "taken_by_id"):
        op.create_index(f"ix_bank_return_{column}", "bank_return", [column])
    _fund_tables()
    _recovery_tables()


def _fund_tables() -> None:
    op.create_table(
        "fund",
        *_keys("fund"),
        sa.Column("name", sa.String(50), nullable=False),
        *(
            sa.Column(f"{name}_fen", BIG, server_default=sa.text("0"), nullable=False)
            for name in ("opening", "allotted", "paid", "received")
        ),
        _check("fund", "figures", "opening_fen >= 0 AND paid_fen >= 0 AND received_fen >= 0"),
        _check("fund", "not_overdrawn", "opening_fen + allotted_fen + received_fen >= paid_fen"),
        sa.UniqueConstraint("name", name=op.f("uq_fund_name")),
    )
    op.create_table(
        "fund_allotment",
        *_keys("fund_allotment"),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("document", sa.String(100), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        *_by_two("fund_allotment", "'proposed', 'confirmed', 'refused'"),
        _check("fund_allotment", "amount_fen", "amount_fen <> 0"),
        _check("fund_allotment", "document", "document <> ''"),
        _reference("fund_allotment", "fund_id", "fund"),
    )
    for column in ("fund_id", "proposed_by_id", "decided_by_id"):
        op.create_index(f"ix_fund_allotment_{column}", "fund_allotment", [column])


def _recovery_tables() -> None:
    op.create_table(
        "recovery",
        *_keys("recovery"),
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("fund", sa.String(50), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("clause", sa.String(10), nullable=False),
        sa.Column("source_ref", sa.Uuid()),
        *_by_two("recovery", "'proposed', 'demanded', 'refused', 'received'"),
        sa.Column("due_on", sa.Date()),
        sa.Column("received_fen", BIG, server_default=sa.text("0"), nullable=False),
        _check("recovery", "amount_fen", "amount_fen > 0"),
        _check("recovery", "reason", "reason <> '' AND clause <> ''"),
        _check("recovery", "due_on", "(status IN ('demanded', 'received')) = (due_on IS NOT NULL)"),
        _check("recovery", "received_fen", "received_fen >= 0 AND received_fen <= amount_fen"),
        _reference("recovery", "item_id", "payment_item"),
        _reference("recovery", "enterprise_id", "enterprise"),
        sa.UniqueConstraint("number", name=op.f("uq_recovery_number")),
    )
    for column in ("item_id", "enterprise_id", "status", "proposed_by_id", "decided_by_id"):
        op.create_index(f"ix_recovery_{column}", "recovery", [column])
    op.create_table(
        "recovery_receipt",
        *_keys("recovery_receipt"),
        sa.Column("recovery_id", BIG, nullable=False),
        sa.Column("fund", sa.String(50), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("voucher", sa.String(60), nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _check("recovery_receipt", "amount_fen", "amount_fen > 0"),
        _check("recovery_receipt", "voucher", "voucher <> ''"),
        _reference("recovery_receipt", "recovery_id", "recovery"),
        _reference("recovery_receipt", "recorded_by_id", "staff_account"),
        sa.UniqueConstraint("voucher", name=op.f("uq_recovery_receipt_voucher")),
    )
    for column in ("recovery_id", "recorded_by_id"):
        op.create_index(f"ix_recovery_receipt_{column}", "recovery_receipt", [column])


def _carry_over() -> None:
    """Orders get their subject and fund, each fund entry its item, and each fund its name with what was paid from it."""
    connection = op.get_bind()
    op.execute(
        "UPDATE payment_order SET number = 'P0-' || batch_id || '-' || id, "
        "subject_ref = (SELECT public_id FROM subsidy_claim c WHERE c.id = claim_id), "
        "policy_version = (SELECT policy_version FROM subsidy_claim c WHERE c.id = claim_id), "
        "fund = COALESCE((SELECT MAX(e.fund) FROM fund_entry e WHERE e.order_id = payment_order.id), ''), "
        "payee_name = (SELECT name FROM enterprise c WHERE c.id = enterprise_id), returned_at = paid_at"
    )
    item = sa.table(
        "payment_item",
        sa.column("public_id", sa.Uuid()),
        *(sa.column(name) for name in ("order_id", "subject_kind", "claim_line_id", "amount_fen")),
        sa.column("subject_ref", sa.Uuid()),
        sa.column("live", sa.Boolean()),
    )
    line = sa.table("claim_line", sa.column("id"), sa.column("public_id", sa.Uuid()))
    entry = sa.table("fund_entry", *(sa.column(name) for name in ("id", "order_id", "claim_line_id", "amount_fen")))
    old = sa.select(entry, line.c.public_id.label("ref")).join_from(entry, line, line.c.id == entry.c.claim_line_id)
    for row in connection.execute(old.order_by(entry.c.id)).all():
        connection.execute(
            sa.insert(item).values(
                public_id=new_public_id(),
                order_id=row.order_id,
                subject_kind="claim_line",
                subject_ref=row.ref,
                claim_line_id=row.claim_line_id,
                amount_fen=row.amount_fen,
                live=True,
            )
        )
    op.execute(
        "UPDATE fund_entry SET item_id = "
        "(SELECT i.id FROM payment_item i WHERE i.claim_line_id = fund_entry.claim_line_id)"
    )
    fund = sa.table(
        "fund", sa.column("public_id", sa.Uuid()), sa.column("name"), sa.column("opening_fen"), sa.column("paid_fen")
    )
    for name, paid in connection.execute(sa.text("SELECT fund, SUM(amount_fen) FROM fund_entry GROUP BY fund")).all():
        connection.execute(
            sa.insert(fund).values(public_id=new_public_id(), name=name, opening_fen=int(paid), paid_fen=int(paid))
        )
    now = sa.bindparam("now", clock.now(), type_=UtcDateTime())
    cancel = "UPDATE payment_batch SET status = 'cancelled', cancelled_at = :now WHERE status = 'created'"
    connection.execute(sa.text("UPDATE payment_order SET status = 'cancelled' WHERE status = 'created'"))
    connection.execute(sa.text(cancel).bindparams(now))


# --- columns and constraints of tables that have rows ---------------------------------------------------------------------


def _check_anew(table: str, changed: dict[str, tuple[str, str]], added: dict[str, str]) -> None:
    """Change CHECK constraints and add others; SQLite writes the table anew."""
    anchor, (_, kept) = next(iter(changed.items()))
    more = "".join(f", CONSTRAINT ck_{table}_{name} CHECK ({text})" for name, text in added.items())
    rewrite_on_sqlite(
        table, *changed.values(), (f"ck_{table}_{anchor} CHECK ({kept})", f"ck_{table}_{anchor} CHECK ({kept}){more}")
    )
    if op.get_bind().dialect.name == "postgresql":
        for name, (_, text) in changed.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, text)
        for name, text in added.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, text)


def _uncheck(table: str, changed: dict[str, tuple[str, str]], added: dict[str, str]) -> None:
    gone = [(f", CONSTRAINT ck_{table}_{name} CHECK ({text})", "") for name, text in added.items()]
    rewrite_on_sqlite(table, *gone, *((new, old) for old, new in changed.values()))
    if op.get_bind().dialect.name == "postgresql":
        for name in added:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        for name, (text, _) in changed.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, text)


_ONE_ORDER = "CONSTRAINT uq_payment_order_claim_id UNIQUE (claim_id)"


def _loosen_orders() -> None:
    """A claim may have several orders, an order another subject than a claim."""
    _let_be_null("payment_order", "claim_id")
    rewrite_on_sqlite("payment_order", (f", \n\t{_ONE_ORDER}", ""))
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("uq_payment_order_claim_id"), "payment_order", type_="unique")


def _tighten_orders() -> None:
    key = "CONSTRAINT pk_payment_order PRIMARY KEY (id)"
    rewrite_on_sqlite("payment_order", (key, f"{key}, \n\t{_ONE_ORDER}"))
    if op.get_bind().dialect.name == "postgresql":
        op.create_unique_constraint(op.f("uq_payment_order_claim_id"), "payment_order", ["claim_id"])
    _refuse_null("payment_order", "claim_id")


def _let_be_null(table: str, column: str) -> None:
    rewrite_on_sqlite(table, (f"\t{column} INTEGER NOT NULL", f"\t{column} INTEGER"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column, nullable=True)


def _refuse_null(table: str, column: str) -> None:
    rewrite_on_sqlite(table, (f"\t{column} INTEGER,", f"\t{column} INTEGER NOT NULL,"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column, nullable=False)


def _add_reference(table: str, column: str, to: str) -> None:
    """A nullable column that refers to another table: one statement on both databases."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)")


def _drop_reference(table: str, column: str, to: str) -> None:
    said = f" CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)"
    rewrite_on_sqlite(table, (said, ""))
    op.drop_column(table, column)


def _keys(table: str) -> tuple[sa.SchemaItem, ...]:
    return (
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    )


def _by_two(table: str, statuses: str) -> tuple[sa.SchemaItem, ...]:
    """What one person proposes and another decides."""
    decided = "(status = 'proposed') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)"
    return (
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("decided_by_id", BIG),
        sa.Column("decided_at", INSTANT),
        _check(table, "status", f"status IN ({statuses})"),
        _check(table, "two_persons", "proposed_by_id <> decided_by_id"),
        _check(table, "decided", decided),
        _reference(table, "proposed_by_id", "staff_account"),
        _reference(table, "decided_by_id", "staff_account"),
    )


def _check(table: str, name: str, text: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}"))


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
