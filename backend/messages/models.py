"""The outbox, and the channel's access token that all processes share."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, Json, PrimaryKey, PublicId


class OutboxMessage(Base):
    """One message to one worker. `key` keeps a message from being queued twice."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'sent', 'given_up')", name="status"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    id: Mapped[PrimaryKey]
    public_id: Mapped[PublicId]
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"), index=True)
    template: Mapped[str] = mapped_column(String(64))
    data: Mapped[Json]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    status: Mapped[str] = mapped_column(String(10), default="queued", index=True)
    queued_at: Mapped[Instant]
    next_try_at: Mapped[Instant]  # real time
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(64))


class ChannelToken(Base):
    """WeChat's access token: one for all processes, encrypted. `leased_until` says that one of them is fetching it."""

    __tablename__ = "channel_token"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_encrypted: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]  # real time, as is leased_until
    leased_until: Mapped[datetime | None]
