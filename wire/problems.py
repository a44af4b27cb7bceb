"""Every refused call of a JSON door becomes ``application/problem+json`` (RFC 9457) with a stable code and a Chinese detail.

Registered for the whole app, but it answers only under the API prefixes; pages keep their own error pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooManyTries, Unavailable

API_PREFIXES = ("/api/", "/log/", "/xapi/", "/demonstration/", "/healthz", "/readyz", "/openapi.json")
_log = structlog.get_logger("wire")

_STATUS: dict[type[DomainError], int] = {  # the narrower kind first
    NotFound: 404,
    TooManyTries: 429,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}
_TITLES = {
    400: "请求不正确",
    401: "请先登录",
    403: "无权操作",
    404: "没有找到",
    405: "不支持这种操作",
    406: "不支持所要的格式",
    408: "请求超时",
    409: "与已有记录冲突",
    413: "内容过大",
    414: "地址过长",
    415: "内容格式不支持",
    422: "内容有误",
    429: "操作过于频繁",
    431: "请求头过大",
    500: "服务器内部错误",
    503: "服务繁忙",
}
_DETAILS = {
    400: "请求内容无法识别，请更新小程序后再试。",
    401: "登录已失效，请重新登录。",
    404: "没有找到您要的内容。",
    405: "这个地址不支持这种操作。",
    413: "提交的内容超过大小限制，请分开提交。",
    415: "请以 JSON 格式提交。",
    422: "提交的内容有误，请按所列各项改正后再提交。",
    429: "操作太频繁，请稍后再试。",
    500: "服务器出了问题，已记录。请稍后再试。",
    503: "系统正忙，请几秒后再试，已提交的内容不会丢失。",
}
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID_BODY",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    503: "BUSY",
}


class Unauthenticated(DomainError):
    """No valid token or key came with the call. Only doors raise it."""


def problem(
    status: int,
    *,
    code: str | None = None,
    detail: str | None = None,
    errors: Iterable[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as a response. Code and detail default to the ones of the status."""
    code = code or _CODES.get(status, "ERROR")
    body = {
        "type": f"urn:chuangke:problem:{code.lower().replace('_', '-')}",
        "title": _TITLES.get(status, "请求未成功"),
        "status": status,
        "detail": detail or _DETAILS.get(status, "请求未成功，请稍后再试。"),
        "code": code,
        "request_id": g.get("request_id", ""),
        "errors": list(errors),
    }
    response = Response(orjson.dumps(body, default=str), status, mimetype="application/problem+json")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def status_of(error: DomainError) -> int:
    """The HTTP status a refusal travels with."""
    if isinstance(error, Unauthenticated):
        return 401
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 422)


def is_api_path() -> bool:
    """Whether the present request came to a JSON door."""
    return request.path.startswith(API_PREFIXES)


def register(app: Flask) -> None:
    """Answer every error under the API prefixes with a problem document."""

    @app.errorhandler(DomainError)
    def _refused(error: DomainError) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else None
        return problem(status_of(error), code=error.code, detail=error.detail, errors=error.errors, headers=headers)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response | HTTPException:
        if not is_api_path() or error.code is None or error.code < 400:
            return error
        messages = getattr(error, "data", None) or {}
        headers = dict(messages.get("headers") or {})
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                headers[name] = value
        return problem(error.code, errors=field_errors(messages.get("messages")), headers=headers)

    @app.errorhandler(OperationalError)
    def _busy(error: OperationalError) -> Response:
        _log.error("database refused", error=type(error.orig).__name__, exc_info=error)
        return problem(503, headers={"Retry-After": "2"})

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        _log.error("unexpected error", path=request.path, exc_info=error)
        return problem(500)


def field_errors(messages: Any, path: str = "") -> list[dict[str, str]]:
    """Flatten marshmallow's nested messages to ``{"field": "beats.0.seq", "detail": …}``."""
    if not messages:
        return []
    if isinstance(messages, str):
        return [{"field": path, "detail": _in_chinese(messages)}]
    if isinstance(messages, Mapping):
        found: list[dict[str, str]] = []
        for key, value in messages.items():
            inner = path if not path and key in ("json", "query", "files", "form") else f"{path}.{key}".strip(".")
            found += field_errors(value, inner)
        return found
    return [fault for item in messages for fault in field_errors(item, path)]


_CHINESE = {
    "Unknown field.": "没有这个字段",
    "Missing data for required field.": "缺少必填内容",
    "Field may not be null.": "不能为空",
    "Invalid input type.": "类型不对",
    "Not a valid list.": "必须是列表",
    "Not a valid string.": "必须是文字",
    "Not a valid boolean.": "必须是 true 或 false",
    "Not a valid date.": "日期格式应为 2020-03-02",
    "Not a valid UUID.": "编号格式不对",
    "Invalid JSON body.": "不是有效的 JSON",
}
_ONE_OF = re.compile(r"Must be one of: (.+)\.")


def _in_chinese(message: str) -> str:
    """Our own messages are Chinese already; marshmallow's are English, and a phone shows none of them."""
    if found := _ONE_OF.fullmatch(message):
        return f"只能是：{found[1]}"
    if message in _CHINESE or message.isascii():
        return _CHINESE.get(message, "填写不正确")
    return message
