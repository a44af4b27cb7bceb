"""Policies for the slices above: which are in place, which were kept, working days, and values frozen for other floors."""

from __future__ import annotations

from backend.policies.corrections import (
    CorrectionView,
    correct_day,
    correction_list,
    corrections,
    notice_window,
    window_after,
    working_days_after,
)
from backend.policies.in_place import configure, configured, current, files, for_enterprise, get, read
from backend.policies.keeping import KeptVersion, keep, keep_file, kept_versions, of_version
from backend.policies.rules import Policy
from backend.policies.working_days import DayKind, DayWindow
from backend.quizzes.rules import QuizRules
from learning_records.sessions.rules import CountingRules

__all__ = [
    "CorrectionView",
    "DayKind",
    "DayWindow",
    "KeptVersion",
    "configure",
    "configured",
    "correct_day",
    "correction_list",
    "corrections",
    "counting_rules",
    "current",
    "files",
    "for_enterprise",
    "get",
    "keep",
    "keep_file",
    "kept_versions",
    "notice_window",
    "of_version",
    "quiz_rules",
    "read",
    "window_after",
    "working_days_after",
]


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
