"""Which policies there are, which one is current, and the values that other floors and slices freeze from it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import chinese_calendar

import config
from backend.policies.reading import read_policy
from backend.policies.rules import Policy
from backend.quizzes.rules import QuizRules
from config import clock
from config.errors import NotFound
from learning_records.sessions.rules import CountingRules

_DIRECTORY = Path(config.__file__).parent / "policies"
_SATURDAY = 5


_configured: list[str] = []


def configure(*, policy_id: str) -> None:
    """Choose the office's policy. Called once by ``app.py``. Raises what ``get`` raises."""
    get(policy_id)
    _configured[:] = [policy_id]


def files() -> list[Path]:
    """All policy files, sorted; a file is named after its policy's id."""
    return sorted(_DIRECTORY.glob("*.toml"))


@lru_cache(maxsize=32)
def get(policy_id: str) -> Policy:
    """The policy of that id. Raises ``NotFound`` POLICY_NOT_FOUND, ``Invalid`` POLICY_INVALID."""
    found = {path.stem: path for path in files()}
    if policy_id not in found:
        raise NotFound("POLICY_NOT_FOUND", f"没有编号为“{policy_id}”的政策；现有：{'、'.join(found)}。")
    return read_policy(found[policy_id])


def read(path: Path) -> Policy:
    """The policy in any file, to check it before it is put in place. Raises ``Invalid`` POLICY_INVALID."""
    return read_policy(path)


def current() -> Policy:
    """The office's policy. Raises ``NotFound`` POLICY_NOT_IN_FORCE on a day outside its effective dates."""
    if not _configured:
        raise RuntimeError("policies.configure(policy_id=...) was not called; app.py does this")
    policy, today = get(_configured[0]), clock.today()
    ends_on = policy.effective.ends_on
    if today < policy.effective.starts_on or (ends_on is not None and today > ends_on):
        raise NotFound(
            "POLICY_NOT_IN_FORCE", f"{today.isoformat()}不在政策“{policy.title}”的有效期内；请联系市高训中心。"
        )
    return policy


def counting_rules(policy: Policy) -> CountingRules:
    """The numbers of counting (四.2) that a session freezes when it opens, in the units of the records floor."""
    counting = policy.counting
    return CountingRules(
        version=policy.version,
        beat_interval_seconds=counting.beat_interval_seconds,
        gap_budget_ms=counting.maximum_gap_seconds * 1000,
        kept_budget_ms=counting.kept_budget_seconds * 1000,
        ahead_tolerance_ms=counting.ahead_tolerance_seconds * 1000,
        outage_ms=counting.presence_after_gap_seconds * 1000,
        presence_after_min_ms=counting.presence_first_seconds * 1000,
        presence_after_max_ms=counting.presence_last_seconds * 1000,
        presence_answer_ms=counting.presence_answer_seconds * 1000,
        presence_question=int(counting.presence_asks_question),
        idle_ms=counting.idle_close_seconds * 1000,
        session_limit_ms=counting.longest_session_seconds * 1000,
        complete_per_mille=counting.complete_percent * 10,
        batch_limit_beats=counting.batch_beats,
        appeal_ms=policy.appeal.within_hours * 3_600_000,
    )


def quiz_rules(policy: Policy) -> QuizRules:
    """Question count, time limit, pass mark and resits of the final quiz (四.2)."""
    return QuizRules(
        question_count=policy.quiz.question_count,
        time_limit_seconds=policy.quiz.time_limit_seconds,
        pass_mark=policy.quiz.pass_mark,
        resits=policy.quiz.resits,
    )


def working_days_after(on: date, days: int) -> date:
    """The ``days``-th working day after ``on``, which is not counted; public holidays and make-up days of China are known.

    For years whose calendar has not been published, Monday to Friday.
    """
    day = on
    while days > 0:
        day += timedelta(days=1)
        days -= _is_working_day(day)
    return day


def _is_working_day(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY
