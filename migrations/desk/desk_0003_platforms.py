"""Platforms, their directory, and the records that come in from them.

Revision ID: desk_0003
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guarding import create_guards, drop_guards

revision = "desk_0003"
down_revision = "desk_0002"
branch_labels = None
depends_on = ("records_0005",)

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ROWS = ("rows_taken", "rows_same", "rows_refused")
SECONDS = ("learned_seconds", "claimable_seconds")
KINDS = "kind IN ('national', 'city', 'provider', 'enterprise')"
# The platforms that 一(二) names, in its order: code, name, other names, address, address for phones.
NAMED_BY_THE_NOTICE = (
    ("tech-skills", "工业和信息化技术技能人才网上学习平台", [], "www.tech-skills.org.cn", None),
    (
        "kjcxchina",
        "技能强国-全国产业工人技能学习平台",
        ["技能强国", "全国产业工人技能学习平台"],
        "skills.kjcxchina.com",
        "skills.kjcxchina.com/m",
    ),
    ("xuexi", "“学习强国”技能频道", ["学习强国"], None, None),
    ("px-class", "中国职业培训在线", [], "px.class.com.cn", None),
    ("chinanet", "中国国家人事人才培训网", [], "www.chinanet.gov.cn", None),
    ("jiuye-chuangye", "就业创业和职业培训在线", [], None, None),
    ("new-occupations", "新职业在线学习平台", [], None, None),
    ("mohrss-training", "人力资源和社会保障部教育培训网", [], None, None),
    ("wxck", "“无锡创课”微信小程序", ["无锡创课"], None, None),
)


def upgrade() -> None:
    """Create the tables and their guards; list what the notice names; let a platform hold API keys."""
    _create_directory()
    _create_imports()
    create_guards(__file__)
    _list_first_batch()
    _keys_for("'enterprise', 'training_center', 'platform'")


def downgrade() -> None:
    """Take platforms, their directory and their keys away."""
    drop_guards(__file__)
    op.execute("DELETE FROM api_key WHERE subject_kind = 'platform'")
    _keys_for("'enterprise', 'training_center'")
    imports = ("import_verdict", "import_batch", "platform_signing_key", "banked_import")
    for table in (*imports, "directory_entry", "directory_batch", "platform"):
        op.drop_table(table)


def _create_directory() -> None:
    op.create_table(
        "platform",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_platform_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint("public_id", name=op.f("uq_platform_public_id")),
        sa.UniqueConstraint("code", name=op.f("uq_platform_code")),
    )
    op.create_table(
        "directory_batch",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("published_on", sa.Date()),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("entry_count", BIG, nullable=False),
        sa.Column("published_by", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0 AND entry_count > 0", name=op.f("ck_directory_batch_amounts")),
        sa.CheckConstraint("number = 1 OR published_on IS NOT NULL", name=op.f("ck_directory_batch_dated")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_directory_batch_public_id")),
        sa.UniqueConstraint("number", name=op.f("uq_directory_batch_number")),
    )
    op.create_table(
        "directory_entry",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("platform_id", BIG, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=200)),
        sa.Column("mobile_address", sa.String(length=200)),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_directory_entry_kind")),
        sa.ForeignKeyConstraint(["batch_id"], ["directory_batch.id"], name=op.f("fk_directory_entry_batch_id")),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_directory_entry_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_entry")),
        sa.UniqueConstraint("batch_id", "platform_id", name=op.f("uq_directory_entry_batch_id_platform_id")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_directory_entry_batch_id_position")),
    )
    op.create_index("ix_directory_entry_platform_id", "directory_entry", ["platform_id"])


def _create_imports() -> None:
    op.create_table(
        "banked_import",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("platform_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("batch_ref", sa.Uuid(), nullable=False),
        sa.Column("worker_id", BIG, nullable=False),
        sa.Column("context_ref", sa.Uuid(), nullable=False),
        sa.Column("course", sa.String(length=200), nullable=False),
        sa.Column("lesson", sa.String(length=200), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("evidence_record_id", BIG, nullable=False),
        sa.Column("learned_seconds", BIG, nullable=False),
        sa.Column("claimable_seconds", BIG, nullable=False),
        sa.Column("banked_at", INSTANT, nullable=False),
        sa.CheckConstraint("grade IN ('imported', 'attested')", name=op.f("ck_banked_import_grade")),
        sa.CheckConstraint("learned_seconds > 0", name=op.f("ck_banked_import_learned_seconds")),
        sa.CheckConstraint(
            "claimable_seconds BETWEEN 0 AND learned_seconds + 1", name=op.f("ck_banked_import_claimable_seconds")
        ),
        *_refers("banked_import", platform="platform", worker="worker", evidence_record="evidence_record"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_banked_import")),
        sa.UniqueConstraint("platform_id", "external_id", name=op.f("uq_banked_import_platform_id_external_id")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_banked_import_evidence_record_id")),
    )
    op.create_table(
        "platform_signing_key",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("platform_id", BIG, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("registered_by", sa.String(length=100), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_platform_signing_key_public_key")),
        *_refers("platform_signing_key", platform="platform"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_signing_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_platform_signing_key_public_id")),
        sa.UniqueConstraint("public_key", name=op.f("uq_platform_signing_key_public_key")),
    )
    _create_batches()
    for table, columns in (
        ("banked_import", ["batch_ref"]),
        ("banked_import", ["worker_id"]),
        ("banked_import", ["context_ref", "happened_at"]),
        ("platform_signing_key", ["platform_id"]),
        ("import_batch", ["platform_id"]),
        ("import_batch", ["enterprise_id"]),
        ("import_batch", ["class_ref"]),
        ("import_batch", ["signing_key_id"]),
        ("import_batch", ["status"]),
        ("import_verdict", ["banked_import_id"]),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _create_batches() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("platform_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("class_ref", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.JSON()),
        sa.Column("signing_key_id", BIG),
        sa.Column("signature", sa.LargeBinary()),
        sa.Column("received_by", sa.String(length=100), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("failure", sa.String(length=500), nullable=False),
        sa.Column("finished_at", INSTANT),
        *(sa.Column(name, BIG, nullable=False) for name in ("rows_expected", "last_number", *ROWS, *SECONDS)),
        sa.Column("evidence_record_id", BIG),
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_import_batch_{name}"))
            for name, said in (
                ("source", "source IN ('call', 'table')"),
                ("layout", "(source = 'table') = (layout IS NOT NULL)"),
                ("status", "status IN ('waiting', 'done', 'failed')"),
                ("finished", "(status = 'waiting') = (finished_at IS NULL)"),
                ("sealed", "(status = 'waiting') = (evidence_record_id IS NULL)"),
                ("failure", "(status = 'failed') = (failure <> '')"),
                ("rows", "rows_taken >= 0 AND rows_same >= 0 AND rows_refused >= 0"),
                ("seconds", "learned_seconds >= 0 AND claimable_seconds >= 0"),
                ("signed", "(signing_key_id IS NULL) = (signature IS NULL)"),
            )
        ),
        *_refers("import_batch", platform="platform", enterprise="enterprise", signing_key="platform_signing_key"),
        *_refers("import_batch", evidence_record="evidence_record"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_import_batch_public_id")),
        sa.UniqueConstraint("evidence_record_id", name=op.f("uq_import_batch_evidence_record_id")),
    )
    op.create_table(
        "import_verdict",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        *(sa.Column(f"{name}_seconds", BIG, nullable=False) for name in ("counted", "claimable", "overlap")),
        sa.Column("banked_import_id", BIG),
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_import_verdict_{name}"))
            for name, said in (
                ("verdict", "verdict IN ('taken', 'same', 'refused')"),
                ("taken_is_banked", "(verdict = 'refused') = (banked_import_id IS NULL)"),
                ("seconds", "counted_seconds >= 0 AND claimable_seconds >= 0 AND overlap_seconds >= 0"),
                ("counted", "verdict = 'taken' OR (counted_seconds = 0 AND claimable_seconds = 0)"),
            )
        ),
        *_refers("import_verdict", batch="import_batch", banked_import="banked_import"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_verdict")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_import_verdict_batch_id_number")),
    )


def _refers(table: str, /, **others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([f"{name}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_id"))
        for name, other in others.items()
    ]


def _list_first_batch() -> None:
    """The first batch is what 一(二) names; the notice says no day, so the row has none (see directory.first_batch_on)."""
    insert = op.get_bind().execute
    at = datetime.now(UTC)
    batch = {"published_on": None, "note": "通知一(二)点名的平台。", "published_by": "notice", "recorded_at": at}
    batch |= {"public_id": uuid.uuid4(), "number": 1, "entry_count": len(NAMED_BY_THE_NOTICE)}
    batch_id = insert(_BATCHES.insert().values(batch).returning(_BATCHES.c.id)).scalar_one()
    for position, (code, name, other_names, address, mobile_address) in enumerate(NAMED_BY_THE_NOTICE, start=1):
        said = {"name": name, "kind": "city" if code == "wxck" else "national"}
        platform = {"public_id": uuid.uuid4(), "code": code, "registered_at": at, **said}
        platform_id = insert(_PLATFORMS.insert().values(platform).returning(_PLATFORMS.c.id)).scalar_one()
        entry = {"batch_id": batch_id, "platform_id": platform_id, "position": position, "withdrawn": False, **said}
        entry |= {"other_names": other_names, "address": address, "mobile_address": mobile_address}
        insert(_ENTRIES.insert().values(entry))


def _table(table: str, /, **columns: sa.types.TypeEngine[Any]) -> sa.TableClause:
    return sa.table(table, *(sa.column(column, kind) for column, kind in columns.items()))


_PLATFORMS = _table(
    "platform", id=BIG, public_id=sa.Uuid(), code=sa.String(), name=sa.String(), kind=sa.String(), registered_at=INSTANT
)
_BATCHES = _table(
    "directory_batch",
    id=BIG,
    public_id=sa.Uuid(),
    number=BIG,
    published_on=sa.Date(),
    note=sa.String(),
    entry_count=BIG,
    published_by=sa.String(),
    recorded_at=INSTANT,
)
_ENTRIES = _table(
    "directory_entry",
    id=BIG,
    batch_id=BIG,
    platform_id=BIG,
    position=BIG,
    name=sa.String(),
    kind=sa.String(),
    other_names=sa.JSON(),
    address=sa.String(),
    mobile_address=sa.String(),
    withdrawn=sa.Boolean(),
)


def _keys_for(kinds: str) -> None:
    """Say whom an API key may belong to. SQLite makes the table anew: nothing refers to it and it has no trigger."""
    name = op.f("ck_api_key_subject_kind")
    with op.batch_alter_table("api_key") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"subject_kind IN ({kinds})")
