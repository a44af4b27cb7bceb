"""Who walks: four classes of two enterprises that share people, in every state of readiness. Built once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.people.services import StaffView
from backend.plans import services as plans
from backend.plans.services import PlanView
from config.database import transaction
from learning_records.evidence import log
from tests.cast.claims import Class, Office, a_class, an_office, learn, pass_quiz
from tests.cast.enterprises import an_agent
from tests.cast.plans import HOUR_SECONDS, Person, a_draft, a_long_course, a_person, approved, join, on_roster

Place = tuple[int, UUID]
"""A worker (inner id) in a class (public id)."""


@dataclass(frozen=True)
class Firm:
    """An enterprise with two agents who may name its account."""

    enterprise: EnterpriseView
    treasurer: StaffView


@dataclass(frozen=True)
class Cast:
    """``plans``: three on file and a draft of the second firm. The first two people are in all of them, the third in the last
    two, the newcomer on the second firm's roster only. ``deposited``: claimable seconds by place, for everybody who joined.
    """

    office: Office
    firms: tuple[Firm, ...]
    plans: tuple[PlanView, ...]
    persons: tuple[Person, ...]
    newcomer: UUID
    deposited: dict[Place, int]

    @property
    def draft(self) -> PlanView:
        """The plan that is not on file yet."""
        return self.plans[-1]


def build_cast() -> Cast:
    """Some of them have checked in and passed, some only the one, some neither."""
    office = an_office()
    persons = tuple(a_person(serial) for serial in range(4))
    course = a_long_course()
    first = a_class(persons[:2], office, serial=1, course=course)
    again = approved(a_draft(first.enterprise, course, head_count=2), office.reviewer)
    second = Class(first.enterprise, again, join(again, persons[:2]), persons[:2])
    third = a_class(persons[:3], office, serial=2, course=course)
    draft = a_draft(third.enterprise, course, head_count=3, starts_on=date(2020, 6, 30), ends_on=date(2020, 12, 20))
    on_roster(third.enterprise, persons[3:])
    for group, ready in ((first, persons[:2]), (second, persons[:1]), (third, persons[:2])):
        for person in ready:
            learn(person, group.class_id, HOUR_SECONDS)
    learn(persons[1], second.class_id, HOUR_SECONDS, passed=False)
    pass_quiz(persons[2], third.class_id)
    transaction(log.integrate)  # a walk then brings only its own records into the log
    nothing = {(person.worker_id, group.class_id): 0 for group in (first, second, third) for person in group.persons}
    learned = {place: HOUR_SECONDS for place in nothing if place != (persons[2].worker_id, third.class_id)}
    return Cast(
        office=office,
        firms=tuple(a_firm(group.enterprise) for group in (first, third)),
        plans=(first.plan, second.plan, third.plan, plans.plan_view(draft.plan_id)),
        persons=persons,
        newcomer=newest_on_roster(third.enterprise),
        deposited=nothing | learned,
    )


def a_firm(enterprise: EnterpriseView) -> Firm:
    """The enterprise with one more agent."""
    treasurer = an_agent(f"treasurer.{enterprise.id}")
    transaction(lambda: enterprises.add_agent(enterprise_id=enterprise.id, staff_id=treasurer.id))
    return Firm(enterprise, treasurer)


def newest_on_roster(enterprise: EnterpriseView) -> UUID:
    """The roster row (public id) that was imported last."""
    return max(enterprises.roster(enterprise.id), key=lambda entry: entry.id).public_id


def class_ids(found: Sequence[PlanView]) -> list[UUID]:
    """The classes of these plans."""
    return [plan.training_class.class_id for plan in found]
