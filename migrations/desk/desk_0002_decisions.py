"""No decision without its evidence record.

Revision ID: desk_0002
"""

from __future__ import annotations

revision = "desk_0002"
down_revision = "desk_0001"
branch_labels = None
depends_on = ("records_0002",)


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
