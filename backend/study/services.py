"""The study desk's front door. ``worker_id`` is inside; classes, lessons, sessions and attempts are public ids.

``choosing`` says what may be studied; ``learning`` checks in, opens and closes; ``banking`` seals and deposits; ``quizzing``,
``appeals``, ``progress``, ``tracing`` and ``reports`` are what their names say. All flush and never commit.
"""

from backend.study.appeals import appeal, appeal_case, appeals_of, decide_appeal, open_appeals
from backend.study.banking import bank_closed_sessions
from backend.study.choosing import open_course, open_courses
from backend.study.learning import check_in, checked_in, class_began_at, close_session, open_session
from backend.study.progress import progress
from backend.study.quizzing import finish_quiz, open_quiz
from backend.study.reports import EvidenceReference, HourReportPage, HourRow, hour_report, hour_report_rows
from backend.study.tracing import trace, trace_record
from backend.study.views import (
    AppealCaseView,
    ClassProgress,
    LessonInClass,
    QuizFinished,
    StudyClosed,
    Trace,
    TracedBeat,
    TracedPiece,
    TracedRecord,
    TracedSecond,
)

__all__ = [
    "AppealCaseView",
    "ClassProgress",
    "EvidenceReference",
    "HourReportPage",
    "HourRow",
    "LessonInClass",
    "QuizFinished",
    "StudyClosed",
    "Trace",
    "TracedBeat",
    "TracedPiece",
    "TracedRecord",
    "TracedSecond",
    "appeal",
    "appeal_case",
    "appeals_of",
    "bank_closed_sessions",
    "check_in",
    "checked_in",
    "class_began_at",
    "close_session",
    "decide_appeal",
    "finish_quiz",
    "hour_report",
    "hour_report_rows",
    "open_appeals",
    "open_course",
    "open_courses",
    "open_quiz",
    "open_session",
    "progress",
    "trace",
    "trace_record",
]
