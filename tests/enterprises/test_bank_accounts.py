"""The bank account of an enterprise: in its own name, by two persons, and its number in nobody's sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from backend.audit import services as audit
from backend.enterprises import services as enterprises
from backend.enterprises.services import BankAccountView, EnterpriseView
from backend.people.services import StaffView
from backend.reviews import services as reviews
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast.enterprises import an_enterprise
from tests.cast.plans import a_staff

NUMBER = "3205 0161 6336 0000 1234"


@pytest.fixture
def company(app: Flask) -> EnterpriseView:
    return an_enterprise("无锡惠山（精密）机械有限公司")


@pytest.fixture
def clerks(company: EnterpriseView) -> tuple[StaffView, StaffView]:
    """Two agents of the company."""
    pair = a_staff("clerk-one", "agent"), a_staff("clerk-two", "agent")
    for clerk in pair:
        transaction(lambda one=clerk: enterprises.add_agent(enterprise_id=company.id, staff_id=one.id))  # type: ignore[misc]
    return pair


def propose(company: EnterpriseView, staff: StaffView, **changes: str) -> BankAccountView:
    values = {"holder_name": company.name, "bank_name": "江苏银行无锡惠山支行", "number": NUMBER, **changes}
    return transaction(lambda: enterprises.propose_account(enterprise_id=company.id, staff=staff, **values))


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> None:
    with pytest.raises(kind) as caught:
        transaction(work)
    assert caught.value.code == code


def test_one_proposes_and_another_of_the_company_confirms(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView]
) -> None:
    made = propose(company, clerks[0], holder_name="无锡惠山(精密) 机械有限公司")
    assert (made.status_words, made.last4, made.masked_number) == ("待确认", "1234", "****1234")
    assert enterprises.bank_account_of(company.id) is None
    assert enterprises.named_account_of(company.id) == made
    refused(
        lambda: enterprises.confirm_account(account_id=made.account_id, staff=clerks[0]),
        NotAllowed,
        "SECOND_PERSON_REQUIRED",
    )
    transaction(lambda: enterprises.confirm_account(account_id=made.account_id, staff=clerks[1]))
    active = enterprises.bank_account_of(company.id)
    assert active is not None
    assert (active.account_id, active.decided_by) == (made.account_id, "clerk-two")


def test_a_reviewer_can_be_the_second_person_and_a_change_needs_one_again(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView]
) -> None:
    reviewer = a_staff("reviewer", "reviewer")
    first = propose(company, clerks[0])
    transaction(lambda: reviews.confirm_bank_account(account_id=first.account_id, staff=reviewer))
    (decision,) = reviews.history(subject="bank_account", subject_id=first.account_id)
    assert decision.verdict == "approve"
    second = propose(company, clerks[0], number="6222020200112345678")
    assert enterprises.bank_account_of(company.id) == enterprises.bank_account(first.account_id)
    assert [item.account_id for item in enterprises.proposed_accounts()] == [second.account_id]
    transaction(
        lambda: reviews.refuse_bank_account(account_id=second.account_id, staff=reviewer, reason="开户行不完整")
    )
    third = propose(company, clerks[1], number="6222020200112345678")
    transaction(lambda: reviews.confirm_bank_account(account_id=third.account_id, staff=reviewer))
    assert [item.status for item in enterprises.bank_accounts_of(company.id)] == ["active", "refused", "replaced"]
    refused(lambda: propose_in(company, clerks[0], "6222020200112345678"), Conflict, "BANK_ACCOUNT_SAME")


def propose_in(company: EnterpriseView, staff: StaffView, number: str, holder: str | None = None) -> BankAccountView:
    return enterprises.propose_account(
        enterprise_id=company.id,
        holder_name=holder or company.name,
        bank_name="江苏银行无锡惠山支行",
        number=number,
        staff=staff,
    )


def test_a_newer_proposal_takes_the_one_that_waits_back(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView]
) -> None:
    first = propose(company, clerks[0])
    propose(company, clerks[1], number="6222020200112345678")
    assert enterprises.bank_account(first.account_id).status == "withdrawn"
    refused(
        lambda: enterprises.confirm_account(account_id=first.account_id, staff=clerks[1]),
        Conflict,
        "BANK_ACCOUNT_DECIDED",
    )


@pytest.mark.parametrize(
    ("number", "holder", "code"),
    [
        (NUMBER, "无锡惠山机械有限公司", "BANK_ACCOUNT_HOLDER_DIFFERS"),
        (NUMBER, "李经办", "BANK_ACCOUNT_HOLDER_DIFFERS"),
        ("1234567", None, "BANK_ACCOUNT_NUMBER_INVALID"),
        ("1" * 33, None, "BANK_ACCOUNT_NUMBER_INVALID"),
        ("3205016163360000123X", None, "BANK_ACCOUNT_NUMBER_INVALID"),
    ],
)
def test_an_account_is_of_the_company_and_has_a_number(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView], number: str, holder: str | None, code: str
) -> None:
    refused(lambda: propose_in(company, clerks[0], number, holder), Invalid, code)


def test_somebody_elses_agent_neither_proposes_nor_confirms(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView]
) -> None:
    made, stranger = propose(company, clerks[0]), a_staff("stranger", "agent")
    refused(lambda: propose_in(company, stranger, NUMBER), NotFound, "ENTERPRISE_UNKNOWN")
    refused(
        lambda: enterprises.confirm_account(account_id=made.account_id, staff=stranger), NotFound, "ENTERPRISE_UNKNOWN"
    )


def test_full_width_digits_are_digits_and_revealing_them_is_audited(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView]
) -> None:
    made = propose(company, clerks[0], number="６２２２０２０２００１１２３４５６７８")
    number = transaction(lambda: enterprises.reveal_account(made.id, actor="staff:cashier"))
    assert number == "6222020200112345678"
    entry = audit.entries(subject=f"bank_account:{made.account_id}")[0]
    assert (entry.actor, entry.action) == ("staff:cashier", "bank_account.revealed")
    stored = db.session.execute(sa.text("SELECT account_encrypted FROM bank_account")).scalar_one()
    assert number.encode() not in bytes(stored)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE bank_account SET last4 = '9999'", "not edited"),
        ("UPDATE bank_account SET account_encrypted = account_index", "not edited|type bytea"),
        ("DELETE FROM bank_account", "not deleted"),
        (
            "UPDATE bank_account SET status = 'active', decided_at = proposed_at, decided_by_id = proposed_by_id",
            "no evidence record|two_persons",
        ),
    ],
)
def test_the_database_confirms_nothing_by_itself(
    company: EnterpriseView, clerks: tuple[StaffView, StaffView], statement: str, words: str
) -> None:
    propose(company, clerks[0])
    with pytest.raises(DBAPIError, match=words):
        transaction(lambda: db.session.execute(sa.text(statement)))
