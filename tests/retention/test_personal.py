"""Personal fields on their shorter clocks: phones, WeChat accounts, people who never came, names; figures stay."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.enterprises.models import RosterEntry
from backend.people import services as people
from backend.people.models import WechatAccount, Worker
from backend.people.rules import ERASED
from backend.plans import services as plans
from backend.registers import services as registers
from backend.retention import services as retention
from backend.retention.rules import Clocks, PersonalFacts, fields_due, unjoined_due
from backend.retention.services import PersonalDue
from config import clock as house_clock
from config.clock import FixedCalendar
from config.database import db, transaction
from config.errors import NotAllowed
from learning_records.evidence.keeping_rules import months_later
from tests.cast.claims import Class, an_office
from tests.cast.enterprises import a_roster, an_enterprise, id_number, roster_row
from tests.cast.payments import pay
from tests.cast.plans import Person
from tests.cast.retention import a_claim, a_desk, a_studied_class, destroy_due, learner_ref, studying

CLAIMS_END = date(2020, 9, 30)
CLOCKS = Clocks(CLAIMS_END, phone_months=6, wechat_months=12, unjoined_months=6, identity_months=12)
SIX_MONTHS = "2021-03-31T00:00:00+08:00"  # after 30 March, the last day of six months from 30 September
DAYS = st.dates(date(2019, 1, 1), date(2024, 12, 31))


def _erase() -> int:
    return retention.erase_personal()


def _stored(person: Person) -> Worker:
    db.session.rollback()
    found = db.session.scalar(sa.select(Worker).where(Worker.id == person.worker_id))
    assert found is not None
    db.session.refresh(found)
    return found


def _entry(group: Class, person: Person) -> RosterEntry:
    found = db.session.scalar(sa.select(RosterEntry).where(RosterEntry.worker_id == person.worker_id))
    assert found is not None
    db.session.refresh(found)
    return found


@given(DAYS, DAYS, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_each_field_has_its_own_clock(
    active_on: date, today: date, signed_in: bool, evidence: bool, busy: bool, identity: bool
) -> None:
    facts = PersonalFacts(active_on, True, True, identity, signed_in, evidence, busy)
    due = fields_due(facts, CLOCKS, today=today)
    since = max(active_on, CLAIMS_END)
    half, whole = today > months_later(since, 6), today > months_later(since, 12)
    if busy:
        assert due == ()
    elif identity and whole and not evidence:
        assert due == ("identity",)
    else:
        assert ("phone" in due) == half
        assert ("wechat" in due) == (whole and not signed_in)
        assert "identity" not in due


def test_a_row_that_nobody_joined_from_waits_for_its_classes_and_the_last_claim() -> None:
    assert not unjoined_due(date(2020, 3, 1), [], CLOCKS, today=date(2021, 3, 30))
    assert unjoined_due(date(2020, 3, 1), [], CLOCKS, today=date(2021, 3, 31))
    assert not unjoined_due(date(2020, 3, 1), [date(2021, 1, 31)], CLOCKS, today=date(2021, 7, 31))
    assert not unjoined_due(date(2021, 1, 31), [], CLOCKS, today=date(2021, 7, 31))


def test_phones_go_first_and_wechat_accounts_when_nobody_is_signed_in(app: Flask, clock: FixedCalendar) -> None:
    group = a_studied_class(clock, an_office())
    person = group.persons[0]
    transaction(lambda: people.set_phone(worker_id=person.worker_id, phone="13812345678"))
    clock.set("2021-03-30T23:59:59+08:00")
    assert (retention.personal_due(), _erase()) == (PersonalDue(0, 0, 0, 0), 0)
    clock.set(SIX_MONTHS)
    assert retention.personal_due() == PersonalDue(phones=2, wechat_accounts=0, identities=0, unjoined=0)
    assert _erase() == 2
    assert people.worker_view(person.worker_id).masked_phone is None
    entry = enterprises.roster(group.enterprise.id)[0]
    assert (entry.masked_phone, entry.masked_name) == (ERASED, "王*明")
    assert enterprises.roster_identity(entry.id).phone == ERASED
    clock.set("2021-10-01T00:00:00+08:00")
    assert retention.personal_due().wechat_accounts == 0  # both phones are still signed in, by real time
    transaction(lambda: people.revoke_tokens_of(worker_id=person.worker_id))
    assert retention.personal_due().wechat_accounts == 1
    assert _erase() == 1
    assert people.openid_of(person.worker_id) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(WechatAccount)) == 1
    assert _erase() == 0
    assert people.require_identified(person.worker_id).name == "王小明"  # evidence still needs the name


def test_later_activity_starts_the_clock_anew(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    group = a_studied_class(clock, office)
    claim = a_claim(group)
    clock.set("2021-01-15T09:00:00+08:00")
    pay(claim, office)
    clock.set("2021-07-15T23:59:59+08:00")
    assert retention.personal_due().phones == 0
    clock.advance(1)
    assert retention.personal_due().phones == 2


def test_an_open_claim_and_a_hold_keep_all_fields(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, first, second = a_desk(office), a_studied_class(clock, office), a_studied_class(clock, office, serial=2)
    a_claim(first)
    clock.set(SIX_MONTHS)
    assert retention.personal_due().phones == 2
    hold = transaction(lambda: retention.hold(staff=desk.proposer, reason="审计需要", class_id=second.class_id))
    assert (retention.personal_due().phones, _erase()) == (0, 0)
    transaction(lambda: retention.lift(staff=desk.proposer, hold_id=hold.hold_id, reason="审计结束"))
    worker = people.worker_view(second.persons[0].worker_id).public_id
    transaction(lambda: retention.hold(staff=desk.proposer, reason="审计需要", worker_id=worker))
    assert _erase() == 1
    assert _stored(second.persons[0]).erased_at is None


def test_people_who_never_came_leave_the_roster(app: Flask, clock: FixedCalendar) -> None:
    enterprise = an_enterprise()
    number = id_number(7)
    a_roster(enterprise, [roster_row("张三丰", number)])
    (entry,) = enterprises.roster(enterprise.id)
    clock.set(SIX_MONTHS)
    assert retention.personal_due().unjoined == 1
    assert _erase() == 1
    assert enterprises.roster(enterprise.id) == []
    gone = enterprises.roster_entries([entry.id])[entry.id]
    assert (gone.masked_name, gone.masked_id_number, gone.masked_phone) == (ERASED, ERASED, ERASED)
    with_all = db.session.execute(sa.text("SELECT * FROM roster_entry")).one()
    assert [len(with_all.name_encrypted), len(with_all.id_number_encrypted), len(with_all.phone_encrypted)] == [0, 0, 0]
    assert people.id_number_index(number) not in str(with_all)
    written = [found for found in audit.entries(subject=f"roster_entry:{entry.public_id}") if "erased" in found.action]
    assert [(found.actor, found.detail["fields"]) for found in written] == [("system", ["identity"])]
    a_roster(enterprise, [roster_row("张三丰", number)])  # the enterprise still employs them
    (again,) = enterprises.roster(enterprise.id)
    assert (again.id != entry.id, again.masked_name) == (True, "张*丰")
    assert _erase() == 0


def test_names_go_when_the_last_evidence_is_destroyed_and_figures_stay(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office, count=1)
    person = group.persons[0]
    claim = a_claim(group)
    pay(claim, office)
    before = registers.payments_register()
    clock.set("2022-06-01T09:00:00+08:00")
    _erase()
    assert retention.personal_due().identities == 0
    with pytest.raises(DatabaseError, match="still needs this identity"):
        transaction(partial(people.erase_identity, worker_id=person.worker_id))
    destroy_due(desk)
    assert retention.personal_due().identities == 1
    assert _erase() == 1
    worker, entry = _stored(person), _entry(group, person)
    personal = (worker.name_encrypted, worker.id_number_encrypted, worker.id_number_index, worker.born_on, worker.sex)
    assert personal == (None,) * 5
    assert (entry.name_encrypted, entry.id_number_encrypted, entry.phone_encrypted) == (b"", b"", b"")
    assert worker.erased_at == entry.erased_at == house_clock.now()
    view = people.worker_view(person.worker_id)
    assert (view.masked_name, view.masked_id_number, view.identified) == (ERASED, ERASED, False)
    with pytest.raises(NotAllowed, match="IDENTITY_REQUIRED"):
        people.require_identified(person.worker_id)
    assert people.find_by_id_number(person.id_number) is None
    after = registers.payments_register()
    assert (after.people, after.class_hours, after.total_fen) == (before.people, before.class_hours, before.total_fen)
    assert [row.masked_name for row in after.rows] == [ERASED]
    assert registers.reconcile_payments().agrees
    assert [member.masked_name for member in plans.class_members(group.class_id)] == [ERASED]
    assert _erase() == 0


def test_somebody_who_comes_again_keeps_their_name(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    desk, group = a_desk(office), a_studied_class(clock, office, count=1)
    clock.set("2022-06-01T09:00:00+08:00")
    destroy_due(desk)
    studying(clock, group, group.persons[0], lesson=1)
    assert (retention.personal_due(), _erase()) == (PersonalDue(0, 0, 0, 0), 0)
    assert learner_ref(group.persons[0])


def test_the_roster_keeps_who_the_account_still_names(app: Flask, clock: FixedCalendar) -> None:
    group = a_studied_class(clock, an_office(), count=1)
    entry = _entry(group, group.persons[0])
    with pytest.raises(DatabaseError, match="still has the identity"):
        transaction(partial(enterprises.erase_roster_entries, entry_ids=[entry.id]))
