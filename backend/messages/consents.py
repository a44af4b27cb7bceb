"""What workers consented to be sent: one consent, one message; a long-term template's consent lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from backend.messages import catalogue
from backend.messages.models import ConsentUse, MessageConsent, OutboxMessage
from config import clock
from config.database import db, locked

KEPT_AT_MOST = 20
"""Unused consents of a person and template; WeChat adds up taps without end, and nobody wants twenty reminders."""


@dataclass(frozen=True)
class TemplateView:
    """A template as a worker's phone sees it. ``left`` is how many messages may still be sent under consents; of a lasting one,
    1 while it holds."""

    code: str
    title: str
    lasting: bool
    left: int


def answer_consents(*, worker_id: int, answers: Mapping[str, str], key: str) -> list[TemplateView]:
    """Keep what the worker answered to WeChat's question, by template code: ``accept`` adds one consent, ``reject`` changes
    nothing, ``ban`` (switched off for good) ends those left. The same ``key`` again changes nothing. Messages that waited for a
    consent are sent as far as it reaches. Raises Invalid TEMPLATE_UNKNOWN."""
    for code, answer in sorted(answers.items()):
        template = catalogue.find(code)
        if answer == "accept":
            _accept(worker_id, template, key)
        elif answer == "ban":
            end_consents(worker_id=worker_id, template=code)
    db.session.flush()
    return templates_of(worker_id=worker_id)


def templates_of(*, worker_id: int) -> list[TemplateView]:
    """Every template with what is left of the worker's consents."""
    counted = select(MessageConsent.template, func.count()).where(MessageConsent.worker_id == worker_id, _usable())
    rows = db.session.execute(counted.group_by(MessageConsent.template))
    left = {row[0]: int(row[1]) for row in rows}
    return [
        TemplateView(code, template.title, template.lasting, left.get(code, 0))
        for code, template in catalogue.TEMPLATES.items()
    ]


def end_consents(*, worker_id: int, template: str) -> None:
    """WeChat or the worker said that no message of this template is wanted: what is left no longer holds."""
    db.session.execute(
        update(MessageConsent)
        .where(MessageConsent.worker_id == worker_id, MessageConsent.template == template)
        .where(MessageConsent.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def spend(messages: Sequence[OutboxMessage]) -> set[int]:
    """Put each message under a consent, the oldest first; the ids of those for which there is one."""
    used = select(ConsentUse.message_id).where(ConsentUse.message_id.in_([message.id for message in messages]))
    covered = set(db.session.scalars(used))
    for message in messages:
        if message.id not in covered and (consent := _oldest(message)) is not None:
            db.session.add(ConsentUse(consent_id=consent.id, message_id=message.id, used_at=clock.now()))
            db.session.flush()
            covered.add(message.id)
    return covered


def _accept(worker_id: int, template: catalogue.Template, key: str) -> None:
    own = select(MessageConsent).where(MessageConsent.worker_id == worker_id, MessageConsent.template == template.code)
    if db.session.scalar(own.where(MessageConsent.key == key)) is not None:
        return
    left = len(list(db.session.scalars(locked(own.where(_usable())))))
    if left < (1 if template.lasting else KEPT_AT_MOST):
        db.session.add(
            MessageConsent(
                worker_id=worker_id, template=template.code, key=key, lasting=template.lasting, given_at=clock.now()
            )
        )
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.worker_id == worker_id, OutboxMessage.template == template.code)
        .where(OutboxMessage.status == "queued", OutboxMessage.waits_since.is_not(None))
        .values(waits_since=None, next_try_at=clock.real_now())
    )


def _usable() -> ColumnElement[bool]:
    """That a message may still be sent under the consent."""
    used = select(ConsentUse.id).where(ConsentUse.consent_id == MessageConsent.id).exists()
    return and_(MessageConsent.ended_at.is_(None), or_(MessageConsent.lasting, ~used))


def _oldest(message: OutboxMessage) -> MessageConsent | None:
    query = select(MessageConsent).where(
        MessageConsent.worker_id == message.worker_id,
        MessageConsent.template == message.template,
        _usable(),
    )
    found: MessageConsent | None = db.session.scalar(locked(query.order_by(MessageConsent.id).limit(1)))
    return found
