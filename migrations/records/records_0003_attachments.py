"""Attachments: pictures, videos and stamped papers kept with the evidence.

Revision ID: records_0003
"""

from __future__ import annotations

revision = "records_0003"
down_revision = "records_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
