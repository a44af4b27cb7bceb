"""Sends the desk's messages: takes what is due, asks the gateway, reports back.

No transaction is open while WeChat is asked.
"""

from backend.messages import services as messages
from backend.messages.services import DueMessage
from config.database import transaction
from config.errors import DomainError, Unavailable
from miniprogram_api.gateway import wechat


def send_due_messages(*, limit: int = 50) -> int:
    """Job, every minute: send what is due; returns how many went out.

    A message nobody subscribed to is given up; an outage of WeChat leaves it for later.
    """
    due = transaction(lambda: messages.take_due(limit=limit))
    return sum(_send(message) for message in due)


def _send(message: DueMessage) -> bool:
    if message.openid is None:
        transaction(lambda: messages.mark_failed(message_id=message.id, code="NO_WECHAT_ACCOUNT", final=True))
        return False
    try:
        wechat().send_subscribe_message(openid=message.openid, template_id=message.template, data=message.data)
    except DomainError as error:
        code, final = error.code, not isinstance(error, Unavailable)
        transaction(lambda: messages.mark_failed(message_id=message.id, code=code, final=final))
        return False
    transaction(lambda: messages.mark_sent(message_id=message.id))
    return True
