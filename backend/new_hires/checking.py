"""The check after the advance was paid: did the training take place (二(一); 采取预拨方式, so checked afterwards).

Enough training is found by the rule; that none took place is decided by a person, after the last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.new_hires.gathering import policy_of
from backend.new_hires.logs import logs_of, person_ref_of
from backend.new_hires.models import NewHireApplication, NewHireLine, TrainingCheck
from backend.new_hires.reading import line_views, load_application, load_line
from backend.new_hires.reports import online_time, person_indexes, workers
from backend.new_hires.rules import COUNTED_STATUSES
from backend.new_hires.sealing import seal_check
from backend.new_hires.training import TrainingFacts, judge_training
from backend.new_hires.views import LogView, NewHireLineView, OnlineTime, OverdueChecks, OwnNewHire, TrainingView
from backend.people import services as people
from config import clock
from config.database import apart, db, new_public_id
from config.errors import Conflict

BY_RULE = "系统按培训记录核查：{}"
CLAUSE = "二(一)"
_AT_ONCE = 200


def training_of(line_id: UUID) -> TrainingView:
    """How far a new hire's training is. Raises ``NotFound`` NEW_HIRE_NOT_FOUND."""
    line = load_line(line_id)
    return _training(line, logs_of([line.id])[line.id])


def trainings_of(application_id: UUID) -> dict[UUID, TrainingView]:
    """The same of all granted lines of an application, by their public ids. Raises ``NotFound`` NEW_HIRES_NOT_FOUND."""
    lines = load_application(application_id).lines
    return _trainings([line for line in lines if line.status in _SHOWN])


def check_due(*, after_id: int = 0) -> int:
    """Check every paid line whose training is enough by now; how many were found trained. A job."""
    found = 0
    while lines := db.session.scalars(
        select(NewHireLine)
        .where(NewHireLine.id > after_id, NewHireLine.status == "paid")
        .order_by(NewHireLine.id)
        .limit(_AT_ONCE)
    ).all():
        for line in lines:
            found += bool(apart(partial(_check_by_rule, line), what=f"check training {line.public_id}"))
        after_id = lines[-1].id
    return found


def overdue_checks() -> list[OverdueChecks]:
    """Applications with paid lines whose last day of training is over and whose training is not enough: a person decides. The
    longest overdue first."""
    due_on = func.min(NewHireLine.training_due_on)
    query = (
        select(NewHireApplication.public_id, NewHireApplication.enterprise_id, func.count(), due_on)
        .join(NewHireLine, NewHireLine.application_id == NewHireApplication.id)
        .where(NewHireLine.status == "paid", NewHireLine.training_due_on < clock.today())
        .group_by(NewHireApplication.id, NewHireApplication.public_id, NewHireApplication.enterprise_id)
        .order_by(due_on, NewHireApplication.id)
    )
    return [
        OverdueChecks(public_id, enterprises.enterprise_by_id(enterprise_id).name, count, due)
        for public_id, enterprise_id, count, due in db.session.execute(query)
        if due is not None
    ]


def decide_check(
    *, line_id: UUID, trained: bool, staff_id: int, reason: str, clause: str, actor: str, at: datetime
) -> NewHireLineView:
    """A person's result of the check; called by ``reviews``. "Not trained" makes the money due back.

    Raises ``NotFound`` NEW_HIRE_NOT_FOUND; ``Conflict`` CHECK_NOT_PAID, CHECK_NOT_DUE (not trained, before the last day).
    """
    line = load_line(line_id, lock=True)
    if line.status != "paid":
        raise Conflict("CHECK_NOT_PAID", "这份岗前培训还没有预拨或已经核查，请刷新页面查看。")
    assert line.training_due_on is not None, "paid lines have their last day"
    if not trained and clock.today() <= line.training_due_on:
        raise Conflict("CHECK_NOT_DUE", f"培训期限为{line.training_due_on.isoformat()}，到期后才能认定未完成。")
    view = training_of(line_id)
    _enter(line, view, "trained" if trained else "untrained", reason, clause, staff_id=staff_id, at=at)
    audit.write(
        actor=actor,
        action="new_hire.checked",
        subject=f"new_hire_line:{line.public_id}",
        detail={"outcome": line.status, "reason": reason, "clause": clause},
    )
    return line_views([line])[0]


def own_trainings(*, worker_id: int) -> list[OwnNewHire]:
    """The advances in a worker's name, with the training. Raises ``NotAllowed`` CONSENT_REQUIRED, IDENTITY_REQUIRED."""
    index = people.require_identified(worker_id).id_number_index
    query = select(NewHireLine).where(NewHireLine.person_index == index, NewHireLine.status.in_(_SHOWN))
    return _own(db.session.scalars(query.order_by(NewHireLine.id.desc())).all())


def trainees_of(*, worker_id: int) -> list[OwnNewHire]:
    """The new hires whose mentor a worker is. Raises as ``own_trainings``."""
    index = people.require_identified(worker_id).id_number_index
    query = select(NewHireLine).where(NewHireLine.mentor_entry_id.is_not(None), NewHireLine.status.in_(_SHOWN))
    lines = db.session.scalars(query.where(NewHireLine.mentor_entry_id.in_(_entries_of(index)))).all()
    return _own(lines)


_SHOWN = (*COUNTED_STATUSES, "recovered")


def _entries_of(index: str) -> list[int]:
    mentors = db.session.scalars(
        select(NewHireLine.mentor_entry_id).where(NewHireLine.mentor_entry_id.is_not(None)).distinct()
    )
    wanted = [entry for entry in mentors if entry is not None]
    return [entry for entry, found in person_indexes(wanted).items() if found == index]


def _own(lines: Sequence[NewHireLine]) -> list[OwnNewHire]:
    trainings = _trainings(lines)
    return [
        OwnNewHire(
            line_id=view.line_id,
            enterprise_name=enterprises.enterprise_by_id(view.enterprise_id).name,
            trainee_name=view.masked_name,
            form=view.form,
            contents=view.contents,
            amount_fen=view.amount_fen,
            status=view.status,
            status_words=view.status_words,
            hired_on=view.hired_on,
            training_due_on=view.training_due_on,
            training=trainings[view.line_id],
        )
        for view in line_views(lines)
    ]


def _trainings(lines: Sequence[NewHireLine]) -> dict[UUID, TrainingView]:
    logs = logs_of([line.id for line in lines])
    return {line.public_id: _training(line, logs[line.id]) for line in lines}


def _training(line: NewHireLine, logs: tuple[LogView, ...]) -> TrainingView:
    online = _online(line) if line.form == "online" else ()
    counted = [log for log in logs if log.counts]
    seconds = (
        sum(item.seconds for item in online) if line.form == "online" else sum(log.minutes * 60 for log in counted)
    )
    facts = TrainingFacts(
        form=line.form,
        seconds=seconds,
        contents=tuple(line.contents.split()),
        contents_done=None if line.form == "online" else tuple({log.content for log in counted}),
    )
    finding = judge_training(facts, policy_of(line.application))
    check = db.session.scalar(select(TrainingCheck).where(TrainingCheck.line_id == line.id))
    return TrainingView(
        counted_seconds=seconds,
        needed_seconds=finding.needed_seconds,
        enough=finding.enough,
        sentences=finding.sentences,
        logs=logs,
        online=online,
        outcome=None if check is None else check.outcome,
        outcome_reason="" if check is None else check.reason,
        checked_at=None if check is None else check.at,
        checked_by_person=check is not None and check.decided_by_id is not None,
    )


def _online(line: NewHireLine) -> tuple[OnlineTime, ...]:
    account = workers([line.person_index]).get(line.person_index)
    if account is None:
        return ()
    last_on = line.training_due_on or clock.today()
    return tuple(online_time(worker_id=account.worker_id, first_on=line.hired_on, last_on=last_on))


def _check_by_rule(line: NewHireLine) -> bool:
    line = load_line(line.public_id, lock=True)
    view = training_of(line.public_id)
    if line.status != "paid" or not view.enough:
        return False
    _enter(line, view, "trained", BY_RULE.format("".join(view.sentences)), CLAUSE, staff_id=None, at=clock.now())
    return True


def _enter(
    line: NewHireLine,
    view: TrainingView,
    outcome: str,
    reason: str,
    clause: str,
    *,
    staff_id: int | None,
    at: datetime,
) -> None:
    check = TrainingCheck(
        public_id=new_public_id(),
        line_id=line.id,
        outcome=outcome,
        counted_seconds=view.counted_seconds,
        needed_seconds=view.needed_seconds,
        reason=reason,
        clause=clause,
        decided_by_id=staff_id,
        at=at,
    )
    seal_check(check, line.public_id, line.application.public_id, person_ref_of(line))
    db.session.add(check)
    db.session.flush()
    line.status = outcome
    db.session.flush()
