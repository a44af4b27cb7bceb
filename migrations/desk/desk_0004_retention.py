"""What the desk keeps for how long.

Revision ID: desk_0004
"""

from __future__ import annotations

revision = "desk_0004"
down_revision = "desk_0003"
branch_labels = None
depends_on = ("records_0004",)


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
