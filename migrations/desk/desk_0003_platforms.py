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
    create_guards(__file__)
    _list_first_batch()
    _keys_for("'enterprise', 'training_center', 'platform'")


def downgrade() -> None:
    """Take platforms, their directory and their keys away."""
    drop_guards(__file__)
    op.execute("DELETE FROM api_key WHERE subject_kind = 'platform'")
    _keys_for("'enterprise', 'training_center'")
    for table in ("directory_entry", "directory_batch", "platform"):
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
