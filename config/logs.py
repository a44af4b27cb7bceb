"""Logs: one JSON object a line, with the request's id and without personal data.

Values under a personal key are replaced before anything is written, and so is every 18-digit ID number and every mobile
number inside a text (domain reference section 7.1).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_PERSONAL_KEYS = {
    "name",
    "id_number",
    "phone",
    "openid",
    "code",
    "token",
    "authorization",
    "secret",
    "password",
    "session_key",
}
_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_BEARER = re.compile(r"(?i)(bearer\s+|secret=|access_token=)[^\s&\"']+")
_ROW = re.compile(r"(Failing row contains|Key) \(.*")  # PostgreSQL quotes the row that a constraint refused


def scrub_text(text: str) -> str:
    """``text`` with ID numbers, mobile numbers, bearer tokens, URL secrets and quoted database rows blotted out."""
    text = _ID_NUMBER.sub("[id number]", text)
    text = _PHONE.sub("[phone]", text)
    text = _ROW.sub(r"\1 [row]", text)
    return _BEARER.sub(r"\1[secret]", text)


def _scrub(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if not key.startswith("_"):  # structlog's own, dropped before anything is written
            event[key] = _scrubbed(key, value)
    return event


def _scrubbed(key: str, value: Any) -> Any:
    if key in _PERSONAL_KEYS:
        return "[personal]"
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {inner: _scrubbed(str(inner), each) for inner, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_scrubbed("", each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return scrub_text(str(value))


def configure(level: str = "INFO") -> None:
    """Send structlog and the standard library's loggers to standard error as JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrub,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # that a job runs every two seconds is no news
