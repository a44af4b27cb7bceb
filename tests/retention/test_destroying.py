"""Destroying by two persons: what a certificate says, what stays, what a hold keeps, and what changed meanwhile."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from backend.audit import services as audit
from backend.credit_bank import services as credit_bank
from backend.people import services as people
from backend.registers import services as registers
from backend.retention import services as retention
from backend.retention.models import DestructionProposal
from backend.retention.services import ProposalView
from backend.reviews import services as reviews
from backend.study import services as study
from config import blobs
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import Conflict, DomainError, NotAllowed, NotFound
from learning_records import keeping
from learning_records.evidence import attachments, log
from learning_records.evidence import retention as records
from learning_records.evidence.archives import archives
from tests.cast.claims import an_office
from tests.cast.enterprises import PASSWORD
from tests.cast.imports import a_day, a_record, a_room, imported, row, table
from tests.cast.imports import call as imports_of
from tests.cast.payments import pay
from tests.cast.plans import Person, a_person, a_staff
from tests.cast.retention import (
    REASON,
    Desk,
    a_claim,
    a_desk,
    a_photo,
    a_studied_class,
    destroy_due,
    learner_ref,
    lessons_of,
    studying,
    unit_of,
)
from tests.console.browser import Browser, text_of
from tests.study.phones import a_learner

LATER = "2022-06-01T09:00:00+08:00"


def _propose(desk: Desk, **changes: Any) -> ProposalView:
    log.sequence()
    return transaction(partial(retention.propose, **{"staff": desk.proposer, "reason": REASON, **changes}))


def _approve(desk: Desk, proposal: ProposalView, **changes: Any) -> ProposalView:
    return transaction(
        partial(retention.approve, **{"staff": desk.approver, "proposal_id": proposal.proposal_id, **changes})
    )


def test_a_paid_class_is_destroyed_and_its_figures_stay(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office)
    photo = a_photo(group)
    claim = a_claim(group)
    pay(claim, office)
    balances = [credit_bank.balance(worker_id=person.worker_id) for person in group.persons]
    register = registers.payments_register()
    deposits = [line.key for line in credit_bank.statement(worker_id=group.persons[0].worker_id)]
    learned = next(key for key in deposits if key.startswith("session:") and key.endswith(":learned"))
    clock.set(LATER)
    found = destroy_due(desk, group.class_id)
    assert (found.proposed_by, found.approved_by, found.clause, found.reason) == ("reviewer", "bureau", "四.2", REASON)
    assert found.counts == {"session": 2, "quiz": 2, "attachment": 3}  # the photo and two papers of the plan
    assert (photo.sha256 in found.files, found.intact) == (True, True)
    assert not blobs.exists(photo.sha256)
    assert attachments.get_attachment(attachment_id=photo.attachment_id).state == "destroyed"
    assert [credit_bank.balance(worker_id=person.worker_id) for person in group.persons] == balances
    assert registers.payments_register() == register
    assert registers.reconcile_payments().agrees
    traced = study.trace(transfer_key=learned, second=5)
    erased = [record.erased for record in traced.records if record.erased]
    assert [one.certificate_id for one in erased] == [found.certificate_id]
    assert traced.second is None
    assert all(record.problems == () for record in traced.records)
    assert [unit for unit in retention.due() if unit.ref == group.class_id] == []
    written = {entry.action for entry in audit.entries(actor=f"staff:{desk.approver.public_id}")}
    assert "destruction.approved" in written


def test_a_reviewer_still_reads_the_line_of_an_erased_claim(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office, count=1)
    studying(clock, group, group.persons[0], lesson=1)
    claim = a_claim(group)
    pay(claim, office)
    clock.set(LATER)
    found = destroy_due(desk)
    browser = Browser(app)
    browser.sign_in("reviewer", PASSWORD)
    page = browser.get(f"/reviewer/claims/{claim.claim_id}/lines/{claim.lines[0].line_id}")
    assert page.status_code == 200
    assert "正文已按期限删除" in text_of(page)
    assert str(found.certificate_id) in text_of(page)


def test_nobody_destroys_alone_and_only_those_who_may(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office)
    with pytest.raises(Conflict, match="NOTHING_DUE"):
        _propose(desk)
    clock.set(LATER)
    for wrong in (office.cashier, a_staff("clerk", "desk_clerk")):
        with pytest.raises(NotAllowed, match="RETENTION_ROLE_REQUIRED"):
            _propose(desk, staff=wrong)
    with pytest.raises(DomainError, match="REASON_REQUIRED"):
        _propose(desk, reason=" ")
    proposal = _propose(desk)
    with pytest.raises(NotAllowed, match="SECOND_PERSON_REQUIRED"):
        _approve(desk, proposal, staff=desk.proposer)
    with pytest.raises(NotAllowed, match="RETENTION_ROLE_REQUIRED"):
        _approve(desk, proposal, staff=office.cashier)
    with pytest.raises(NotFound, match="PROPOSAL_NOT_FOUND"):
        _approve(desk, proposal, proposal_id=uuid4())
    assert unit_of(group.class_id).records == 4
    done = _approve(desk, proposal)
    assert _approve(desk, proposal) == done
    assert [found.proposal_id for found in retention.proposals()] == [proposal.proposal_id]


@pytest.mark.parametrize("change", ["hold", "session"])
def test_what_changed_since_the_proposal_is_not_destroyed(app: Flask, clock: FixedCalendar, change: str) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office)
    clock.set("2022-12-01T09:00:00+08:00")
    proposal = _propose(desk)
    if change == "hold":
        worker = _worker(group.persons[0])
        transaction(lambda: retention.hold(staff=desk.approver, reason="审计需要", worker_id=worker))
    else:
        studying(clock, group, group.persons[0], lesson=1)
    with pytest.raises(Conflict, match="DESTRUCTION_CHANGED"):
        _approve(desk, proposal)
    assert unit_of(group.class_id).records >= 2


def _worker(person: Person) -> UUID:
    """The person's public id."""
    return people.worker_view(person.worker_id).public_id


def test_a_hold_on_one_person_keeps_theirs_and_what_the_class_shares(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office, count=3)
    photo = a_photo(group)
    clock.set(LATER)
    worker = _worker(group.persons[1])
    held = transaction(lambda: retention.hold(staff=desk.proposer, reason="法院调取", worker_id=worker))
    assert "王*明" in held.about
    assert unit_of(group.class_id).held == "部分人员"
    first = destroy_due(desk)
    assert first.counts == {"session": 2}
    assert blobs.exists(photo.sha256)
    unit = unit_of(group.class_id)
    assert (unit.records, unit.is_due, unit.held) == (4, True, "部分人员")
    with pytest.raises(Conflict, match="NOTHING_DUE"):
        _propose(desk)
    transaction(lambda: retention.lift(staff=desk.approver, hold_id=held.hold_id, reason="已经归还"))
    assert [found.lifted_by for found in retention.holds(also_lifted=True)] == ["bureau"]
    assert retention.holds() == []
    assert destroy_due(desk).counts == {"session": 1, "attachment": 3}
    assert not blobs.exists(photo.sha256)
    assert list(records.problems_of_destructions()) == []


@pytest.mark.parametrize("scope", ["class", "all"])
def test_a_hold_on_a_class_or_on_everything_keeps_all_of_it(app: Flask, clock: FixedCalendar, scope: str) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office)
    other = a_studied_class(clock, office, serial=2)
    clock.set(LATER)
    class_id = group.class_id if scope == "class" else None
    transaction(lambda: retention.hold(staff=desk.proposer, reason="国家审计", class_id=class_id))
    unit = unit_of(group.class_id)
    assert (unit.is_due, unit.held) == (False, "全部")
    assert unit_of(other.class_id).is_due == (scope == "class")
    with pytest.raises(DomainError, match="HOLD_SCOPE"):
        transaction(
            lambda: retention.hold(staff=desk.proposer, reason="国家审计", class_id=group.class_id, worker_id=uuid4())
        )
    with pytest.raises(NotFound, match="WORKER_UNKNOWN"):
        transaction(lambda: retention.hold(staff=desk.proposer, reason="国家审计", worker_id=uuid4()))
    with pytest.raises(NotFound, match="CLASS_NOT_FOUND"):
        transaction(lambda: retention.hold(staff=desk.proposer, reason="国家审计", class_id=uuid4()))


def test_archived_evidence_is_destroyed_class_by_class_and_the_file_with_the_last(
    app: Flask, clock: FixedCalendar
) -> None:
    office = an_office()
    desk = a_desk(office)
    groups = [a_studied_class(clock, office, serial=serial, count=1) for serial in (1, 2)]
    clock.set("2020-05-02T09:00:00+08:00")
    archive, decisions = keeping.archive_month("2020-03", days_after=30)
    clock.set(LATER)
    destroy_due(desk, groups[0].class_id)
    assert blobs.exists(archive.sha256)
    for line in credit_bank.statement(worker_id=groups[1].persons[0].worker_id):
        assert all(record.problems == () for record in study.trace(transfer_key=line.key).records)
    destroy_due(desk)
    assert not blobs.exists(archive.sha256)
    assert blobs.exists(decisions.sha256)  # transfers and reviews are kept with the books
    assert [found.destroyed_at is None for found in archives()] == [False, True]
    clock.set("2030-01-01T09:00:00+08:00")
    assert retention.due() == []


def test_tables_that_platforms_handed_in_go_with_their_class(app: Flask, clock: FixedCalendar) -> None:
    room = a_room()
    clock.set("2020-03-10T20:00:00+08:00")
    content = table([row(room, 0)])
    assert imported(room, content).taken == 1
    desk = Desk(a_staff("one", "reviewer"), a_staff("two", "second_reviewer"))
    log.sequence()
    clock.set(LATER)
    found = destroy_due(desk)
    assert found.counts["import"] == found.counts["import_batch"] == 1
    assert "attachment" in found.counts  # the stamped paper it came with
    assert len(found.files) == 3  # with the plan's papers
    assert not any(blobs.exists(sha256) for sha256 in found.files)


def test_words_of_appeals_and_of_platforms_go_with_the_evidence(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office, count=1)
    phone = a_learner(clock, group.persons[0].worker_id, group.class_id)
    phone.answers_checks = False
    phone.watch(lessons_of(group)[1], 1800)
    case = transaction(
        lambda: study.appeal(worker_id=phone.worker_id, session_id=phone.session_id, reason="孩子发烧，带去医院了")
    )
    appeal_id = case.appeal.appeal_id
    deciding = partial(reviews.decide_appeal, appeal_id=appeal_id, staff=office.reviewer, approve=False, reason="不符")
    transaction(deciding)
    room = a_room([a_person(50)], serial=5)
    clock.set("2020-03-10T20:00:00+08:00")
    imports_of(room, a_record(room), a_day(room, 2), signed=True)
    clock.set(LATER)
    destroy_due(desk)
    assert study.appeal_case(appeal_id=appeal_id).appeal.reason == ""
    assert db.session.execute(sa.text("SELECT reason FROM session_appeal")).scalars().all() == [""]
    left = db.session.execute(sa.text("SELECT facts FROM outside_time WHERE facts IS NOT NULL")).scalars().all()
    assert left == []
    assert db.session.execute(sa.text("SELECT CAST(facts AS text) FROM attested_day")).scalars().all() == ["{}"]


def test_the_database_keeps_proposals_as_they_were(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk = a_desk(office)
    a_studied_class(clock, office)
    clock.set(LATER)
    _propose(desk)
    for values in (
        {"list_sha256": "0" * 64},
        {"reason": "别的"},
        {"status": "approved"},
        {
            "status": "approved",
            "approved_by_id": desk.proposer.id,
            "certificate_id": uuid4(),
            "approved_at": sa.func.now(),
        },
    ):
        with pytest.raises(DatabaseError):
            transaction(partial(db.session.execute, sa.update(DestructionProposal).values(**values)))
    with pytest.raises(DatabaseError):
        transaction(partial(db.session.execute, sa.delete(DestructionProposal)))


def test_evidence_of_a_person_who_learned_alone_goes_too(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office, count=1)
    clock.set(LATER)
    assert {unit.kind for unit in retention.due()} == {"class"}
    assert learner_ref(group.persons[0])
    assert destroy_due(desk).counts == {"session": 1, "attachment": 2}
