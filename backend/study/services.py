"""The study desk's front door. ``worker_id`` is inside; classes, lessons, sessions and attempts are public ids.

``choosing`` says what may be studied; ``learning`` checks in, opens and closes; ``banking`` seals and deposits; ``quizzing``,
``importing`` banks what other platforms recorded; ``appeals``, ``progress``, ``tracing`` and ``reports`` are what their names
say. All flush and never commit.
"""

from backend.study.appeals import appeal, appeal_case, appeals_of, decide_appeal, open_appeals
from backend.study.banking import bank_closed_sessions
from backend.study.choosing import open_course, open_courses
from backend.study.importing import ImportedTime, KnownImport, bank_imports, known_imports
from backend.study.importing import count_sealed_rows as count_sealed_imports
from backend.study.importing import sealed_rows as sealed_imports
from backend.study.learning import check_in, checked_in, class_began_at, close_session, open_session
from backend.study.lesson_time import claimable_by_lesson
from backend.study.progress import progress
from backend.study.quizzing import finish_quiz, open_quiz
from backend.study.report_issuing import (
    IssuedReport,
    PreparedReport,
    count_sealed_reports,
    issue_report,
    issued_report,
    prepare_report,
    report_by_code,
    report_by_file,
    reports_of,
    sealed_reports,
    withdraw_report,
)
from backend.study.reports import EvidenceReference, HourReportPage, HourRow, hour_report, hour_report_rows
from backend.study.sealed import (
    banking_problems,
    count_banked,
    count_sealed_appeals,
    count_sealed_quizzes,
    deposit_problems,
    sealed_appeals,
    sealed_quizzes,
)
from backend.study.tracing import trace, trace_record
from backend.study.views import (
    AppealCaseView,
    ClassProgress,
    ImportedFrom,
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
    "ImportedFrom",
    "ImportedTime",
    "IssuedReport",
    "KnownImport",
    "LessonInClass",
    "PreparedReport",
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
    "bank_imports",
    "banking_problems",
    "check_in",
    "checked_in",
    "claimable_by_lesson",
    "class_began_at",
    "close_session",
    "count_banked",
    "count_sealed_appeals",
    "count_sealed_imports",
    "count_sealed_quizzes",
    "count_sealed_reports",
    "decide_appeal",
    "deposit_problems",
    "finish_quiz",
    "hour_report",
    "hour_report_rows",
    "issue_report",
    "issued_report",
    "known_imports",
    "open_appeals",
    "open_course",
    "open_courses",
    "open_quiz",
    "open_session",
    "prepare_report",
    "progress",
    "report_by_code",
    "report_by_file",
    "reports_of",
    "sealed_appeals",
    "sealed_imports",
    "sealed_quizzes",
    "sealed_reports",
    "trace",
    "trace_record",
    "withdraw_report",
]
