"""Queue messages (any slice), and take, send and settle them (the phone's door)."""

from backend.messages.channel_tokens import (
    channel_token,
    drop_channel_token,
    end_channel_lease,
    lease_channel_token,
    store_channel_token,
)
from backend.messages.outbox import (
    DueMessage,
    MessageView,
    mark_failed,
    mark_sent,
    messages_of,
    queue,
    take_due,
)

__all__ = [
    "DueMessage",
    "MessageView",
    "channel_token",
    "drop_channel_token",
    "end_channel_lease",
    "lease_channel_token",
    "mark_failed",
    "mark_sent",
    "messages_of",
    "queue",
    "store_channel_token",
    "take_due",
]
