"""Lists of other offices.

Revision ID: desk_0008
"""

from __future__ import annotations

revision = "desk_0008"
down_revision = "desk_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
