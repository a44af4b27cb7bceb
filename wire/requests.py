"""Request ids, one log line a request, and the headers every answer carries."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

_log = structlog.get_logger("http")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


def register(app: Flask, *, log_requests: bool) -> None:
    """Attach the request id (the caller's ``X-Request-Id`` if it is well-formed, else a new one) and the log line."""

    @app.before_request
    def _begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)  # every line logged on the way carries it

    @app.after_request
    def _end(response: Response) -> Response:
        request_id = g.get("request_id", "")
        response.headers["X-Request-Id"] = request_id
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if log_requests:
            spent_ms = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
            _log.info(
                "request",
                method=request.method,
                route=request.url_rule.rule if request.url_rule else None,
                status=response.status_code,
                spent_ms=spent_ms,
            )
        return response
