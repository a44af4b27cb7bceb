"""The start page, from which each role's page is one click, and the static files of every console page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from console import access, pages, security

blueprint = Blueprint("start", __name__, static_folder="static", static_url_path="/assets", template_folder="templates")
blueprint.after_request(security.harden)
pages.show_errors_as_pages(blueprint)


@dataclass(frozen=True)
class Door:
    """One card of the start page."""

    role: str
    title: str
    sentence: str
    icon: str


DOORS = (
    Door("agent", "企业经办人", "导入花名册、备案培训计划、看学习进度、申领补贴、下载学时报告", "building"),
    Door("reviewer", "审核员", "审核培训计划与补贴申领，处理学时申诉与实名申请", "checklist"),
    Door("second_reviewer", "复审员", "对初审通过的申领再看一遍，四眼通过后方可拨付", "user-shield"),
    Door("cashier", "拨付经办", "把审核通过的申领编成批次，拨付并登记台账", "report-money"),
    Door("desk_clerk", "培训中心前台", "输入劳动者出示的动态码，立即看到是否优先", "building-community"),
    Door("author", "课程作者", "上传课程包与题库，查看校验报告", "book-upload"),
)


INTERFACES = (
    ("接口文档", "全部接口的 OpenAPI 说明，可在线试用，供企业人事系统、培训中心预约系统对接", "/api-docs", "api"),
    ("手机端接口", "微信小程序使用的接口：登录、签到、学习、测试、学分银行", "/api-docs#/phone_login", "device-mobile"),
)


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Who are you? One card a role; in the demonstration each card also signs in."""
    sign_ins: dict[str, list[dict[str, str]]] = {}
    for entry in current_app.config.get("DEMONSTRATION_SIGN_INS", ()):
        sign_ins.setdefault(entry["role"], []).append(entry)
    more = (*current_app.config.get("DEMONSTRATION_PAGES", ()), *INTERFACES)
    return render_template("start.html", doors=DOORS, homes=access.HOMES, sign_ins=sign_ins, interfaces=more)
