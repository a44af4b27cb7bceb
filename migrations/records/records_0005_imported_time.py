"""Time from other platforms: lessons of theirs, and days without intervals.

Revision ID: records_0005
"""

from __future__ import annotations

revision = "records_0005"
down_revision = "records_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
