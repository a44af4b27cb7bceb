"""The outbox: queued in the transaction of what it tells about, sent afterwards under a consent, at most once."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from backend.messages import catalogue, consents, rules
from backend.messages.models import OutboxMessage
from backend.people import services as people
from config import clock
from config.database import db, locked
from config.errors import Conflict

_KEYS_AT_ONCE = 500


@dataclass(frozen=True)
class MessageView:
    """A message as its worker or a desk may see it. `delivery`: `on_the_way`, `waits_for_consent`, `sent` (by WeChat) or
    `here_only` (it stands in the phone's list alone)."""

    message_id: uuid.UUID
    template: str
    title: str
    sentence: str
    page: str
    data: Mapping[str, Any]
    status: str
    delivery: str
    queued_at: datetime
    sent_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True)
class DueMessage:
    """A message to send now; `openid` is None when the worker has no WeChat account any more."""

    id: int
    openid: str | None
    template: str
    data: Mapping[str, Any]
    page: str


def queue(
    *, worker_id: int, template: str, data: Mapping[str, str], key: str, useful_until: datetime | None = None
) -> MessageView:
    """Queue a message once for each `key` (format `<what happened>:<its id>:<worker id>`).

    `data` maps the template's fields to texts without personal data of others; `useful_until`: after that it is not sent any
    more. The same key and content again changes nothing. Raises Conflict MESSAGE_KEY_REUSED (other content), Invalid
    TEMPLATE_UNKNOWN, MESSAGE_DATA_INVALID (see `catalogue`).
    """
    checked = catalogue.check(template, data)
    message = db.session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
    if message is None:
        message = OutboxMessage(
            worker_id=worker_id,
            template=template,
            data=checked,
            key=key,
            status="queued",
            queued_at=clock.now(),
            next_try_at=clock.real_now(),
            attempts=0,
            useful_until=useful_until,
        )
        db.session.add(message)
        db.session.flush()
    elif (message.worker_id, message.template, message.data) != (worker_id, template, checked):
        raise Conflict("MESSAGE_KEY_REUSED", "同一条消息的内容前后不一致。")
    return _view(message)


def known_keys(keys: Sequence[str]) -> set[str]:
    """Which of these keys were queued already: what a reminder said once is not worked out again."""
    found: set[str] = set()
    for begin in range(0, len(keys), _KEYS_AT_ONCE):
        query = select(OutboxMessage.key).where(OutboxMessage.key.in_(keys[begin : begin + _KEYS_AT_ONCE]))
        found.update(db.session.scalars(query))
    return found


def take_due(*, limit: int = 50) -> list[DueMessage]:
    """Take messages whose time has come, under a lease of two minutes so that no other sender takes them too.

    Each is put under a consent of its worker; one without waits for the next. What a sender took and never reported on may
    have been sent, so it is given up, and so is what came too late to be of use.
    """
    at = clock.real_now()
    due: list[DueMessage] = []
    for some in _pages(at, limit):
        sendable = [message for message in some if not _ended(message)]
        covered = consents.spend(sendable)
        for message in sendable:
            if message.id not in covered:
                message.waits_since = clock.now()
                continue
            message.taken_at, message.next_try_at = at, rules.lease_end(at)
            due.append(_due(message))
        db.session.flush()
        if len(due) >= limit:
            break
    return due


def mark_sent(*, message_id: int) -> None:
    """The channel accepted the message."""
    message = _load(message_id)
    message.status, message.sent_at, message.last_error, message.taken_at = "sent", clock.now(), None, None
    message.attempts += 1
    db.session.flush()


def mark_failed(*, message_id: int, code: str, final: bool) -> None:
    """The channel refused. `final`: trying again cannot help (the worker did not subscribe) or might send it twice; otherwise
    it waits its turn."""
    message = _load(message_id)
    message.attempts += 1
    message.last_error, message.taken_at = code[:64], None
    retry_at = None if final else rules.next_try(message.attempts, at=clock.real_now())
    if retry_at is None:
        message.status = "given_up"
    else:
        message.next_try_at = retry_at
    if code == rules.NOT_SUBSCRIBED:  # our count of consents was too high: WeChat's own says none is left
        consents.end_consents(worker_id=message.worker_id, template=message.template)
    db.session.flush()


def messages_of(*, worker_id: int, before: datetime | None = None, limit: int = 100) -> list[MessageView]:
    """The worker's messages, the newest first, whether WeChat carried them or not."""
    query = select(OutboxMessage).where(OutboxMessage.worker_id == worker_id)
    if before is not None:
        query = query.where(OutboxMessage.queued_at < before)
    query = query.order_by(OutboxMessage.queued_at.desc(), OutboxMessage.id.desc()).limit(limit)
    return [_view(message) for message in db.session.scalars(query)]


def unread_count(*, worker_id: int) -> int:
    """How many messages the worker has not seen in the phone's list."""
    query = select(func.count()).where(OutboxMessage.worker_id == worker_id, OutboxMessage.read_at.is_(None))
    return db.session.scalar(query) or 0


def mark_read(*, worker_id: int, message_ids: Collection[uuid.UUID]) -> None:
    """The worker has seen these; somebody else's are left alone."""
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.worker_id == worker_id, OutboxMessage.public_id.in_(message_ids))
        .where(OutboxMessage.read_at.is_(None))
        .values(read_at=clock.now())
    )


def _pages(at: datetime, limit: int) -> Iterator[list[OutboxMessage]]:
    """What is due, page by page: those that turn out to wait for a consent must not keep the others back."""
    after = 0
    while True:
        query = select(OutboxMessage).where(
            OutboxMessage.status == "queued",
            OutboxMessage.waits_since.is_(None),
            OutboxMessage.next_try_at <= at,
            OutboxMessage.id > after,
        )
        page = list(db.session.scalars(locked(query.order_by(OutboxMessage.id).limit(limit))))
        if not page:
            return
        after = page[-1].id
        yield page


def _ended(message: OutboxMessage) -> bool:
    """Whether it is given up now, and says why."""
    if message.taken_at is not None:
        message.last_error = rules.OUTCOME_UNKNOWN
    elif message.useful_until is not None and message.useful_until <= clock.now():
        message.last_error = rules.TOO_LATE
    else:
        return False
    message.status, message.taken_at = "given_up", None
    return True


def _due(message: OutboxMessage) -> DueMessage:
    template = catalogue.TEMPLATES.get(message.template)
    page = template.page if template else ""
    return DueMessage(message.id, people.openid_of(message.worker_id), message.template, message.data, page)


def _load(message_id: int) -> OutboxMessage:
    query = locked(select(OutboxMessage).where(OutboxMessage.id == message_id))
    message: OutboxMessage = db.session.scalars(query).one()
    return message


def _view(message: OutboxMessage) -> MessageView:
    template = catalogue.TEMPLATES.get(message.template)
    return MessageView(
        message_id=message.public_id,
        template=message.template,
        title=template.title if template else "提醒",
        sentence=catalogue.sentence(message.template, message.data),
        page=template.page if template else "",
        data=message.data,
        status=message.status,
        delivery=rules.delivery(message.status, waits=message.waits_since is not None),
        queued_at=message.queued_at,
        sent_at=message.sent_at,
        read_at=message.read_at,
    )
