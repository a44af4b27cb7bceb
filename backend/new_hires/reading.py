"""Reading applications and lines: one with its people, the lists of each desk, what a worker sees, the register's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.enterprises import services as enterprises
from backend.new_hires.models import NewHireApplication, NewHireLine, TrainingCheck
from backend.new_hires.rules import STATUS_WORDS
from backend.new_hires.views import NewHireApplicationView, NewHireLineView, RegisterRow, line_view_of
from config.database import db, locked
from config.errors import NotFound

_AT_ONCE = 200


def load_application(application_id: UUID, *, lock: bool = False) -> NewHireApplication:
    """Raises ``NotFound`` NEW_HIRES_NOT_FOUND."""
    query = select(NewHireApplication).where(NewHireApplication.public_id == application_id)
    found = db.session.scalar(locked(query) if lock else query)
    if found is None:
        raise NotFound("NEW_HIRES_NOT_FOUND", "找不到这份新录用职工补贴申请，请从列表重新打开。")
    return found


def load_line(line_id: UUID, *, lock: bool = False) -> NewHireLine:
    """Raises ``NotFound`` NEW_HIRE_NOT_FOUND."""
    query = select(NewHireLine).where(NewHireLine.public_id == line_id)
    found = db.session.scalar(locked(query) if lock else query)
    if found is None:
        raise NotFound("NEW_HIRE_NOT_FOUND", "申请中没有这个人，请刷新后再试。")
    return found


def application_view(application_id: UUID) -> NewHireApplicationView:
    """One application with its people. Raises ``NotFound`` NEW_HIRES_NOT_FOUND."""
    application = load_application(application_id)
    lines = list(
        db.session.scalars(
            select(NewHireLine).where(NewHireLine.application_id == application.id).order_by(NewHireLine.id)
        )
    )
    return _view(application, len(lines), line_views(lines))


def line_view(line_id: UUID) -> NewHireLineView:
    """One line. Raises ``NotFound`` NEW_HIRE_NOT_FOUND."""
    return line_views([load_line(line_id)])[0]


def line_views(lines: Sequence[NewHireLine]) -> tuple[NewHireLineView, ...]:
    """The views of some rows, with the masks of their people."""
    wanted = {line.roster_entry_id for line in lines}
    wanted |= {line.mentor_entry_id for line in lines if line.mentor_entry_id is not None}
    entries = enterprises.roster_entries(wanted)
    applications = dict(
        db.session.execute(
            select(NewHireApplication.id, NewHireApplication.public_id).where(
                NewHireApplication.id.in_({line.application_id for line in lines})
            )
        ).all()
    )
    return tuple(
        line_view_of(
            line,
            applications[line.application_id],
            entries[line.roster_entry_id].public_id,
            entries[line.roster_entry_id].masked_name,
            entries[line.roster_entry_id].masked_id_number,
            None if line.mentor_entry_id is None else entries[line.mentor_entry_id].masked_name,
        )
        for line in lines
    )


def applications_of_enterprise(enterprise_id: int) -> list[NewHireApplicationView]:
    """The enterprise's applications without their people, newest first."""
    query = select(NewHireApplication).where(NewHireApplication.enterprise_id == enterprise_id)
    return _views(db.session.scalars(query.order_by(NewHireApplication.id.desc())))


def open_applications() -> list[NewHireApplicationView]:
    """Applications that wait for a first or second reviewer, without their people, the oldest submission first."""
    query = select(NewHireApplication).where(NewHireApplication.status.in_(["submitted", "reviewed"]))
    return _views(db.session.scalars(query.order_by(NewHireApplication.submitted_at, NewHireApplication.id)))


def register_rows() -> Iterator[RegisterRow]:
    """Every line that was ever granted, in the order of application, for the register (台账); masks only."""
    after = 0
    while lines := db.session.scalars(
        select(NewHireLine)
        .where(NewHireLine.id > after, NewHireLine.payable_at.is_not(None))
        .order_by(NewHireLine.id)
        .limit(_AT_ONCE)
        .options(selectinload(NewHireLine.application))
    ).all():
        outcomes = dict(
            db.session.execute(
                select(TrainingCheck.line_id, TrainingCheck.outcome).where(
                    TrainingCheck.line_id.in_([line.id for line in lines])
                )
            ).all()
        )
        for line, view in zip(lines, line_views(lines), strict=True):
            yield _register_row(line, view, outcomes.get(line.id))
        after = lines[-1].id


def _register_row(line: NewHireLine, view: NewHireLineView, outcome: str | None) -> RegisterRow:
    assert line.application.submitted_at is not None, "payable lines were submitted"
    return RegisterRow(
        line_id=line.public_id,
        application_id=view.application_id,
        enterprise_id=line.enterprise_id,
        enterprise_name=enterprises.enterprise_by_id(line.enterprise_id).name,
        masked_name=view.masked_name,
        masked_id_number=view.masked_id_number,
        hired_on=line.hired_on,
        form=line.form,
        amount_fen=line.amount_fen,
        status=line.status,
        status_words=view.status_words,
        submitted_at=line.application.submitted_at,
        paid_at=line.paid_at,
        training_due_on=line.training_due_on,
        outcome=outcome,
        recovered_at=line.recovered_at,
    )


def _views(rows: Iterable[NewHireApplication]) -> list[NewHireApplicationView]:
    found = list(rows)
    counts = dict(
        db.session.execute(
            select(NewHireLine.application_id, func.count())
            .where(NewHireLine.application_id.in_([row.id for row in found]))
            .group_by(NewHireLine.application_id)
        ).all()
    )
    return [_view(row, counts.get(row.id, 0)) for row in found]


def _view(row: NewHireApplication, head_count: int, lines: tuple[NewHireLineView, ...] = ()) -> NewHireApplicationView:
    return NewHireApplicationView(
        id=row.id,
        application_id=row.public_id,
        enterprise_id=row.enterprise_id,
        enterprise_name=enterprises.enterprise_by_id(row.enterprise_id).name,
        status=row.status,
        status_words=STATUS_WORDS[row.status],
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        total_fen=row.total_fen,
        granted_fen=row.granted_fen,
        head_count=head_count,
        first_reviewer_id=row.first_reviewer_id,
        second_reviewer_id=row.second_reviewer_id,
        approved_at=row.approved_at,
        decision_reason=row.decision_reason,
        decision_clause=row.decision_clause,
        lines=lines,
    )
