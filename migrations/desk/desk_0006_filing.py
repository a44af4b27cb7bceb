"""Documents and amendments of plans, and bank accounts of enterprises.

Revision ID: desk_0006
"""

from __future__ import annotations

revision = "desk_0006"
down_revision = "desk_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
