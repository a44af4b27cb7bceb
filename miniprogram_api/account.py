"""Signing in, signing out, and the worker's own data."""

from typing import Any

from flask import request
from marshmallow import fields

from backend.people import services as people
from backend.people.services import Code, SignedIn, WorkerView
from config.database import transaction
from miniprogram_api.gateway import wechat
from miniprogram_api.guard import OpenBlueprint, WorkerBlueprint, caller, forget_token
from wire.api import bearer_token
from wire.schemas import StrictSchema, Text

login = OpenBlueprint("login", "登录")
account = WorkerBlueprint("account", "我的账号")

Body = dict[str, Any]


def device_field() -> Text:
    """What tells a worker's phones apart."""
    return Text(required=True, at_least=1, limit=64, metadata={"description": "手机标识，由小程序生成并保存"})


class LoginIn(StrictSchema):
    code = Text(required=True, at_least=1, limit=128, metadata={"description": "wx.login 所得的 code，只能用一次"})
    device_id = device_field()


class WorkerOut(StrictSchema):
    worker_id = fields.UUID(attribute="public_id", required=True)
    masked_name = fields.String(allow_none=True)
    masked_id_number = fields.String(allow_none=True)
    masked_phone = fields.String(allow_none=True)
    consented = fields.Boolean(required=True)
    consent_version = fields.String(allow_none=True)
    identified = fields.Boolean(required=True)


class SignedInOut(StrictSchema):
    token = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    worker = fields.Nested(WorkerOut, required=True)


class ConsentIn(StrictSchema):
    version = Text(required=True, at_least=1, limit=20)


class IdentityIn(StrictSchema):
    name = Text(required=True, at_least=1, limit=100)
    id_number = Text(required=True, at_least=1, limit=64)


class PhoneIn(StrictSchema):
    code = Text(
        required=True, at_least=1, limit=128, metadata={"description": "getPhoneNumber 所得的 code，5分钟内有效"}
    )


class CodeOut(StrictSchema):
    code = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class MoveIn(StrictSchema):
    id_number = Text(required=True, at_least=1, limit=64)
    code = Text(required=True, at_least=1, limit=32)
    device_id = device_field()


@login.post("/login")
@login.arguments(LoginIn)
@login.response(200, SignedInOut)
def log_in(body: Body) -> SignedIn:
    """用 wx.login 的 code 换取令牌

    第一次登录即建立账号。令牌30天有效，请求时放在 Authorization: Bearer 里。
    """
    openid = wechat().openid_of_code(body["code"])
    return transaction(lambda: people.sign_in_with_openid(openid=openid, device=body["device_id"]))


@account.post("/logout")
@account.response(204)
def log_out() -> None:
    """退出登录，令牌作废"""
    token = bearer_token(request)
    transaction(lambda: people.sign_out(token=token))
    forget_token()


@account.get("/me")
@account.response(200, WorkerOut)
def show_me() -> WorkerView:
    """我的资料（脱敏）"""
    return people.worker_view(caller().worker_id)


@account.put("/me/consent")
@account.arguments(ConsentIn)
@account.response(200, WorkerOut)
def put_consent(body: Body) -> WorkerView:
    """同意隐私协议；同意之前不收集任何个人信息"""
    return transaction(lambda: people.give_consent(worker_id=caller().worker_id, version=body["version"]))


@account.put("/me/identity")
@account.arguments(IdentityIn)
@account.response(200, WorkerOut)
def put_identity(body: Body) -> WorkerView:
    """实名登记：姓名和身份证号

    身份证号已在另一个微信账号上登记时返回 IDENTITY_TAKEN，errors 里有两种换机办法。24小时内最多提交5次（TOO_MANY_TRIES）。
    """
    transaction(lambda: people.count_identity_try(worker_id=caller().worker_id, **body))
    return transaction(lambda: people.set_identity(worker_id=caller().worker_id, **body))


@account.put("/me/phone")
@account.arguments(PhoneIn)
@account.response(200, WorkerOut)
def put_phone(body: Body) -> WorkerView:
    """用微信的手机号授权登记手机号"""
    people.require_consented(caller().worker_id)
    phone = wechat().phone_number_of_code(body["code"])
    return transaction(lambda: people.set_phone(worker_id=caller().worker_id, phone=phone))


@account.post("/me/move-code")
@account.response(201, CodeOut)
def post_move_code() -> Code:
    """旧手机：显示一次性换机码，10分钟有效"""
    return transaction(lambda: people.show_move_code(worker_id=caller().worker_id))


@account.post("/me/move")
@account.arguments(MoveIn)
@account.response(200, SignedInOut)
def post_move(body: Body) -> SignedIn:
    """新手机：输入旧手机上的换机码，账号换到本机，旧手机退出"""
    moved = transaction(
        lambda: people.move_with_code(
            worker_id=caller().worker_id,
            id_number=body["id_number"],
            code=body["code"],
            device=body["device_id"],
        )
    )
    forget_token()
    return moved


@account.post("/me/desk-code")
@account.arguments(IdentityIn)
@account.response(201, CodeOut)
def post_desk_code(body: Body) -> Code:
    """新手机：旧手机不能用时取办理码，交给企业经办人提出，由审核人员核对；与实名登记合计，24小时内最多提交5次"""
    transaction(lambda: people.count_identity_try(worker_id=caller().worker_id, **body))
    return transaction(lambda: people.ask_at_desk(worker_id=caller().worker_id, **body))
