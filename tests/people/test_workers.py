"""Signing in, consent, identity: what a worker and an auditor would notice."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from backend.people import services as people
from backend.people.models import AccessToken, WechatAccount, Worker
from config import crypto
from config.clock import FixedCalendar, real_now
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast.people import CONSENT, a_person, a_visitor, an_id_number

pytestmark = pytest.mark.usefixtures("app")


def test_the_same_wechat_account_is_the_same_worker() -> None:
    first, second = a_visitor("oWang"), a_visitor("oWang", device="phone-2")
    assert first.worker_id == second.worker_id
    assert a_visitor("oLi").worker_id != first.worker_id


def test_a_new_worker_has_no_personal_data() -> None:
    view = people.worker_view(a_visitor().worker_id)
    assert (view.masked_name, view.masked_id_number, view.masked_phone) == (None, None, None)
    assert not view.consented
    assert not view.identified


def test_no_personal_field_before_consent() -> None:
    visitor = a_visitor()
    for give in (
        lambda: people.set_identity(worker_id=visitor.worker_id, name="王小明", id_number=an_id_number(1)),
        lambda: people.set_phone(worker_id=visitor.worker_id, phone="13812345678"),
        lambda: people.require_consented(visitor.worker_id),
        lambda: people.require_identified(visitor.worker_id),
    ):
        with pytest.raises(NotAllowed) as refusal:
            transaction(give)
        assert refusal.value.code == "CONSENT_REQUIRED"


def test_the_database_itself_wants_consent_first() -> None:
    visitor = a_visitor()
    with pytest.raises(IntegrityError):
        transaction(
            lambda: db.session.execute(
                update(Worker).where(Worker.id == visitor.worker_id).values(phone_encrypted=b"13812345678")
            )
        )


def test_registered_data_leave_in_masks() -> None:
    person = a_person("王小明", "11010519491231002x")
    transaction(lambda: people.set_phone(worker_id=person.worker_id, phone="13812345678"))
    view = people.worker_view(person.worker_id)
    assert (view.masked_name, view.masked_id_number, view.masked_phone) == (
        "王*明",
        "1101**********002X",
        "138****5678",
    )
    full = people.full_identity(person.worker_id)
    assert (full.name, full.id_number, full.phone) == ("王小明", "11010519491231002X", "13812345678")
    identity = people.require_identified(person.worker_id)
    assert (identity.sex, identity.born_on.isoformat()) == ("female", "1949-12-31")


def test_the_tables_hold_no_personal_text() -> None:
    person = a_person("王小明", "11010519491231002X", openid="oSecretOpenid")
    transaction(lambda: people.set_phone(worker_id=person.worker_id, phone="13812345678"))
    stored = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in ("worker", "wechat_account", "access_token")
        for row in db.session.execute(text(f"SELECT * FROM {table}"))
        for value in row
    )
    for secret in ("王小明", "11010519491231002X", "13812345678", "oSecretOpenid", person.token):
        assert secret.encode() not in stored


def test_equal_numbers_look_different_in_the_table() -> None:
    assert crypto.encrypt("11010519491231002X", purpose="id_number") != crypto.encrypt(
        "11010519491231002X", purpose="id_number"
    )


def test_a_person_is_found_by_number_and_by_pseudonym() -> None:
    person = a_person("王小明", "11010519491231002X")
    assert people.find_by_id_number("11010519491231002X") == person.worker_id
    assert people.find_by_id_number(an_id_number(5)) is None
    assert people.learner_ref(person.worker_id) == person.learner_ref
    assert people.find_by_learner_ref(person.learner_ref) == person.worker_id
    assert people.find_by_public_id(person.public_id) == person.worker_id
    assert people.openid_of(person.worker_id) == person.openid


def test_consent_can_be_renewed_and_repeated(clock: FixedCalendar) -> None:
    person = a_person()
    first = db.session.scalar(select(Worker.consented_at).where(Worker.id == person.worker_id))
    clock.advance(60)
    transaction(lambda: people.give_consent(worker_id=person.worker_id, version=CONSENT))
    assert db.session.scalar(select(Worker.consented_at).where(Worker.id == person.worker_id)) == first
    view = transaction(lambda: people.give_consent(worker_id=person.worker_id, version="2020-04"))
    assert view.consent_version == "2020-04"
    assert db.session.scalar(select(Worker.consented_at).where(Worker.id == person.worker_id)) != first
    with pytest.raises(Invalid):
        transaction(lambda: people.give_consent(worker_id=person.worker_id, version="no such thing!"))


def test_an_identity_is_set_once() -> None:
    person = a_person("王小明", "11010519491231002X")

    def give(name: str, id_number: str) -> people.WorkerView:
        return transaction(lambda: people.set_identity(worker_id=person.worker_id, name=name, id_number=id_number))

    assert give("王小明", "11010519491231002x").identified
    for name, id_number in (("李小红", "11010519491231002X"), ("王小明", an_id_number(7))):
        with pytest.raises(Conflict) as refusal:
            give(name, id_number)
        assert refusal.value.code == "IDENTITY_ALREADY_SET"


def test_a_bound_number_is_never_taken_over() -> None:
    holder = a_person("王小明", "11010519491231002X")
    other = a_visitor()
    transaction(lambda: people.give_consent(worker_id=other.worker_id, version=CONSENT))
    with pytest.raises(Conflict) as refusal:
        transaction(
            lambda: people.set_identity(worker_id=other.worker_id, name="王小明", id_number="11010519491231002X")
        )
    assert refusal.value.code == "IDENTITY_TAKEN"
    assert [error["way"] for error in refusal.value.errors] == ["old_phone", "desk"]
    assert people.find_by_id_number("11010519491231002X") == holder.worker_id
    assert not people.worker_view(other.worker_id).identified


def test_two_phones_at_the_same_moment_one_gets_the_number(app: Flask) -> None:
    visitors = [a_visitor(), a_visitor()]
    for visitor in visitors:
        transaction(partial(people.give_consent, worker_id=visitor.worker_id, version=CONSENT))
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def bind(worker_id: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                transaction(
                    lambda: people.set_identity(worker_id=worker_id, name="王小明", id_number="11010519491231002X")
                )
                outcomes.append("bound")
            except DomainError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=bind, args=(visitor.worker_id,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["IDENTITY_TAKEN", "bound"]


def test_one_wechat_account_signing_in_twice_at_its_first_moment_is_one_worker(app: Flask) -> None:
    gate = threading.Barrier(4)
    found: list[int] = []

    def sign_in(device: str) -> None:
        with app.app_context():
            gate.wait()
            token = transaction(lambda: people.sign_in_with_openid(openid="oTwice", device=device)).token
            caller = people.authenticate(token)
            assert caller is not None
            found.append(caller.worker_id)

    threads = [threading.Thread(target=sign_in, args=(f"phone-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(list(db.session.scalars(select(WechatAccount)))) == 1


@pytest.mark.parametrize(
    ("name", "id_number", "code"),
    [
        ("王2", "11010519491231002X", "NAME_INVALID"),
        ("王小明", "110105491231002", "ID_NUMBER_LENGTH"),
        ("王小明", "1101051949123100AX", "ID_NUMBER_CHARACTERS"),
        ("王小明", "990105194912310021", "ID_NUMBER_PROVINCE"),
        ("王小明", "110105194902310021", "ID_NUMBER_BIRTH_DATE"),
        ("王小明", "110105194912310021", "ID_NUMBER_CHECK_DIGIT"),
    ],
)
def test_a_wrong_identity_writes_nothing(name: str, id_number: str, code: str) -> None:
    visitor = a_visitor()
    transaction(lambda: people.give_consent(worker_id=visitor.worker_id, version=CONSENT))
    with pytest.raises(Invalid) as refusal:
        transaction(lambda: people.set_identity(worker_id=visitor.worker_id, name=name, id_number=id_number))
    assert refusal.value.code == code
    assert not people.worker_view(visitor.worker_id).identified


def test_tokens_expire_in_real_time(clock: FixedCalendar) -> None:
    visitor = a_visitor()
    clock.advance(365 * 86_400)  # the calendar is no clock for tokens
    assert people.authenticate(visitor.token) is not None
    past = real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(update(AccessToken).values(expires_at=past)))
    assert people.authenticate(visitor.token) is None
    assert transaction(people.forget_expired_tokens) == 1
    assert transaction(people.forget_expired_tokens) == 0


def test_tokens_can_be_revoked() -> None:
    visitor = a_visitor()
    second = a_visitor(visitor.openid, device="phone-2")
    transaction(lambda: people.sign_out(token=visitor.token))
    assert people.authenticate(visitor.token) is None
    assert people.authenticate(second.token) is not None
    transaction(lambda: people.revoke_tokens_of(worker_id=second.worker_id))
    assert people.authenticate(second.token) is None


def test_a_device_has_one_token() -> None:
    first = a_visitor("oWang", device="phone-1")
    second = a_visitor("oWang", device="phone-1")
    assert people.authenticate(first.token) is None
    assert people.authenticate(second.token) is not None


def test_one_account_is_signed_in_on_ten_phones_at_most() -> None:
    phones = [a_visitor("oWang", device=f"phone-{number}") for number in range(12)]
    living = [people.authenticate(phone.token) is not None for phone in phones]
    assert living == [False, False] + [True] * 10


def test_unknown_tokens_and_workers_are_unknown() -> None:
    assert people.authenticate("nonsense") is None
    for ask in (people.worker_view, people.learner_ref, people.require_identified):
        with pytest.raises(NotFound):
            ask(999_999)
