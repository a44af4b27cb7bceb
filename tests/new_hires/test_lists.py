"""Lists of other offices: who is insured there needs no paper, what was paid there is taken off, who is dishonest is said."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from backend.enterprises.services import EnterpriseView
from backend.new_hires import services as new_hires
from config.clock import FixedCalendar
from tests.cast.enterprises import an_enterprise
from tests.cast.lists import a_list
from tests.cast.new_hires import a_draft, hired, submitted
from tests.cast.plans import Person, a_person


@pytest.fixture
def person(app: Flask, clock: FixedCalendar) -> Person:
    clock.set("2020-04-10T09:00:00+08:00")
    return a_person(1)


@pytest.fixture
def enterprise(person: Person) -> EnterpriseView:
    made = an_enterprise()
    hired(made, [person])
    return made


def test_a_list_of_the_insured_takes_the_place_of_the_paper(enterprise: EnterpriseView, person: Person) -> None:
    a_list("insured", [[person.id_number, enterprise.uscc, date(2020, 3, 2), ""]])
    made = submitted(a_draft(enterprise, paper=False, insured_on=None))
    assert made.total_fen == 30_000
    assert made.lines[0].decision is not None
    sentence = next(step["sentence"] for step in made.lines[0].decision["steps"] if step["rule"] == "insurance")
    assert "参保人员名单第" in sentence


def test_what_another_office_paid_is_taken_off(enterprise: EnterpriseView, person: Person) -> None:
    a_list("other_subsidies", [[person.id_number, "以工代训", 120, ""]])
    draft = a_draft(enterprise)
    (decision,) = new_hires.preview(draft.application_id).values()
    assert decision.amount_fen == 18_000
