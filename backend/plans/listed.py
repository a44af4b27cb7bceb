"""What the lists of other offices say of an enterprise and its people before they train (四.5), each with its source row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.enterprises import services as enterprises
from backend.enterprises.services import Employment
from backend.lists import services as lists
from backend.lists.services import Asked, Finding
from backend.plans import rules
from backend.plans.loading import load_plan, policy_of
from backend.plans.models import Enrollment, TrainingPlan
from backend.plans.plan_facts import ListHit
from backend.policies import services as policies
from backend.policies.rules import Policy
from config import clock
from config.database import db


@dataclass(frozen=True)
class ListedPeople:
    """Findings of the enterprise, and of each person found by the public id of the roster row; nobody else is in it."""

    enterprise: tuple[Finding, ...]
    people: Mapping[UUID, tuple[Finding, ...]]


def listed_on_plan(plan_id: UUID) -> ListedPeople:
    """Everybody on the plan's class list, as of the day the policy looks at. Raises ``NotFound`` PLAN_NOT_FOUND."""
    plan = load_plan(plan_id)
    return _of_class(plan, policy_of(plan))


def listed_on_roster(enterprise_id: int) -> ListedPeople:
    """Everybody on the enterprise's roster, as of today, by the policy that a new plan would take."""
    enterprise = enterprises.enterprise_by_id(enterprise_id)
    policy = policies.for_enterprise(enterprise.uscc)
    entries = enterprises.employments(entry.id for entry in enterprises.roster(enterprise_id)).values()
    return _ask(enterprise.uscc, ((entry, entry.relation) for entry in entries), policy, clock.today())


def hits_of(plan: TrainingPlan, policy: Policy) -> tuple[ListHit, ...]:
    """The findings of a plan as the checker counts them."""
    return _counted(_of_class(plan, policy))


def hits_of_people(plan: TrainingPlan, people: Iterable[Employment], policy: Policy) -> tuple[ListHit, ...]:
    """The same of the enterprise and these people only: what an amendment brings in."""
    uscc = enterprises.enterprise_by_id(plan.enterprise_id).uscc
    return _counted(_ask(uscc, ((entry, entry.relation) for entry in people), policy, _day(plan, policy)))


def _of_class(plan: TrainingPlan, policy: Policy) -> ListedPeople:
    query = select(Enrollment.roster_entry_id, Enrollment.filed_relation)
    rows = db.session.execute(query.where(Enrollment.class_id == plan.training_class.id)).all()
    entries = enterprises.employments(row.roster_entry_id for row in rows)
    as_filed = plan.status not in rules.EDITABLE
    people = [
        (entry, row.filed_relation if as_filed and row.filed_relation else entry.relation)
        for row in rows
        if (entry := entries.get(row.roster_entry_id)) is not None
    ]
    return _ask(enterprises.enterprise_by_id(plan.enterprise_id).uscc, people, policy, _day(plan, policy))


def _day(plan: TrainingPlan, policy: Policy) -> date:
    """Somebody has to be employed on the day the class starts (domain.md A21), so the lists are asked of that day."""
    starts_on = plan.training_class.starts_on
    return starts_on if starts_on is not None and policy.relation.employed_on == "class_start" else clock.today()


def _ask(uscc: str, people: Iterable[tuple[Employment, str]], policy: Policy, on: date) -> ListedPeople:
    asked = [
        Asked(str(entry.public_id), entry.id_number_index, uscc if relation == "contract" else None)
        for entry, relation in people
    ]
    found = lists.findings_for_people(asked, on=on, actions=policy.lists)
    return ListedPeople(
        lists.findings_for_enterprise(uscc=uscc, on=on, actions=policy.lists),
        {UUID(ref): findings for ref, findings in found.items() if findings},
    )


def _counted(listed: ListedPeople) -> tuple[ListHit, ...]:
    of_people = Counter(
        found
        for findings in listed.people.values()
        for found in {(finding.code, finding.kind, finding.refuses) for finding in findings}
    )
    return (
        *(ListHit(each.code, each.kind, each.refuses, 0, each.sentence) for each in listed.enterprise),
        *(ListHit(code, kind, refuses, heads) for (code, kind, refuses), heads in sorted(of_people.items())),
    )
