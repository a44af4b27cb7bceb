"""The job that judges the rows of platforms' tables, and ``flask platforms import-table``, ``signing-key`` at the terminal.

A table is read outside transactions, some rows at a time taken in within one: the writer's turn is never held while a file is
read, and what was taken in stays when the process dies.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog

from backend.imports import services as imports
from config.database import transaction
from config.errors import Conflict, DomainError

ROWS_AT_ONCE = 200
_log = structlog.get_logger("imports")


def take_in_waiting_tables() -> int:
    """Judge every table that waits, from the row it had come to; how many rows were judged.

    One that fails for no reason of its own is logged and left for the next run, and holds up no other.
    """
    judged = 0
    for batch_id in imports.waiting_batches():
        try:
            judged += _take_in(batch_id)
        except Exception as error:
            _log.error("left for later", batch=str(batch_id), exc_info=error)
    return judged


def _take_in(batch_id: UUID) -> int:
    judged, failure = 0, ""
    try:
        for rows in imports.read_on(batch_id=batch_id, rows_at_once=ROWS_AT_ONCE):
            transaction(partial(imports.take_in_rows, batch_id=batch_id, rows=rows))
            judged += len(rows)
    except Conflict:
        return judged  # another process finished it meanwhile
    except DomainError as refusal:
        failure = refusal.detail
    transaction(partial(imports.finish, batch_id=batch_id, failure=failure))
    return judged
