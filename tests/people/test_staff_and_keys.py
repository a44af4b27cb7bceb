"""Staff accounts, API keys and the audit trail."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from backend.audit import services as audit
from backend.people import services as people
from backend.people.models import ApiKey, StaffAccount
from config.clock import FixedCalendar, real_now
from config.database import db, transaction
from config.errors import Conflict, Invalid, NotFound
from tests.cast.people import PASSWORD, a_staff_member

pytestmark = pytest.mark.usefixtures("app")


def sign_in(username: str, password: str) -> people.StaffView | None:
    return transaction(lambda: people.check_password(username, password))


def test_the_right_password_signs_in() -> None:
    staff = a_staff_member("reviewer", "zhang.wei")
    assert sign_in("zhang.wei", PASSWORD) == staff
    assert sign_in(" ZHANG.WEI ", PASSWORD) == staff
    assert people.get_staff(staff.public_id) == staff
    assert people.staff_of_id(staff.id) == staff
    assert people.find_staff("zhang.wei") == staff


def test_a_wrong_password_and_an_unknown_name_look_alike() -> None:
    a_staff_member("reviewer", "zhang.wei")
    assert sign_in("zhang.wei", "wrong password") is None
    assert sign_in("nobody", PASSWORD) is None
    assert people.get_staff(uuid.uuid4()) is None
    assert people.find_staff("nobody") is None


def test_five_wrong_passwords_lock_the_account_in_real_time(clock: FixedCalendar) -> None:
    staff = a_staff_member("reviewer", "zhang.wei")
    for _ in range(5):
        assert sign_in("zhang.wei", "wrong password") is None
    assert sign_in("zhang.wei", PASSWORD) is None
    clock.advance(86_400)  # the calendar opens no lock
    assert sign_in("zhang.wei", PASSWORD) is None
    past = real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(update(StaffAccount).values(locked_until=past)))
    assert sign_in("zhang.wei", PASSWORD) == staff


def test_a_right_password_clears_the_count() -> None:
    staff = a_staff_member("reviewer", "zhang.wei")
    for _ in range(3):
        for _ in range(4):
            sign_in("zhang.wei", "wrong password")
        assert sign_in("zhang.wei", PASSWORD) == staff


def test_passwords_are_argon2id_hashes() -> None:
    a_staff_member("reviewer")
    assert db.session.scalars(select(StaffAccount.password_hash)).one().startswith("$argon2id$")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "z"}, "USERNAME_INVALID"),
        ({"username": "1zhang"}, "USERNAME_INVALID"),
        ({"password": "short"}, "PASSWORD_TOO_WEAK"),
        ({"username": "zhangwei88", "password": "ZhangWei88"}, "PASSWORD_TOO_WEAK"),
        ({"display_name": "  "}, "DISPLAY_NAME_INVALID"),
        ({"role": "king"}, "ROLE_UNKNOWN"),
    ],
)
def test_what_is_no_account(changes: dict[str, str], code: str) -> None:
    account = {"username": "zhang.wei", "display_name": "张伟", "password": PASSWORD, "role": "reviewer"} | changes
    with pytest.raises(Invalid) as refusal:
        transaction(lambda: people.create_staff_account(**account))
    assert refusal.value.code == code


def test_a_user_name_is_taken_once() -> None:
    a_staff_member("reviewer", "zhang.wei")
    with pytest.raises(Conflict):
        a_staff_member("agent", "Zhang.Wei")


def test_an_api_key_works_until_it_is_revoked() -> None:
    enterprise = uuid.uuid4()

    def create() -> tuple[people.ApiKeyView, str]:
        return people.create_api_key(subject_kind="enterprise", subject_id=enterprise, name="  HR  系统 ")

    key, secret = transaction(create)
    assert secret.startswith("ck_")
    assert people.authenticate_api_key(secret) == key
    assert (key.subject_kind, key.subject_id, key.name) == ("enterprise", enterprise, "HR 系统")
    assert people.authenticate_api_key(secret[:-1]) is None
    revoke = partial(people.revoke_api_key, public_id=key.public_id, subject_kind="enterprise", subject_id=enterprise)
    transaction(revoke)
    assert people.authenticate_api_key(secret) is None
    first = people.api_keys_of(subject_kind="enterprise", subject_id=enterprise)[0].revoked_at
    assert transaction(revoke).revoked_at == first
    assert secret not in str(db.session.scalars(select(ApiKey.digest)).all())


def test_one_enterprise_cannot_revoke_anothers_key() -> None:
    key, secret = transaction(
        lambda: people.create_api_key(subject_kind="enterprise", subject_id=uuid.uuid4(), name="HR")
    )
    with pytest.raises(NotFound):
        transaction(
            lambda: people.revoke_api_key(public_id=key.public_id, subject_kind="enterprise", subject_id=uuid.uuid4())
        )
    assert people.authenticate_api_key(secret) is not None


@pytest.mark.parametrize("wrong", [{"subject_kind": "person"}, {"name": " "}, {"name": "x" * 101}])
def test_what_is_no_api_key(wrong: dict[str, str]) -> None:
    given = {"subject_kind": "enterprise", "name": "HR"} | wrong
    with pytest.raises(Invalid):
        transaction(lambda: people.create_api_key(subject_id=uuid.uuid4(), **given))


def test_the_audit_trail_is_read_newest_first() -> None:
    for number in (1, 2, 3):
        subject, detail = f"plan:{number % 2}", {"number": number}
        transaction(partial(audit.write, actor="staff:a", action="plan.approved", subject=subject, detail=detail))
    newest = audit.entries()
    assert [entry.detail["number"] for entry in newest] == [3, 2, 1]
    assert [entry.detail["number"] for entry in audit.entries(subject="plan:1")] == [3, 1]
    assert [entry.detail["number"] for entry in audit.entries(before_id=newest[0].id)] == [2, 1]
    assert audit.entries(actor="staff:b") == []


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_the_audit_trail_cannot_be_changed(change: str) -> None:
    transaction(lambda: audit.write(actor="a", action="b", subject="c", detail={}))
    with pytest.raises(DatabaseError):
        transaction(lambda: db.session.execute(text(change)))
    assert len(audit.entries()) == 1
