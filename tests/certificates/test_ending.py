"""A certificate is revoked or corrected by a decision with reason and clause, never edited; the audit follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.audit import services as audit
from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from backend.reviews import services as reviews
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from learning_records.sealed_rows import SealedRow
from tests.cast.certificates import an_earned_class, certified
from tests.cast.claims import Class, Office, an_office

REASON = "核查发现学习由他人代学。"


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


@pytest.fixture
def group(office: Office) -> Class:
    return an_earned_class(office)


@pytest.fixture
def issued(group: Class) -> CertificateView:
    (found,) = certified(group)
    return found


def refused(work: Callable[[], object], kind: type[DomainError], code: str) -> None:
    with pytest.raises(kind) as caught:
        work()
    assert caught.value.code == code


def revoke(issued: CertificateView, office: Office, reason: str = REASON) -> CertificateView:
    return transaction(
        lambda: reviews.revoke_certificate(
            certificate_id=issued.certificate_id, staff=office.reviewer, reason=reason, clause="四.5"
        )
    )


def correct(issued: CertificateView, office: Office, name: str, trade_code: str = "6-18-01-01") -> CertificateView:
    return transaction(
        lambda: reviews.correct_certificate(
            certificate_id=issued.certificate_id,
            staff=office.reviewer,
            name=name,
            trade_code=trade_code,
            reason="姓名登记有误。",
        )
    )


def problems() -> list[tuple[str, str]]:
    def nothing(_: int) -> None: ...

    found: Iterator[tuple[str, str]] = reviews.certificate_problems(nothing)
    return list(found)


def test_a_revoked_certificate_says_why_and_counts_no_more(
    group: Class, issued: CertificateView, office: Office
) -> None:
    after = revoke(issued, office)
    assert (after.status, after.ended_reason, after.ended_clause) == ("revoked", REASON, "四.5")
    assert certificates.of_class(group.class_id) == {}
    assert certified(group) == []  # nobody gets around a revocation by asking again
    assert certificates.by_code(issued.code).status == "revoked"
    trail = audit.entries(subject=f"certificate:{issued.certificate_id}")
    assert [line.action for line in trail] == ["certificate.revoked", "certificate.issued"]
    (decision,) = reviews.history(subject="certificate", subject_id=issued.certificate_id)
    assert (decision.verdict, decision.reason) == ("reject", REASON)
    assert problems() == []


def test_a_corrected_certificate_is_replaced_by_one_with_a_new_number(
    group: Class, issued: CertificateView, office: Office
) -> None:
    new = correct(issued, office, "王晓明")
    assert (new.number, new.name, new.replaces) == ("锡线培证〔2020〕000002", "王晓明", issued.number)
    assert (new.class_hours, new.score) == (issued.class_hours, issued.score)
    old = certificates.by_code(issued.code)
    assert (old.status, old.replaced_by, old.name) == ("corrected", new.number, "王小明")
    assert certificates.of_class(group.class_id) == {group.persons[0].worker_id: new}
    assert problems() == []


def test_what_cannot_be_decided(issued: CertificateView, office: Office) -> None:
    refused(lambda: correct(issued, office, "王小明"), Conflict, "NOTHING_TO_CORRECT")
    refused(lambda: correct(issued, office, ""), Invalid, "NAME_INVALID")
    refused(lambda: correct(issued, office, "王\u202e明"), Invalid, "NAME_INVALID")
    refused(lambda: revoke(issued, office, ""), Invalid, "REASON_REQUIRED")
    refused(
        lambda: transaction(
            lambda: reviews.revoke_certificate(
                certificate_id=issued.certificate_id, staff=office.cashier, reason=REASON
            )
        ),
        NotAllowed,
        "REVIEWER_ROLE_REQUIRED",
    )
    refused(
        lambda: transaction(
            lambda: reviews.revoke_certificate(
                certificate_id=office.reviewer.public_id, staff=office.reviewer, reason=REASON
            )
        ),
        NotFound,
        "CERTIFICATE_NOT_FOUND",
    )
    revoke(issued, office)
    refused(lambda: revoke(issued, office), Conflict, "CERTIFICATE_NOT_VALID")
    refused(lambda: correct(issued, office, "王晓明"), Conflict, "CERTIFICATE_NOT_VALID")


def test_a_state_that_nobody_decided_is_found(issued: CertificateView) -> None:
    db.session.execute(
        sa.text(
            "UPDATE certificate SET status = 'revoked', ended_at = issued_at, ended_reason = 'x', ended_clause = '三'"
        )
    )
    db.session.commit()
    assert problems() == [
        (f"certificate {issued.number}", "status revoked in the table, valid by the decisions about it")
    ]


def test_rows_still_say_what_was_sealed(issued: CertificateView, office: Office) -> None:
    correct(issued, office, "王晓明")
    rows: list[SealedRow] = list(certificates.sealed_rows(0, 10))
    assert certificates.count_sealed_rows() == len(rows) == 2
    assert rows[0].body["says"]["class_hours"] == 24
    assert rows[1].body["replaces"] == issued.number
    assert "王" not in str(rows[1].body)


def test_a_name_whose_time_is_over_is_forgotten_and_the_certificate_stays(
    group: Class, issued: CertificateView
) -> None:
    transaction(lambda: certificates.erase_names(worker_id=group.persons[0].worker_id))
    after = certificates.by_code(issued.code)
    assert (after.name, after.number, after.status) == ("（已按期限删除）", issued.number, "valid")
