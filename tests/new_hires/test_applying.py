"""An application from the draft to the money, and every move that is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.enterprises.services import EnterpriseView
from backend.new_hires import services as new_hires
from backend.people.services import StaffView
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast import claims as claimed
from tests.cast import new_hires as cast
from tests.cast.enterprises import an_enterprise
from tests.cast.new_hires import a_draft, entry_ids, hired, submitted
from tests.cast.plans import Person, a_person, a_staff


@pytest.fixture
def office(app: Flask, clock: FixedCalendar) -> tuple[StaffView, StaffView]:
    clock.set("2020-04-10T09:00:00+08:00")
    return a_staff("reviewer", "reviewer"), a_staff("second", "second_reviewer")


@pytest.fixture
def people(office: tuple[StaffView, StaffView]) -> list[Person]:
    return [a_person(1), a_person(2, "李小红")]


@pytest.fixture
def enterprise(people: list[Person]) -> EnterpriseView:
    made = an_enterprise()
    hired(made, people)
    return made


def refused(code: str, work: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as found:
        transaction(work)
    assert found.value.code == code
    return found.value


def test_from_the_draft_to_a_payable_line(enterprise: EnterpriseView, office: tuple[StaffView, StaffView]) -> None:
    draft = a_draft(enterprise)
    found = new_hires.preview(draft.application_id)
    assert [decision.amount_fen for decision in found.values()] == [30_000, 30_000]
    made = submitted(draft)
    assert (made.status, made.total_fen, made.head_count) == ("submitted", 60_000, 2)
    assert new_hires.payable_lines() == []
    assert [item.subject for item in reviews.queue(role="reviewer")] == ["new_hire"]
    assert reviews.queue(role="second_reviewer") == []
    view = transaction(lambda: reviews.approve_new_hires(application_id=made.application_id, staff=office[0]))
    assert view.status_words == "初审通过，待复核"
    assert [item.stage for item in reviews.queue(role="second_reviewer")] == ["second"]
    view = transaction(lambda: reviews.approve_new_hires(application_id=made.application_id, staff=office[1]))
    assert (view.status, view.granted_fen) == ("approved", 60_000)
    payable = new_hires.payable_lines()
    assert [(line.amount_fen, line.enterprise_name) for line in payable] == [(30_000, enterprise.name)] * 2
    assert {line.payable_at for line in payable} == {view.approved_at}
    assert [row.status_words for row in new_hires.register_rows()] == ["待拨付", "待拨付"]
    cast.paid(view)
    assert new_hires.payable_lines() == []
    line = new_hires.line_view(payable[0].line_id)
    assert (line.status, line.training_due_on) == ("paid", date(2020, 7, 9))


def test_the_same_person_twice_anywhere_is_refused(
    enterprise: EnterpriseView, people: list[Person], office: tuple[StaffView, StaffView]
) -> None:
    submitted(a_draft(enterprise))
    other = an_enterprise("无锡锡山电子有限公司", serial=2)
    hired(other, [people[0], a_person(3)])
    draft = a_draft(other)
    assert [decision.eligible for decision in new_hires.preview(draft.application_id).values()] == [False, True]
    made = submitted(draft)
    assert [(line.status, line.amount_fen) for line in made.lines] == [("refused", 0), ("held", 30_000)]
    assert made.total_fen == 30_000


def test_two_drafts_of_one_person_cannot_both_be_submitted(enterprise: EnterpriseView) -> None:
    first = a_draft(enterprise)
    second = a_draft(enterprise)
    submitted(first)
    refused(
        "NEW_HIRES_NOBODY_ELIGIBLE",
        lambda: new_hires.submit_application(application_id=second.application_id, promised=True, actor=cast.ACTOR),
    )
    with pytest.raises(DBAPIError):
        _write(
            "UPDATE new_hire_line SET status = 'held', amount_fen = 30000, decision = '{}' WHERE status = 'draft'",
        )


def test_a_draft_without_promise_people_or_proof_is_not_taken(enterprise: EnterpriseView) -> None:
    def submit(promised: bool = True) -> Callable[[], object]:
        return lambda: new_hires.submit_application(
            application_id=draft.application_id, promised=promised, actor=cast.ACTOR
        )

    draft = transaction(lambda: new_hires.draft_application(enterprise_id=enterprise.id, actor=cast.ACTOR))
    refused("NEW_HIRES_EMPTY", submit())
    draft = a_draft(enterprise, paper=False)
    refused("INSURANCE_PROOF_REQUIRED", submit())
    cast.a_paper(draft.application_id)
    refused("PROMISE_REQUIRED", submit(promised=False))
    assert submitted(draft).status == submitted(draft).status == "submitted"


def test_who_is_not_eligible_is_refused_with_the_reason(enterprise: EnterpriseView, clock: FixedCalendar) -> None:
    clock.set("2020-04-01T12:00:00+08:00")
    draft = a_draft(enterprise)
    sentences = [step.sentence for step in next(iter(new_hires.preview(draft.application_id).values())).failed()]
    assert sentences == ["到2020年4月2日才满一个月，还差1天，请届时再申请。"]
    refused(
        "NEW_HIRES_NOBODY_ELIGIBLE",
        lambda: new_hires.submit_application(application_id=draft.application_id, promised=True, actor=cast.ACTOR),
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"form": "classroom"}, "form"),
        ({"contents": ()}, "contents"),
        ({"contents": ("cooking",)}, "contents"),
        ({"form": "mentor"}, "mentor"),
        ({"other_subsidy_fen": -1}, "other_subsidy"),
        ({"insured_on": date(2020, 4, 11)}, "insured_on"),
    ],
)
def test_particulars_that_cannot_be_are_refused(
    enterprise: EnterpriseView, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as found:
        a_draft(enterprise, paper=False, **changes)
    assert [error["field"] for error in found.value.errors] == [field]


def test_people_may_be_changed_and_taken_out_until_it_is_submitted(enterprise: EnterpriseView) -> None:
    draft = a_draft(enterprise)
    again = transaction(
        lambda: new_hires.put_people(
            application_id=draft.application_id,
            entry_ids=entry_ids(enterprise)[:1],
            particulars=replace(cast.GOOD, form="online"),
            actor=cast.ACTOR,
        )
    )
    assert [line.form for line in again.lines] == ["online", "self_study"]
    line_id = again.lines[1].line_id
    left = transaction(lambda: new_hires.remove_person(application_id=draft.application_id, line_id=line_id))
    assert [line.form for line in left.lines] == ["online"]
    made = submitted(left)
    refused(
        "NEW_HIRES_NOT_DRAFT",
        lambda: new_hires.remove_person(application_id=made.application_id, line_id=made.lines[0].line_id),
    )


def test_nobody_outside_the_roster_and_no_one_as_their_own_mentor(enterprise: EnterpriseView) -> None:
    with pytest.raises(NotFound):
        _put(enterprise, uuid4())
    with pytest.raises(Invalid) as found:
        _put(enterprise, entry_ids(enterprise)[0], mentor=entry_ids(enterprise)[0])
    assert found.value.errors[0]["field"] == "mentor"


def test_sent_back_it_is_copied_corrected_and_submitted_again(
    enterprise: EnterpriseView, office: tuple[StaffView, StaffView]
) -> None:
    made = submitted(a_draft(enterprise))
    back = transaction(
        lambda: reviews.send_back_new_hires(
            application_id=made.application_id, staff=office[0], reason="请补充劳动合同。", clause="二(一)"
        )
    )
    assert (back.status, {line.status for line in back.lines}) == ("sent_back", {"released"})
    copy = transaction(lambda: new_hires.copy_application(application_id=made.application_id, actor=cast.ACTOR))
    assert [line.contents for line in copy.lines] == [line.contents for line in made.lines]
    cast.a_paper(copy.application_id)
    assert submitted(copy).total_fen == 60_000
    refused(
        "NEW_HIRES_MOVE_REFUSED",
        lambda: new_hires.copy_application(application_id=copy.application_id, actor=cast.ACTOR),
    )


def test_withdrawn_people_are_free_again(enterprise: EnterpriseView) -> None:
    made = submitted(a_draft(enterprise))
    gone = transaction(
        lambda: new_hires.withdraw_application(application_id=made.application_id, reason="填错", actor=cast.ACTOR)
    )
    assert gone.status == "withdrawn"
    assert submitted(a_draft(enterprise)).total_fen == 60_000


def test_the_first_reviewer_may_leave_single_people_out(
    enterprise: EnterpriseView, office: tuple[StaffView, StaffView]
) -> None:
    made = submitted(a_draft(enterprise))
    first, second = (line.line_id for line in made.lines)
    view = transaction(lambda: reviews.drop_new_hire(line_id=first, staff=office[0], reason="合同为续签。"))
    assert [line.status for line in view.lines] == ["released", "held"]
    refused("NEW_HIRE_NOT_HELD", lambda: reviews.drop_new_hire(line_id=first, staff=office[0], reason="合同为续签。"))
    refused(
        "REVIEWER_ROLE_REQUIRED",
        lambda: reviews.drop_new_hire(line_id=second, staff=office[1], reason="合同为续签。"),
    )
    cast.approve(made, *office)
    view = new_hires.application_view(made.application_id)
    assert (view.total_fen, view.granted_fen) == (60_000, 30_000)
    assert [line.line_id for line in new_hires.payable_lines()] == [second]
    assert [item.reason for item in reviews.history(subject="new_hire", subject_id=first)] == ["合同为续签。"]


def test_with_nobody_left_it_cannot_be_approved(
    enterprise: EnterpriseView, office: tuple[StaffView, StaffView]
) -> None:
    made = submitted(a_draft(enterprise))
    for line in made.lines:
        transaction(partial(reviews.drop_new_hire, line_id=line.line_id, staff=office[0], reason="不是新录用。"))
    refused(
        "NEW_HIRES_NOBODY_LEFT",
        lambda: reviews.approve_new_hires(application_id=made.application_id, staff=office[0]),
    )


def test_two_persons_approve_in_their_order(enterprise: EnterpriseView, office: tuple[StaffView, StaffView]) -> None:
    made = submitted(a_draft(enterprise))

    def approve(staff: StaffView) -> Callable[[], object]:
        return lambda: reviews.approve_new_hires(application_id=made.application_id, staff=staff)

    refused("REVIEWER_ROLE_REQUIRED", approve(office[1]))
    transaction(approve(office[0]))
    refused("REVIEWER_ROLE_REQUIRED", approve(office[0]))
    with pytest.raises(NotAllowed):
        transaction(
            lambda: new_hires.approve_application(
                application_id=made.application_id,
                staff_id=office[0].id,
                reason="好",
                clause="二(一)",
                actor="staff:x",
                at=made.created_at,
            )
        )
    cashier = a_staff("cashier", "cashier")
    refused("REVIEWER_ROLE_REQUIRED", approve(cashier))


def test_nothing_is_paid_twice_or_unapproved(enterprise: EnterpriseView, office: tuple[StaffView, StaffView]) -> None:
    made = submitted(a_draft(enterprise))
    wanted = [line.line_id for line in made.lines]
    refused(
        "NEW_HIRE_NOT_PAYABLE",
        lambda: new_hires.mark_paid(line_ids=wanted, at=made.created_at, actor=cast.ACTOR),
    )
    cast.approve(made, *office)
    view = new_hires.application_view(made.application_id)
    cast.paid(view)
    with pytest.raises(Conflict):
        transaction(lambda: new_hires.mark_paid(line_ids=wanted, at=made.created_at, actor=cast.ACTOR))
    with pytest.raises(NotFound):
        transaction(lambda: new_hires.mark_paid(line_ids=[uuid4()], at=made.created_at, actor=cast.ACTOR))


def test_a_class_of_on_job_training_is_said(office: tuple[StaffView, StaffView], clock: FixedCalendar) -> None:
    clock.set("2020-03-02T09:00:00+08:00")
    person = a_person(4)
    made = claimed.a_class([person], claimed.Office(office[0], office[1], office[0], office[1]))
    clock.set("2020-04-10T09:00:00+08:00")
    draft = a_draft(made.enterprise)
    decision = next(iter(new_hires.preview(draft.application_id).values()))
    assert "on_job" in [step.rule for step in decision.steps]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE new_hire_line SET amount_fen = 50000",
        "UPDATE new_hire_line SET hired_on = '2020-02-01'",
        "UPDATE new_hire_line SET status = 'payable'",
        "UPDATE new_hire_line SET person_index = 'another'",
        "DELETE FROM new_hire_line",
        "UPDATE new_hire_application SET total_fen = 1",
        "UPDATE new_hire_application SET status = 'approved'",
        "UPDATE new_hire_application SET policy_version = 'x'",
        "DELETE FROM new_hire_application",
    ],
)
def test_the_database_refuses_to_bend_what_was_submitted(enterprise: EnterpriseView, statement: str) -> None:
    submitted(a_draft(enterprise))
    with pytest.raises(DBAPIError):
        _write(statement)


def test_the_database_refuses_a_submission_without_its_record(enterprise: EnterpriseView) -> None:
    a_draft(enterprise)
    with pytest.raises(DBAPIError, match="no evidence record"):
        _write("UPDATE new_hire_application SET status = 'submitted', submitted_at = created_at, promise_sha256 = 'x'")


def _write(statement: str) -> None:
    transaction(lambda: db.session.execute(text(statement)))


def _put(enterprise: EnterpriseView, entry_id: UUID, mentor: UUID | None = None) -> None:
    def put() -> None:
        draft = new_hires.draft_application(enterprise_id=enterprise.id, actor=cast.ACTOR)
        new_hires.put_people(
            application_id=draft.application_id,
            entry_ids=[entry_id],
            particulars=replace(cast.GOOD, form="mentor" if mentor else "online"),
            mentor_id=mentor,
            actor=cast.ACTOR,
        )

    transaction(put)
