"""The OpenAPI 3.1 description of the JSON doors, and the blueprint every JSON door uses.

Bodies are at most 1 MB and read by orjson, which refuses NaN, infinities and lone surrogates.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Request
from flask_smorest import Api
from flask_smorest import Blueprint as SmorestBlueprint
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import RequestEntityTooLarge

from config.errors import Invalid
from wire.problems import Unauthenticated
from wire.schemas import ProblemSchema

JSON_BODY_LIMIT_BYTES = 1_000_000


class JsonParser(FlaskParser):
    """Reads a JSON body strictly and says in Chinese what is wrong with it."""

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json_request(req):
            return core.missing
        body = req.get_data(cache=True)
        if len(body) > JSON_BODY_LIMIT_BYTES:
            raise RequestEntityTooLarge
        try:
            return orjson.loads(body)
        except (orjson.JSONDecodeError, RecursionError) as error:
            raise Invalid("INVALID_JSON", "提交的内容不是有效的 JSON。") from error


class JsonBlueprint(SmorestBlueprint):
    """A blueprint of a JSON door: strict bodies, and the problem documents it answers with are described."""

    ARGUMENTS_PARSER = JsonParser()


class ProblemApi(Api):
    """Describes every refusal as the problem document it is."""

    ERROR_SCHEMA = ProblemSchema


def create_api(app: Flask) -> Api:
    """The description at ``/openapi.json``; doors register their blueprints on what this returns."""
    app.config.update(
        API_TITLE="无锡创课 Chuangke API",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {
                "description": "手机端、合作系统与存证日志的接口。错误一律为 application/problem+json，code 稳定不变。"
            },
            "components": {
                "securitySchemes": {
                    "workerToken": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "POST /api/v1/phone/login 所得的令牌",
                    },
                    "apiKey": {"type": "http", "scheme": "bearer", "description": "企业、培训中心或培训平台的接口密钥"},
                }
            },
        },
    )
    api = ProblemApi(app)
    # flask-smorest answers HTTP errors app-wide with its own body; wire.problems has the one way
    app.error_handler_spec[None].clear()
    return api


def limit_body(request: Request, limit_bytes: int = JSON_BODY_LIMIT_BYTES) -> None:
    """Refuse a larger body before it is read, also where none is looked for. Raises ``RequestEntityTooLarge``."""
    request.max_content_length = limit_bytes
    if (request.content_length or 0) > limit_bytes:
        raise RequestEntityTooLarge


def bearer_token(request: Request) -> str:
    """The opaque token of ``Authorization: Bearer``. Raises ``Unauthenticated`` when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > 200:
        raise Unauthenticated("UNAUTHENTICATED", "登录已失效，请重新登录。")
    return token.strip()
