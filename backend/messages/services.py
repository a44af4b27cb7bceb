"""Queue messages (any slice), keep consents, and take, send and settle what is due (the phone's door)."""

from backend.messages.channel_tokens import (
    channel_token,
    drop_channel_token,
    end_channel_lease,
    lease_channel_token,
    store_channel_token,
)
from backend.messages.consents import TemplateView, answer_consents, end_consents, templates_of
from backend.messages.outbox import (
    DueMessage,
    MessageView,
    known_keys,
    mark_failed,
    mark_read,
    mark_sent,
    messages_of,
    queue,
    take_due,
    unread_count,
)
from backend.messages.rules import thing

__all__ = [
    "DueMessage",
    "MessageView",
    "TemplateView",
    "answer_consents",
    "channel_token",
    "drop_channel_token",
    "end_channel_lease",
    "end_consents",
    "known_keys",
    "lease_channel_token",
    "mark_failed",
    "mark_read",
    "mark_sent",
    "messages_of",
    "queue",
    "store_channel_token",
    "take_due",
    "templates_of",
    "thing",
    "unread_count",
]
