"""What stands behind one person's line of a claim: every sealed record, its lesson, its pieces of counted time."""

from __future__ import annotations

import uuid

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.courses import services as courses
from backend.study import services as study
from backend.study.services import TracedRecord
from console import words
from console.reviewer.door import blueprint


@blueprint.get("/claims/<uuid:claim_id>/lines/<uuid:line_id>")
def evidence(claim_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """The trace from the line's held seconds back to the records and their beats; read only."""
    claim = claims.claim_view(claim_id)
    line = next((line for line in claim.lines if line.line_id == line_id), None)
    if line is None:
        abort(404)
    records = study.trace(transfer_key=line.hold_key).records if line.hold_key else ()
    titles = {record.record_id: _title(record) for record in records}
    return render_template("reviewer/evidence.html", claim=claim, line=line, records=records, titles=titles)


def _title(record: TracedRecord) -> str:
    """The lesson a session was about, in the version that was studied; other records go by their platform or kind."""
    if record.imported is not None:
        return record.imported.title
    lesson = record.body.get("lesson")
    if lesson is None:
        return words.EVIDENCE_KIND.get(record.kind, record.kind)
    return courses.lesson_version(lesson_id=uuid.UUID(lesson["ref"]), version=lesson["version"]).title
