"""What the house may ask of records that come in from other platforms. None of these commits.

``keep_table``, ``keep_paper``, ``check_statement`` and ``read_on`` work on files, outside transactions; ``receive_table``
enters a batch, ``take_in_rows`` judges some of its rows and ``finish`` seals it; ``receive_call`` does all of it at once.
"""

from backend.imports.batches import count_sealed_rows, finish, sealed_rows, take_in_rows
from backend.imports.played_elsewhere import KnownPerson, read_persons, take_in_sessions
from backend.imports.receiving import (
    TABLE,
    CallOutcome,
    KeptTable,
    Statement,
    check_statement,
    keep_paper,
    keep_table,
    receive_call,
    receive_table,
)
from backend.imports.results import (
    RESULT_HEADINGS,
    CodeCount,
    batch_of_enterprise,
    batch_of_platform,
    batches_of_class,
    batches_of_enterprise,
    code_counts,
    open_paper,
    papers_of,
    read_on,
    result_table,
    verdicts,
    waiting_batches,
)
from backend.imports.rules import CODE_WORDS, GRADE_WORDS, VERDICT_WORDS
from backend.imports.signing import (
    SigningKeyView,
    end_signing_key,
    register_signing_key,
    signing_keys,
    statement_of,
)
from backend.imports.taking import MOST_ROWS
from backend.imports.template import template
from backend.imports.views import BatchView, VerdictView

__all__ = [
    "CODE_WORDS",
    "GRADE_WORDS",
    "MOST_ROWS",
    "RESULT_HEADINGS",
    "TABLE",
    "VERDICT_WORDS",
    "BatchView",
    "CallOutcome",
    "CodeCount",
    "KeptTable",
    "KnownPerson",
    "SigningKeyView",
    "Statement",
    "VerdictView",
    "batch_of_enterprise",
    "batch_of_platform",
    "batches_of_class",
    "batches_of_enterprise",
    "check_statement",
    "code_counts",
    "count_sealed_rows",
    "end_signing_key",
    "finish",
    "keep_paper",
    "keep_table",
    "open_paper",
    "papers_of",
    "read_on",
    "read_persons",
    "receive_call",
    "receive_table",
    "register_signing_key",
    "result_table",
    "sealed_rows",
    "signing_keys",
    "statement_of",
    "take_in_rows",
    "take_in_sessions",
    "template",
    "verdicts",
    "waiting_batches",
]
