"""My credit bank: balance, statement, and the code a training center looks up."""

from typing import Any

from marshmallow import RAISE, fields

from backend.credit_bank import services as credit_bank
from backend.credit_bank.rules import StatementLine
from backend.policies import rules as policy_rules
from backend.policies import services as policies
from backend.study import services as study
from backend.training_centers import services as training_centers
from backend.training_centers.services import Code
from config.database import transaction
from miniprogram_api.account import CodeOut
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.paging import PAGE_SIZE, Page, key_of, page
from wire.schemas import StrictSchema, Text

credit = WorkerBlueprint("credit", "学分银行")


class CreditOut(StrictSchema):
    claimable_seconds = fields.Integer(required=True)
    held_seconds = fields.Integer(required=True)
    settled_seconds = fields.Integer(required=True)
    learned_seconds = fields.Integer(required=True)
    class_hours = fields.Integer(required=True)
    credits = fields.Integer(required=True)


class StatementIn(StrictSchema):
    cursor = Text(limit=64, load_default=None)


class StatementLineOut(StrictSchema):
    key = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    from_kind = fields.String(required=True)
    to_kind = fields.String(required=True)
    amount_seconds = fields.Integer(required=True)
    claimable_after_seconds = fields.Integer(required=True)
    learned_after_seconds = fields.Integer(required=True)
    class_id = fields.UUID(attribute="context_ref", allow_none=True)
    reason = fields.String(required=True)
    at = fields.DateTime(required=True)


class StatementOut(StrictSchema):
    items = fields.List(fields.Nested(StatementLineOut), required=True)
    next_cursor = fields.String(allow_none=True)


@credit.get("/credit")
@credit.response(200, CreditOut)
def show_credit() -> dict[str, int]:
    """我的学时和学分：可申领、冻结中、已核销、累计学习"""
    worker_id = caller().worker_id
    transaction(lambda: study.bank_closed_sessions(worker_id=worker_id))
    balance, policy = credit_bank.balance(worker_id=worker_id), policies.current()
    return {
        **balance.__dict__,
        "class_hours": policy_rules.class_hours_of([balance.learned_seconds], policy),
        "credits": policy_rules.credits_of(balance.learned_seconds, policy),
    }


@credit.get("/credit/statement")
@credit.arguments(StatementIn, location="query", unknown=RAISE)
@credit.response(200, StatementOut)
def show_statement(query: dict[str, Any]) -> Page[StatementLine]:
    """学时明细，最新的在前"""
    before = key_of(query["cursor"]) or None
    lines = credit_bank.statement(worker_id=caller().worker_id, before=before, limit=PAGE_SIZE + 1)
    return page(lines, size=PAGE_SIZE, key=lambda line: line.id)


@credit.post("/credit/code")
@credit.response(201, CodeOut)
def post_code() -> Code:
    """出示给培训中心的动态码：一分钟内有效，只能查询一次"""
    return transaction(lambda: training_centers.rotating_code(caller().worker_id))
