"""Disputes of workers.

Revision ID: desk_0012
"""

from __future__ import annotations

revision = "desk_0012"
down_revision = "desk_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
