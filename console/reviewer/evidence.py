"""What stands behind one person's line of a claim: every sealed record, its lesson, its pieces of counted time."""

from __future__ import annotations

import uuid

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from backend.claims import services as claims
from backend.study import services as study
from console.reviewer.door import blueprint


@blueprint.get("/claims/<uuid:claim_id>/lines/<uuid:line_id>")
def evidence(claim_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """The trace from the line's held seconds back to the records and their beats; read only."""
    claim = claims.claim_view(claim_id)
    line = next((line for line in claim.lines if line.line_id == line_id), None)
    if line is None:
        abort(404)
    trace = study.trace(transfer_key=line.hold_key) if line.hold_key else None
    return render_template("reviewer/evidence.html", claim=claim, line=line, records=trace.records if trace else ())
