"""The outbox, the consents that messages rest on, and the channel's access token that all processes share."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, Instant, Json, PrimaryKey, PublicId, allowed_moves, append_only, decided, guard


class OutboxMessage(Base):
    """One message to one worker. `key` keeps a message from being queued twice.

    `waits_since`: it is not sent before the worker consents to one more of its kind, and stands in the phone's list meanwhile.
    `taken_at`: a sender has it; one that never reported back may have sent it, so it is not sent again.
    """

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
    waits_since: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]  # real time
    useful_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class MessageConsent(Base):
    """A worker's tap on "allow": for one message of this template, or for all to come where it is a long-term one. `key` is the
    phone's, so that a tap sent twice is one. `ended_at`: WeChat or the worker said that it no longer holds."""

    __tablename__ = "message_consent"
    __table_args__ = (UniqueConstraint("worker_id", "template", "key"),)

    id: Mapped[PrimaryKey]
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id"))
    template: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    lasting: Mapped[bool]
    given_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]


class ConsentUse(Base):
    """Which consent a message is sent under. The database refuses a second message under a consent for one."""

    __tablename__ = "consent_use"

    id: Mapped[PrimaryKey]
    consent_id: Mapped[int] = mapped_column(ForeignKey("message_consent.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), unique=True)
    used_at: Mapped[Instant]


class ChannelToken(Base):
    """WeChat's access token: one for all processes, encrypted. `leased_until` says that one of them is fetching it."""

    __tablename__ = "channel_token"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_encrypted: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]  # real time, as is leased_until
    leased_until: Mapped[datetime | None]


def _refuse(table: type[Base], name: str, event: str, condition: str, sentence: str) -> None:
    """Refuse a change of `table` where `condition` (SQL over NEW) holds."""
    when = f"BEFORE {event} ON {table.__tablename__}"
    guard(
        table.__table__,
        sqlite=[f"CREATE TRIGGER {name} {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"],
        postgresql=[
            f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}_refuse()",
        ],
    )


allowed_moves(OutboxMessage.__table__, first=("queued",), moves=(("queued", "sent"), ("queued", "given_up")))
_refuse(
    OutboxMessage,
    "outbox_message_needs_consent",
    "UPDATE OF status",
    "NEW.status = 'sent' AND NOT EXISTS (SELECT 1 FROM consent_use u WHERE u.message_id = NEW.id)",
    "outbox_message: nobody consented to this message",
)
decided(MessageConsent.__table__, columns=("worker_id", "template", "key", "lasting", "given_at"))
append_only(ConsentUse.__table__)
_refuse(
    ConsentUse,
    "consent_use_fits",
    "INSERT",
    "NOT EXISTS (SELECT 1 FROM message_consent c JOIN outbox_message m ON m.worker_id = c.worker_id "
    "AND m.template = c.template WHERE c.id = NEW.consent_id AND m.id = NEW.message_id AND c.ended_at IS NULL)",
    "consent_use: this consent is not for this message",
)
_refuse(
    ConsentUse,
    "consent_use_once",
    "INSERT",
    "EXISTS (SELECT 1 FROM message_consent c JOIN consent_use u ON u.consent_id = c.id "
    "WHERE c.id = NEW.consent_id AND NOT c.lasting)",
    "consent_use: this consent was for one message",
)
