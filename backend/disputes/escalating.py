"""What was not answered by its day goes to a second reviewer: appeals, objections, disputes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from backend.audit import services as audit
from backend.disputes import rules
from backend.disputes.models import Escalation
from backend.disputes.reading import escalated_refs, open_disputes
from backend.notices import services as notices
from backend.study import services as study
from config import clock
from config.database import db


def escalate_overdue() -> int:
    """Job: mark what is overdue, once. Returns how many are new."""
    now = clock.now()
    today = clock.local_date(now)
    found = [(kind, ref, due_on) for kind, ref, due_on in _waiting() if rules.overdue(due_on, today)]
    known = {kind: escalated_refs(kind, [ref for each, ref, _ in found if each == kind]) for kind in rules.ESCALATED}
    new = [(kind, ref, due_on) for kind, ref, due_on in found if ref not in known[kind]]
    for kind, ref, due_on in new:
        db.session.add(Escalation(subject_kind=kind, subject_ref=ref, due_on=due_on, at=now))
        detail = {"due_on": due_on.isoformat()}
        audit.write(actor="system", action=f"{kind}.overdue", subject=f"{kind}:{ref}", detail=detail)
    db.session.flush()
    return len(new)


def is_escalated(subject_kind: str, ref: UUID) -> bool:
    """Whether a second reviewer decides this one."""
    return ref in escalated_refs(subject_kind, [ref])


def _waiting() -> Iterator[tuple[str, UUID, date]]:
    yield from (("appeal", case.appeal.appeal_id, case.answer_due_on) for case in study.open_appeals())
    yield from (("objection", each.objection_id, each.due_on) for each in notices.open_objections())
    yield from (("dispute", each.dispute_id, each.due_on) for each in open_disputes())
