"""What the lists of other offices say of people before they train: on the roster, in the checker, in an amendment (四.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.plans import services as plans
from backend.plans.services import PlanView
from config.errors import NotFound
from tests.cast.amendments import somebody_more
from tests.cast.enterprises import an_enterprise
from tests.cast.lists import a_list
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, approved, on_roster


@pytest.fixture
def enterprise(app: object) -> EnterpriseView:
    return an_enterprise()


@pytest.fixture
def draft(enterprise: EnterpriseView) -> PlanView:
    on_roster(enterprise, [a_person(1), a_person(2)])
    return a_draft(enterprise, a_long_course(), head_count=2)


def pensioners(*serials: int) -> None:
    a_list("pension", [["某某", a_person(serial).id_number, None, None] for serial in serials])


def test_somebody_on_a_list_is_shown_with_the_source_row_and_counted_by_the_checker(
    draft: PlanView, enterprise: EnterpriseView
) -> None:
    assert plans.listed_on_plan(draft.plan_id).people == {}
    pensioners(3, 2)
    [(row, [finding])] = plans.listed_on_plan(draft.plan_id).people.items()
    assert plans.listed_on_roster(enterprise.id).people == {row: (finding,)}
    second = sorted(enterprises.roster(enterprise.id), key=lambda entry: entry.id)[1]
    assert (row, finding.source.office, finding.code) == (second.public_id, "无锡市社保中心", "LIST_PENSION")
    assert f"第{finding.source.row}行" in finding.sentence
    [said] = plans.check_plan(draft.plan_id)
    assert (said.code, said.severity, said.clause) == ("LIST_PENSION", "warn", "四.5")
    assert said.sentence.startswith("参训名单中有1人列在养老待遇领取人员名单上")


def test_who_nobody_insures_is_pointed_out_where_a_list_of_the_insured_exists(
    draft: PlanView, enterprise: EnterpriseView
) -> None:
    elsewhere = replace(enterprise, uscc="91320200MA1NJ6X87T")
    a_list("insured", [[a_person(1).id_number, elsewhere.uscc, None, None]])
    assert {finding.code for finding in plans.check_plan(draft.plan_id)} == {
        "LIST_INSURED_ELSEWHERE", "LIST_NOT_INSURED"
    }  # fmt: skip


def test_the_enterprise_itself_may_be_on_a_list(draft: PlanView, enterprise: EnterpriseView) -> None:
    a_list("dispatch_licences", [[enterprise.uscc, enterprise.name, None, None, None]])
    [said] = plans.check_plan(draft.plan_id)
    assert (said.code, said.clause) == ("LIST_DISPATCH_LICENCES", "二(二)")
    assert "本企业" in said.sentence


def test_an_amendment_is_judged_by_those_it_brings_in(draft: PlanView, enterprise: EnterpriseView) -> None:
    plan = approved(draft, a_staff("checker", "reviewer"))
    pensioners(1, 3)
    waiting = somebody_more(enterprise, plan, a_person(3))
    found = [finding.sentence for finding in plans.check_amendment(amendment_id=waiting.amendment_id)]
    assert len(found) == 1
    assert "1人列在养老待遇领取人员名单上" in found[0]


def test_no_plan_no_people(app: object, enterprise: EnterpriseView) -> None:
    with pytest.raises(NotFound, match="PLAN_NOT_FOUND"):
        plans.listed_on_plan(enterprise.public_id)
