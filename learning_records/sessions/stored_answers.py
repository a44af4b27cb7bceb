"""The answer to a batch as JSON, kept beside its last beat, so that a repeated batch gets the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from learning_records.sessions.views import (
    BeatsAnswer,
    MovedTo,
    PresenceCheckView,
    Receipt,
    UncountedReason,
    close_notice,
)


def answer_to_json(answer: BeatsAnswer) -> dict[str, Any]:
    """The answer as it is stored beside the batch's last beat, so that a repeated batch gets the same one."""
    data: dict[str, Any] = dict(answer.__dict__)
    data["session_id"] = str(answer.session_id)
    data["uncounted"] = [
        [reason.code, reason.seconds, reason.sentence, reason.next_step] for reason in answer.uncounted
    ]
    check = answer.presence_check
    data["presence_check"] = check and {**check.__dict__, "check_id": str(check.check_id), **_times(check)}
    data["closed"] = answer.closed and answer.closed.reason
    moved = answer.moved_to
    data["moved_to"] = moved and {**asdict(moved), "session_id": str(moved.session_id)}
    data["receipt"] = answer.receipt.__dict__
    return data


def _times(check: PresenceCheckView) -> dict[str, str]:
    return {"due_at": check.due_at.isoformat(), "answer_by": check.answer_by.isoformat()}


def answer_from_json(data: Mapping[str, Any]) -> BeatsAnswer:
    """The answer of ``answer_to_json``."""
    check, moved = data["presence_check"], data["moved_to"]
    return BeatsAnswer(
        **{
            **data,
            "session_id": UUID(data["session_id"]),
            "uncounted": tuple(
                UncountedReason(code, sentence, next_step, seconds)
                for code, seconds, sentence, next_step in data["uncounted"]
            ),
            "presence_check": check
            and PresenceCheckView(
                UUID(check["check_id"]),
                datetime.fromisoformat(check["due_at"]),
                datetime.fromisoformat(check["answer_by"]),
                check["question"],
                check["overdue"],
            ),
            "closed": data["closed"] and close_notice(data["closed"]),
            "moved_to": moved and MovedTo(**{**moved, "session_id": UUID(moved["session_id"])}),
            "receipt": Receipt(**data["receipt"]),
        }
    )
