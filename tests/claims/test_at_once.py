"""Two submissions at the same moment: two clicks are one claim, and two enterprises never pass a person's cap."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from config.errors import Conflict
from tests.cast.at_once import at_once
from tests.cast.claims import ENTERPRISE_ACTOR, Class, a_class, an_office, certify, hours, learn, submitted_claim
from tests.cast.plans import a_person


def submitting(group: Class, key: str) -> Callable[[], object]:
    return lambda: claims.submit_claim(plan_id=group.plan.plan_id, key=key, actor=ENTERPRISE_ACTOR)


def test_two_clicks_are_one_claim(app: Flask) -> None:
    group = a_class([a_person(1)], an_office())
    learn(group.persons[0], group.class_id, hours(24))
    certify(group.class_id)
    assert at_once(app, [submitting(group, "one-click-key")] * 3) == []
    (claim,) = claims.claims_of_enterprise(group.enterprise.id)
    assert claim.total_fen == 44_400
    assert credit_bank.balance(worker_id=group.persons[0].worker_id).held_seconds == hours(24)


def test_two_enterprises_at_once_never_pass_the_cap(app: Flask) -> None:
    office, shared = an_office(), a_person(1)
    groups = [a_class([shared], office, serial=serial) for serial in (1, 2)]
    for group in groups:
        learn(shared, group.class_id, hours(24))
        certify(group.class_id)
    errors = at_once(app, [submitting(group, f"enterprise-{group.enterprise.id}") for group in groups])
    assert all(isinstance(error, Conflict) and error.code == "CLAIM_CHANGED_MEANWHILE" for error in errors)
    for group in groups:
        if not claims.claims_of_enterprise(group.enterprise.id):
            submitted_claim(group.plan)  # computed again, with what is left
    amounts = sorted(own.amount_fen for own in claims.claims_in_name_of(shared.worker_id))
    assert amounts == [5_600, 44_400]
    assert credit_bank.trial_balance() == 0
