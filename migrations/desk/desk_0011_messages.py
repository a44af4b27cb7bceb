"""Consents to messages.

Revision ID: desk_0011
"""

from __future__ import annotations

revision = "desk_0011"
down_revision = "desk_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
