"""Archives, legal holds and destruction.

Revision ID: records_0004
"""

from __future__ import annotations

revision = "records_0004"
down_revision = "records_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
