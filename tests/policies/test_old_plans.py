"""An office changes a value of its policy: what was filed before is paid as filed, what is filed after as changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.plans import services as plans
from backend.plans.rules import PlanFields
from backend.plans.services import PlanView
from backend.policies import services as policies
from config.database import transaction
from tests.cast import enterprises as companies
from tests.cast.claims import ENTERPRISE_ACTOR, a_class, an_office, certify, hours, learn, submitted_claim
from tests.cast.plans import a_person
from tests.policies.conftest import FILE


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The office's own folder of policies, in use."""
    folder = tmp_path / "policies"
    folder.mkdir()
    for path in FILE.parent.glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    policies.configure(policy_id="wuxi-2020-10", directory=folder)
    yield folder
    policies.configure(policy_id="wuxi-2020-10")


def change(folder: Path, before: str, after: str) -> None:
    path = folder / FILE.name
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    policies.configure(policy_id="wuxi-2020-10", directory=folder)


def test_an_old_plan_is_paid_as_filed_and_a_new_one_as_changed(folder: Path) -> None:
    office = an_office()
    old = a_class([a_person(1)], office, serial=1)
    learn(old.persons[0], old.class_id, hours(24))
    change(folder, "value = 1850", "value = 1900")
    new = a_class([a_person(2)], office, serial=2)
    learn(new.persons[0], new.class_id, hours(24))
    assert old.plan.policy_version != new.plan.policy_version
    claimed = submitted_claim(old.plan)
    assert (claimed.total_fen, claimed.policy_version) == (44_400, old.plan.policy_version)
    certify(new.class_id)
    assert claims.compute_claim(plan_id=new.plan.plan_id).total_fen == 45_600
    assert {each.version for each in policies.kept_versions()} >= {old.plan.policy_version, new.plan.policy_version}


@pytest.mark.parametrize(
    ("district", "policy_id"), [("320281", "jiangyin"), ("320282", "yixing"), ("320211", "wuxi-2020-10")]
)
@pytest.mark.usefixtures("app")
def test_a_new_plan_falls_under_the_policy_of_its_district(district: str, policy_id: str) -> None:
    agent = companies.an_agent()

    def draft() -> PlanView:
        enterprise = enterprises.register_enterprise(
            name="江阴滨江机械有限公司",
            uscc=companies.uscc(7, district=district),
            kind="ordinary",
            business_scope="机械加工",
            agent_staff_id=agent.id,
        )
        return plans.draft_plan(enterprise_id=enterprise.id, fields=PlanFields(), actor=ENTERPRISE_ACTOR)

    plan = transaction(draft)
    assert plan.policy_id == policy_id
    assert [kept.version for kept in policies.kept_versions()] == [plan.policy_version]
