"""Training classes: join by the code on the QR, and what I joined."""

from typing import Any

from marshmallow import fields

from backend.plans import services as plans
from backend.plans.services import ClassView
from config.database import transaction
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.schemas import StrictSchema, Text

classes = WorkerBlueprint("classes", "培训班")


class JoinIn(StrictSchema):
    class_code = Text(required=True, at_least=1, limit=32)


class ClassCourseOut(StrictSchema):
    course_id = fields.UUID(required=True)
    title = fields.String(required=True)


class ClassOut(StrictSchema):
    class_id = fields.UUID(required=True)
    title = fields.String(required=True)
    enterprise_name = fields.String(required=True)
    starts_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True)
    class_hours = fields.Integer(allow_none=True)
    filed = fields.Boolean(required=True, metadata={"description": "是否已备案；备案前的学时只记入学分，不能申领补贴"})
    courses = fields.List(fields.Nested(ClassCourseOut), required=True)


class ClassesOut(StrictSchema):
    items = fields.List(fields.Nested(ClassOut), required=True)


@classes.post("/classes/join")
@classes.arguments(JoinIn)
@classes.response(200, ClassOut)
def join(body: dict[str, Any]) -> ClassView:
    """凭班级码加入培训班；重复加入不变"""
    return transaction(lambda: plans.join_class(worker_id=caller().worker_id, class_code=body["class_code"]))


@classes.get("/classes")
@classes.response(200, ClassesOut)
def list_mine() -> dict[str, list[ClassView]]:
    """我加入的培训班"""
    return {"items": plans.classes_of(caller().worker_id)}
