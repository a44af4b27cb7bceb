"""Pages: what every template may use, and how an error looks to a person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog
from flask import Blueprint, Flask, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from config import clock
from config.crypto import sha256_hex
from config.errors import DomainError
from config.settings import Settings
from console import security, words
from console.forms import status_of
from wire import problems

_log = structlog.get_logger("console")

STATIC = Path(__file__).parent / "static"

_SENTENCES = {
    400: ("这个请求无法处理", "请返回上一页，核对后再试一次。"),
    401: ("请先登录", "登录后可继续。"),
    403: ("没有权限打开此页", "当前账号的角色不能使用这个页面。请换用对应角色的账号登录。"),
    404: ("没有找到", "地址不存在，或不属于您的单位。"),
    405: ("不能这样打开此页", "请从页面上的按钮进入。"),
    413: ("文件太大", "请压缩或分批后再上传。"),
}
_UNEXPECTED = ("暂时无法办理", "系统已记录此问题。请稍后再试；如仍不行，请联系管理员。")
_EXPIRED = ("页面已过期", "页面停留太久，或已在别处退出登录。请返回上一页，刷新后再提交；刚才没有保存任何内容。")


def configure(app: Flask, settings: Settings) -> None:
    """Put words, icons and the demonstration's facts into the templates."""
    app.jinja_env.globals.update(
        icon=icon,
        asset=asset,
        words=words,
        demonstration=settings.demonstration,
        office_contact=settings.office_contact,
        calendar_now=clock.now,
        endpoints=app.view_functions,
    )
    app.jinja_env.filters.update(
        yuan=words.yuan,
        duration=words.duration,
        exact_duration=words.exact_duration,
        moment=words.moment,
        moment_exact=words.moment_exact,
        day=words.day,
        short=words.short,
        file_size=words.file_size,
    )

    app.register_error_handler(404, _unknown_address)


def _unknown_address(error: HTTPException) -> ResponseReturnValue:
    """An address no door knows: a problem document under the API prefixes, a page elsewhere."""
    return problems.problem(404) if problems.is_api_path() else security.harden(make_response(http_error_page(error)))


@dataclass(frozen=True)
class Svg:
    """A picture that templates put into the page as it is: only ever made from our own vendored files."""

    text: str

    def __html__(self) -> str:
        return self.text


@cache
def icon(name: str) -> Svg:
    """A vendored icon as inline SVG, hidden from screen readers (the words beside it say the same)."""
    svg = (STATIC / "vendor" / "tabler-icons" / f"{name}.svg").read_text(encoding="utf-8")
    return Svg(svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1))


@cache
def _fingerprint(name: str) -> str:
    return sha256_hex((STATIC / name).read_bytes())[:12]


def asset(name: str) -> str:
    """The address of a static file, with its content's fingerprint so that a new version is fetched at once."""
    return url_for("start.static", filename=name, v=_fingerprint(name))


def is_fragment() -> bool:
    """Whether htmx asked, and so only the changed part of the page is wanted."""
    return request.headers.get("HX-Request") == "true"


def show_errors_as_pages(blueprint: Blueprint) -> None:
    """Refusals and HTTP errors raised in this blueprint become Chinese pages (or fragments for htmx)."""
    blueprint.register_error_handler(DomainError, _refusal_page)
    blueprint.register_error_handler(HTTPException, http_error_page)
    blueprint.register_error_handler(OperationalError, _busy_page)
    blueprint.register_error_handler(Exception, _unexpected_page)


def _refusal_page(refusal: DomainError) -> ResponseReturnValue:
    return error_page(status_of(refusal), "未能办理", refusal.detail)


def _busy_page(error: OperationalError) -> ResponseReturnValue:
    _log.error("database refused", error=type(error.orig).__name__, exc_info=error)
    return error_page(503, "系统正忙", "请几秒后再试，已保存的内容不会丢失。")


def _unexpected_page(error: Exception) -> ResponseReturnValue:
    _log.error("unexpected error", path=request.path, exc_info=error)
    return error_page(500, *_UNEXPECTED)


def http_error_page(error: HTTPException) -> ResponseReturnValue:
    """An HTTP error as a page in plain Chinese."""
    if error.response is not None:
        return error.response
    if isinstance(error, CSRFError):
        return error_page(
            400, "页面已过期", "页面停留太久或已在别处退出登录。请返回上一页刷新后再提交，刚才没有保存任何内容。"
        )
    code = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        code = 413
    title, sentence = _SENTENCES.get(code, _UNEXPECTED)
    return error_page(code, title, sentence)


def error_page(status: int, title: str, sentence: str) -> ResponseReturnValue:
    """One quiet page that says what happened and where to go."""
    name = "fragments/alert.html" if is_fragment() else "error.html"
    return render_template(name, title=title, sentence=sentence, status=status), status
