"""Versions of policies and corrections of the calendar.

Revision ID: desk_0009
"""

from __future__ import annotations

revision = "desk_0009"
down_revision = "desk_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
