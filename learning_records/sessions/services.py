"""The services of learning sessions, in one place. They flush and never commit; each says what it raises.

A person is a ``person_ref``; counting is judged in the order in which calls arrive. Every service that writes locks the
person first.
"""

from learning_records.sessions.appeals import appeals_filed, appeals_of, file_appeal, get_appeal
from learning_records.sessions.attested_days import ATTESTED_KIND, AttestedRecord, AttestedView
from learning_records.sessions.beats import close_session, open_session, record_beats
from learning_records.sessions.begun import begun
from learning_records.sessions.closing import close_idle_sessions
from learning_records.sessions.explaining import explain, lesson_progress
from learning_records.sessions.following import Followed, Statement, follow_receipt
from learning_records.sessions.imported import AttestedLimits, ImportedInterval
from learning_records.sessions.imported_recount import problems_of_attested_record, problems_of_imported_record
from learning_records.sessions.imported_statements import (
    CountedSession,
    Observation,
    PlayedSession,
    Verb,
    count_statements,
    sessions_of,
)
from learning_records.sessions.imported_time import ImportedRecord, ImportedView
from learning_records.sessions.lessons import lessons_of_records
from learning_records.sessions.outside import record_appealed_time, record_quiz_time
from learning_records.sessions.presence_services import (
    CHECK_IN_METHODS,
    answer_presence_check,
    check_in,
    check_ins,
    checked_in,
    confirm_presence,
)
from learning_records.sessions.reasons import CLOSE_REASONS, REASONS
from learning_records.sessions.receipts import receipt_is_ours
from learning_records.sessions.recording import record_all, record_attested_day, record_imported_intervals
from learning_records.sessions.rules import BeatIn, Chance, CountingRules, LessonFacts, Piece
from learning_records.sessions.sealing import (
    EVIDENCE_KIND,
    beats_behind,
    closed_unsealed,
    first_opened_at,
    mark_sealed,
    problems_of_session_record,
)
from learning_records.sessions.standing import IMPORTED_KIND
from learning_records.sessions.store import SYSTEM_CHANCE
from learning_records.sessions.views import (
    AppealView,
    BeatsAnswer,
    CheckInView,
    ClosedSession,
    CloseNotice,
    Explanation,
    LessonProgressView,
    MovedTo,
    OutsideTimeView,
    PresenceAnswer,
    PresenceCheckView,
    Receipt,
    SessionClosed,
    SessionOpened,
    UncountedReason,
    UncountedSpan,
)

__all__ = [
    "ATTESTED_KIND",
    "CHECK_IN_METHODS",
    "CLOSE_REASONS",
    "EVIDENCE_KIND",
    "IMPORTED_KIND",
    "REASONS",
    "SYSTEM_CHANCE",
    "AppealView",
    "AttestedLimits",
    "AttestedRecord",
    "AttestedView",
    "BeatIn",
    "BeatsAnswer",
    "Chance",
    "CheckInView",
    "CloseNotice",
    "ClosedSession",
    "CountedSession",
    "CountingRules",
    "Explanation",
    "Followed",
    "ImportedInterval",
    "ImportedRecord",
    "ImportedView",
    "LessonFacts",
    "LessonProgressView",
    "MovedTo",
    "Observation",
    "OutsideTimeView",
    "Piece",
    "PlayedSession",
    "PresenceAnswer",
    "PresenceCheckView",
    "Receipt",
    "SessionClosed",
    "SessionOpened",
    "Statement",
    "UncountedReason",
    "UncountedSpan",
    "Verb",
    "answer_presence_check",
    "appeals_filed",
    "appeals_of",
    "beats_behind",
    "begun",
    "check_in",
    "check_ins",
    "checked_in",
    "close_idle_sessions",
    "close_session",
    "closed_unsealed",
    "confirm_presence",
    "count_statements",
    "explain",
    "file_appeal",
    "first_opened_at",
    "follow_receipt",
    "get_appeal",
    "lesson_progress",
    "lessons_of_records",
    "mark_sealed",
    "open_session",
    "problems_of_attested_record",
    "problems_of_imported_record",
    "problems_of_session_record",
    "receipt_is_ours",
    "record_all",
    "record_appealed_time",
    "record_attested_day",
    "record_beats",
    "record_imported_intervals",
    "record_quiz_time",
    "sessions_of",
]
