"""The worker's messages, and what they consented to be sent through WeChat."""

from typing import Any

from marshmallow import fields, validate

from backend.messages import services as outbox
from backend.messages.services import MessageView, TemplateView
from config.database import transaction
from miniprogram_api.gateway import template_id
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.schemas import StrictSchema, Text

messages = WorkerBlueprint("messages", "消息和订阅")

Body = dict[str, Any]
MOST_AT_ONCE = 100


class MessageOut(StrictSchema):
    message_id = fields.UUID(required=True)
    template = fields.String(required=True)
    title = fields.String(required=True)
    sentence = fields.String(required=True)
    page = fields.String(required=True)
    delivery = fields.String(required=True)
    queued_at = fields.DateTime(required=True)
    read_at = fields.DateTime(allow_none=True)


class MessagesIn(StrictSchema):
    before = fields.AwareDateTime(metadata={"description": "只列这一时刻之前的"})


class MessagesOut(StrictSchema):
    items = fields.List(fields.Nested(MessageOut), required=True)
    unread = fields.Integer(required=True)


class ReadIn(StrictSchema):
    message_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=MOST_AT_ONCE))


class TemplateOut(StrictSchema):
    code = fields.String(required=True)
    wechat_template_id = fields.String(required=True)
    title = fields.String(required=True)
    lasting = fields.Boolean(required=True)
    left = fields.Integer(required=True)


class TemplatesOut(StrictSchema):
    items = fields.List(fields.Nested(TemplateOut), required=True)


class ConsentsIn(StrictSchema):
    key = Text(required=True, at_least=1, limit=64, metadata={"description": "本次点按的编号，重发时不变"})
    answers = fields.Dict(
        keys=Text(limit=64),
        values=fields.String(validate=validate.OneOf(["accept", "reject", "ban"])),
        required=True,
        validate=validate.Length(max=10),
        metadata={"description": "wx.requestSubscribeMessage 的结果，键为提醒的 code"},
    )


@messages.get("/messages")
@messages.arguments(MessagesIn, location="query")
@messages.response(200, MessagesOut)
def list_messages(query: Body) -> dict[str, list[MessageView] | int]:
    """我的消息，新的在前；没有订阅额度、未能通过微信发出的也在这里"""
    worker_id = caller().worker_id
    items = outbox.messages_of(worker_id=worker_id, before=query.get("before"), limit=MOST_AT_ONCE)
    return {"items": items, "unread": outbox.unread_count(worker_id=worker_id)}


@messages.post("/messages/read")
@messages.arguments(ReadIn)
@messages.response(204)
def mark_read(body: Body) -> None:
    """已看过这些消息"""
    transaction(lambda: outbox.mark_read(worker_id=caller().worker_id, message_ids=body["message_ids"]))


@messages.get("/messages/templates")
@messages.response(200, TemplatesOut)
def list_templates() -> dict[str, list[dict[str, object]]]:
    """可以订阅的提醒和剩余额度；同意一次只能发一条，长期订阅除外"""
    return _templates(outbox.templates_of(worker_id=caller().worker_id))


@messages.post("/messages/consents")
@messages.arguments(ConsentsIn)
@messages.response(200, TemplatesOut)
def post_consents(body: Body) -> dict[str, list[dict[str, object]]]:
    """登记本人对订阅提醒的选择

    在看完一课、预约实训这类操作时询问；同一 key 重发不重复计。
    """
    return _templates(
        transaction(
            lambda: outbox.answer_consents(worker_id=caller().worker_id, answers=body["answers"], key=body["key"])
        )
    )


def _templates(views: list[TemplateView]) -> dict[str, list[dict[str, object]]]:
    items: list[dict[str, object]] = [
        {
            "code": view.code,
            "wechat_template_id": template_id(view.code),
            "title": view.title,
            "lasting": view.lasting,
            "left": view.left,
        }
        for view in views
    ]
    return {"items": items}
