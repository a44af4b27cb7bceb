"""The outbox: queued in the transaction of what it tells about, sent afterwards, at least once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend.messages import rules
from backend.messages.models import OutboxMessage
from backend.people import services as people
from config import clock
from config.database import db, locked
from config.errors import Conflict


@dataclass(frozen=True)
class MessageView:
    """A message as its worker or a desk may see it."""

    template: str
    data: Mapping[str, Any]
    status: str
    queued_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class DueMessage:
    """A message to send now; `openid` is None when the worker has no WeChat account any more."""

    id: int
    openid: str | None
    template: str
    data: Mapping[str, Any]


def queue(*, worker_id: int, template: str, data: Mapping[str, Any], key: str) -> MessageView:
    """Queue a message once for each `key` (format `<what happened>:<its id>:<worker id>`).

    `data` maps the template's fields to texts without personal data. The same key and content again changes nothing; other
    content raises Conflict MESSAGE_KEY_REUSED.
    """
    message = db.session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
    if message is None:
        message = OutboxMessage(
            worker_id=worker_id,
            template=template,
            data=dict(data),
            key=key,
            status="queued",
            queued_at=clock.now(),
            next_try_at=clock.real_now(),
            attempts=0,
        )
        db.session.add(message)
        db.session.flush()
    elif (message.worker_id, message.template, message.data) != (worker_id, template, dict(data)):
        raise Conflict("MESSAGE_KEY_REUSED", "同一条消息的内容前后不一致。")
    return _view(message)


def take_due(*, limit: int = 50) -> list[DueMessage]:
    """Take messages whose time has come, under a lease of two minutes so that no other sender takes them too."""
    at = clock.real_now()
    query = select(OutboxMessage).where(OutboxMessage.status == "queued", OutboxMessage.next_try_at <= at)
    due = []
    for message in db.session.scalars(locked(query.order_by(OutboxMessage.id).limit(limit))):
        message.next_try_at = rules.lease_end(at)
        due.append(DueMessage(message.id, people.openid_of(message.worker_id), message.template, message.data))
    db.session.flush()
    return due


def mark_sent(*, message_id: int) -> None:
    """The channel accepted the message."""
    message = _load(message_id)
    message.status, message.sent_at, message.last_error = "sent", clock.now(), None
    message.attempts += 1
    db.session.flush()


def mark_failed(*, message_id: int, code: str, final: bool) -> None:
    """The channel refused. `final`: trying again cannot help (the worker did not subscribe); otherwise it waits its turn."""
    message = _load(message_id)
    message.attempts += 1
    message.last_error = code[:64]
    retry_at = None if final else rules.next_try(message.attempts, at=clock.real_now())
    if retry_at is None:
        message.status = "given_up"
    else:
        message.next_try_at = retry_at
    db.session.flush()


def messages_of(*, worker_id: int, limit: int = 100) -> list[MessageView]:
    """The worker's messages, the newest first."""
    query = select(OutboxMessage).where(OutboxMessage.worker_id == worker_id).order_by(OutboxMessage.id.desc())
    return [_view(message) for message in db.session.scalars(query.limit(limit))]


def _load(message_id: int) -> OutboxMessage:
    query = locked(select(OutboxMessage).where(OutboxMessage.id == message_id))
    message: OutboxMessage = db.session.scalars(query).one()
    return message


def _view(message: OutboxMessage) -> MessageView:
    return MessageView(message.template, message.data, message.status, message.queued_at, message.sent_at)
