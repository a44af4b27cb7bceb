"""Recoveries.

Revision ID: desk_0013
"""

from __future__ import annotations

revision = "desk_0013"
down_revision = "desk_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
