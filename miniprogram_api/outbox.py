"""Sends the desk's messages: takes what is due, asks the gateway, reports back.

No transaction is open while WeChat is asked.
"""

from backend.messages import services as messages
from backend.messages.services import DueMessage
from config.database import transaction
from config.errors import DomainError, Unavailable
from miniprogram_api.gateway import template_id, wechat
from miniprogram_api.wechat import UnansweredError

MOST_AT_ONCE = 2_000


def send_due_messages(*, limit: int = 50) -> int:
    """Job, every minute: send what is due, at most 2,000; returns how many went out.

    A message nobody subscribed to is given up; an outage of WeChat leaves it for later. Where WeChat took a message and gave
    no answer, it may have arrived: it is not sent again and stands in the phone's list.
    """
    sent = asked = 0
    while asked < MOST_AT_ONCE and (due := transaction(lambda: messages.take_due(limit=limit))):
        asked += len(due)
        sent += sum(_send(message) for message in due)
    return sent


def _send(message: DueMessage) -> bool:
    if message.openid is None:
        transaction(lambda: messages.mark_failed(message_id=message.id, code="NO_WECHAT_ACCOUNT", final=True))
        return False
    try:
        wechat().send_subscribe_message(
            openid=message.openid,
            template_id=template_id(message.template),
            data=message.data,
            page=message.page,
        )
    except DomainError as error:
        unknown = isinstance(error, UnansweredError)
        code, final = error.code, unknown or not isinstance(error, Unavailable)
        transaction(lambda: messages.mark_failed(message_id=message.id, code=code, final=final))
        return False
    transaction(lambda: messages.mark_sent(message_id=message.id))
    return True
