"""Two ways to a new phone, and no third."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.people import services as people
from backend.people.models import IdentityClaim
from config.clock import real_now
from config.database import db, transaction
from config.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.cast.people import CONSENT, Person, a_person, a_staff_member, a_visitor, an_id_number

pytestmark = pytest.mark.usefixtures("app")

NUMBER = "11010519491231002X"


@pytest.fixture
def holder(app: object) -> Person:
    return a_person("王小明", NUMBER, openid="oOldPhone")


@pytest.fixture
def newcomer(app: object) -> Person:
    visitor = a_visitor("oNewPhone")
    transaction(lambda: people.give_consent(worker_id=visitor.worker_id, version=CONSENT))
    return visitor


def move(newcomer: Person, code: str, id_number: str = NUMBER) -> people.SignedIn:
    return transaction(
        lambda: people.move_with_code(worker_id=newcomer.worker_id, id_number=id_number, code=code, device="new-phone")
    )


def test_the_old_phones_code_moves_the_account(holder: Person, newcomer: Person) -> None:
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    moved = move(newcomer, code.lower()[:4] + "-" + code[4:])
    caller = people.authenticate(moved.token)
    assert caller is not None
    assert (caller.worker_id, caller.learner_ref) == (holder.worker_id, holder.learner_ref)
    assert moved.worker.masked_name == "王*明"
    # only the new WeChat account signs in as this person, every older token has ended
    assert people.authenticate(holder.token) is None
    assert people.authenticate(newcomer.token) is None
    assert a_visitor("oNewPhone").worker_id == holder.worker_id
    assert a_visitor("oOldPhone").worker_id not in (holder.worker_id, newcomer.worker_id)
    assert people.openid_of(holder.worker_id) == "oNewPhone"


def test_a_code_works_once(holder: Person, newcomer: Person) -> None:
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    move(newcomer, code)
    third = a_visitor("oThird")
    transaction(lambda: people.give_consent(worker_id=third.worker_id, version=CONSENT))
    with pytest.raises(Invalid) as refusal:
        move(third, code)
    assert refusal.value.code == "MOVE_CODE_INVALID"


def test_only_the_last_code_works(holder: Person, newcomer: Person) -> None:
    first = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    second = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    with pytest.raises(Invalid):
        move(newcomer, first)
    assert people.authenticate(move(newcomer, second).token) is not None


def test_an_expired_code_does_not_work(holder: Person, newcomer: Person) -> None:
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id))
    assert timedelta(minutes=9) < code.expires_at - real_now() <= timedelta(minutes=10)
    past = real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(update(IdentityClaim).values(expires_at=past)))
    with pytest.raises(Invalid) as refusal:
        move(newcomer, code.code)
    assert refusal.value.code == "MOVE_CODE_INVALID"


def test_a_code_moves_only_the_person_whose_number_is_typed(holder: Person, newcomer: Person) -> None:
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    with pytest.raises(Invalid) as refusal:
        move(newcomer, code, an_id_number(9))
    assert refusal.value.code == "MOVE_CODE_INVALID"
    assert people.authenticate(holder.token) is not None


def test_who_has_an_identity_takes_no_other(holder: Person) -> None:
    other = a_person("李小红")
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    with pytest.raises(Conflict) as refusal:
        move(other, code)
    assert refusal.value.code == "IDENTITY_ALREADY_SET"


def test_a_code_needs_a_registered_person_and_a_consenting_newcomer(holder: Person) -> None:
    visitor = a_visitor()
    with pytest.raises(NotAllowed):
        transaction(lambda: people.show_move_code(worker_id=visitor.worker_id))
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    with pytest.raises(NotAllowed) as refusal:
        move(visitor, code)
    assert refusal.value.code == "CONSENT_REQUIRED"


def ask(newcomer: Person, name: str = "王小明") -> str:
    return transaction(lambda: people.ask_at_desk(worker_id=newcomer.worker_id, name=name, id_number=NUMBER)).code


def request(code: str, staff_id: int, reason: str = "本人到场，旧手机丢失") -> people.IdentityClaimView:
    return transaction(lambda: people.request_identity_claim(staff_id=staff_id, code=code, reason=reason))


def test_agent_and_reviewer_together_move_the_account(holder: Person, newcomer: Person) -> None:
    agent, reviewer = a_staff_member("agent"), a_staff_member("reviewer")
    code = ask(newcomer)
    seen = people.claim_of_code(code=code)
    assert (seen.masked_name, seen.masked_id_number, seen.name_matches) == ("王*明", "1101**********002X", True)
    assert seen.holder_worker_id == holder.worker_id
    requested = request(code, agent.id)
    assert people.authenticate(holder.token) is not None, "nothing moves before the reviewer has approved"
    assert [claim.public_id for claim in people.requested_identity_claims()] == [requested.public_id]
    decided = transaction(
        lambda: people.decide_identity_claim(
            claim_id=requested.public_id, staff_id=reviewer.id, approve=True, reason="已核对身份证原件"
        )
    )
    assert (decided.status, decided.requested_by, decided.decision_reason) == (
        "approved",
        agent.display_name,
        "已核对身份证原件",
    )
    assert people.requested_identity_claims() == []
    assert people.authenticate(holder.token) is None
    assert people.authenticate(newcomer.token) is None
    assert a_visitor("oNewPhone").worker_id == holder.worker_id


def test_a_rejected_claim_moves_nothing(holder: Person, newcomer: Person) -> None:
    agent, reviewer = a_staff_member("agent"), a_staff_member("reviewer")
    claim = request(ask(newcomer, name="李小红"), agent.id)
    assert not claim.name_matches

    def decide(approve: bool) -> people.IdentityClaimView:
        return transaction(
            lambda: people.decide_identity_claim(
                claim_id=claim.public_id, staff_id=reviewer.id, approve=approve, reason="姓名不符"
            )
        )

    assert decide(False).status == "rejected"
    assert a_visitor("oOldPhone").worker_id == holder.worker_id
    with pytest.raises(Conflict) as refusal:
        decide(True)
    assert refusal.value.code == "IDENTITY_CLAIM_DECIDED"


def test_neither_of_the_two_can_do_it_alone(holder: Person, newcomer: Person) -> None:
    agent, reviewer = a_staff_member("agent"), a_staff_member("reviewer")
    code = ask(newcomer)
    with pytest.raises(NotAllowed):
        request(code, reviewer.id)
    claim = request(code, agent.id)
    with pytest.raises(NotAllowed):
        transaction(
            lambda: people.decide_identity_claim(claim_id=claim.public_id, staff_id=agent.id, approve=True, reason="好")
        )


def test_what_the_desk_is_refused(holder: Person, newcomer: Person) -> None:
    agent = a_staff_member("agent")
    code = ask(newcomer)
    with pytest.raises(Invalid):
        request(code, agent.id, reason="  ")
    for wrong in ("", "AAAAAAAA"):
        with pytest.raises(NotFound):
            request(wrong, agent.id)
    request(code, agent.id)
    with pytest.raises(NotFound):
        request(code, agent.id)


def test_asking_again_replaces_the_claim_before(holder: Person, newcomer: Person) -> None:
    first, second = ask(newcomer), ask(newcomer)
    with pytest.raises(NotFound):
        people.claim_of_code(code=first)
    assert people.claim_of_code(code=second).status == "asked"


def test_an_old_desk_code_has_ended(holder: Person, newcomer: Person) -> None:
    code = ask(newcomer)
    past = real_now() - timedelta(seconds=1)
    transaction(lambda: db.session.execute(update(IdentityClaim).values(expires_at=past)))
    with pytest.raises(NotFound):
        people.claim_of_code(code=code)


def test_a_free_number_needs_no_desk(newcomer: Person) -> None:
    with pytest.raises(DomainError) as refusal:
        ask(newcomer)
    assert refusal.value.code == "IDENTITY_NOT_TAKEN"


def test_codes_are_stored_as_digests(holder: Person, newcomer: Person) -> None:
    code = transaction(lambda: people.show_move_code(worker_id=holder.worker_id)).code
    stored = db.session.scalars(select(IdentityClaim.code_digest)).one()
    assert code not in stored
    assert len(stored) == 64
