"""Proposals of destruction: what one person proposed and another approved. What was proposed is not edited."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, PrimaryKey, PublicId, allowed_moves, decided

PROPOSED, APPROVED = "proposed", "approved"


class DestructionProposal(Base):
    """Evidence that one person proposes to destroy. ``units`` are [kind, id] of classes, persons or other contexts;
    ``list_sha256`` is over the ids of their records, so that what is approved is what was proposed.

    ``certificate_id`` names the destruction it became.
    """

    __tablename__ = "destruction_proposal"
    __table_args__ = (
        CheckConstraint(f"status IN ('{PROPOSED}', '{APPROVED}')", name="status"),
        CheckConstraint("record_count > 0", name="record_count"),
        CheckConstraint("length(list_sha256) = 64", name="list_sha256"),
        CheckConstraint("proposed_by_id <> approved_by_id", name="two_persons"),
        CheckConstraint(
            f"(status = '{APPROVED}') = (approved_by_id IS NOT NULL AND approved_at IS NOT NULL "
            "AND certificate_id IS NOT NULL)",
            name="approved",
        ),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    status: Mapped[str] = mapped_column(String(10), index=True)
    units: Mapped[list[Any]]
    record_count: Mapped[int]
    list_sha256: Mapped[str] = mapped_column(String(64))
    clause: Mapped[str] = mapped_column(String(50))
    reason: Mapped[str] = mapped_column(String(500))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    proposed_at: Mapped[Instant]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    approved_at: Mapped[datetime | None]
    certificate_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)


allowed_moves(DestructionProposal.__table__, first=[PROPOSED], moves=[(PROPOSED, APPROVED)])
decided(
    DestructionProposal.__table__,
    columns=[
        "public_id",
        "units",
        "record_count",
        "list_sha256",
        "clause",
        "reason",
        "proposed_by_id",
        "proposed_at",
    ],
)
