"""The advance for new hires.

Revision ID: desk_0010
"""

from __future__ import annotations

revision = "desk_0010"
down_revision = "desk_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
