"""New hires of an enterprise and applications at every stage: built through the services."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.new_hires import services as new_hires
from backend.new_hires.services import Entry, NewHireApplicationView, NewHireLineView, Particulars
from backend.people.services import StaffView
from backend.reviews import services as reviews
from config import clock
from config.database import transaction
from tests.cast.enterprises import a_roster, roster_row
from tests.cast.files import a_pdf
from tests.cast.plans import Person

ACTOR = "staff:agent"
HIRED = date(2020, 3, 2)
GOOD = Particulars(
    contract_on=HIRED,
    contract_renewed=False,
    hire_registered=True,
    insured_on=HIRED,
    left_on=None,
    other_subsidy_fen=0,
    form="self_study",
    contents=("work_safety", "epidemic_protection"),
)
_keys = itertools.count(1)


def hired(enterprise: EnterpriseView, persons: Sequence[Person], *, on: date = HIRED) -> None:
    """Put these people on the roster as hired that day."""
    a_roster(enterprise, [roster_row(person.name, person.id_number, hired_on=on) for person in persons], on=on)


def entry_ids(enterprise: EnterpriseView) -> list[UUID]:
    """The public ids of the enterprise's roster rows, in the order of import."""
    return [entry.public_id for entry in enterprises.roster(enterprise.id)]


def a_draft(
    enterprise: EnterpriseView, *, mentor_id: UUID | None = None, paper: bool = True, **changes: Any
) -> NewHireApplicationView:
    """A draft with the whole roster but the mentor in it; ``changes`` replace single particulars."""

    def draft() -> NewHireApplicationView:
        made = new_hires.draft_application(enterprise_id=enterprise.id, actor=ACTOR)
        return new_hires.put_people(
            application_id=made.application_id,
            entry_ids=[entry for entry in entry_ids(enterprise) if entry != mentor_id],
            particulars=replace(GOOD, **changes),
            mentor_id=mentor_id,
            actor=ACTOR,
        )

    made = transaction(draft)
    if paper:
        a_paper(made.application_id)
    return made


def a_paper(application_id: UUID) -> None:
    """A proof of insurance, handed in."""
    file = new_hires.receive(kind="paper", name="参保证明.pdf", stream=io.BytesIO(a_pdf()))
    transaction(lambda: new_hires.add_paper(application_id=application_id, file=file, actor=ACTOR))


def submitted(draft: NewHireApplicationView) -> NewHireApplicationView:
    """The draft, submitted with its promise."""
    return transaction(
        lambda: new_hires.submit_application(application_id=draft.application_id, promised=True, actor=ACTOR)
    )


def approve(application: NewHireApplicationView, *staff: StaffView) -> NewHireApplicationView:
    """The application, approved by each of them in turn."""
    for person in staff:
        approving = partial(reviews.approve_new_hires, application_id=application.application_id, staff=person)
        application = transaction(approving)
    return application


def approved(draft: NewHireApplicationView, reviewer: StaffView, second: StaffView) -> NewHireApplicationView:
    """The draft, submitted and approved by two."""
    return approve(submitted(draft), reviewer, second)


def paid(application: NewHireApplicationView) -> tuple[NewHireLineView, ...]:
    """The payable lines of an approved application, noted as paid now."""
    wanted = [line.line_id for line in application.lines if line.status == "payable"]
    return transaction(lambda: new_hires.mark_paid(line_ids=wanted, at=clock.now(), actor=ACTOR))


def an_entry(minutes: int = 180, **changes: Any) -> Entry:
    """A log entry of today with a key of its own."""
    made = Entry(f"entry-{next(_keys):06d}", clock.today(), minutes, "work_safety", "学习机床安全操作规程")
    return replace(made, **changes)
