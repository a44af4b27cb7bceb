"""Claims on notice, adjusted person by person, and paid item by item.

Revision ID: desk_0005
"""

from __future__ import annotations

revision = "desk_0005"
down_revision = "desk_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
