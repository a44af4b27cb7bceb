"""Platforms, their directory, and the records that come in from them.

Revision ID: desk_0003
"""

from __future__ import annotations

revision = "desk_0003"
down_revision = "desk_0002"
branch_labels = None
depends_on = ("records_0005",)


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
