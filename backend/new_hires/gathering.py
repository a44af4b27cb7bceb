"""What is known of each new hire on the day of application: from the roster, from lists of other offices, from other
applications; and the policy it is decided under."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.lists import services as lists
from backend.lists.services import Asked, ListRow
from backend.new_hires.conditions import NewHireDecision, NewHireFacts, decide
from backend.new_hires.models import NewHireApplication, NewHireLine
from backend.new_hires.reading import load_application
from backend.new_hires.reports import in_classes
from backend.new_hires.rules import COUNTED_STATUSES, Particulars
from backend.policies import services as policies
from backend.policies.rules import ListFinding, Policy
from config import clock
from config.database import db


@dataclass(frozen=True)
class _Lists:
    """What the lists of other offices say of the people of one application, by blind index."""

    insured: Mapping[str, Sequence[ListRow]]
    subsidies: Mapping[str, Sequence[ListRow]]
    people: Mapping[str, tuple[lists.Finding, ...]]
    enterprise: tuple[lists.Finding, ...]


def policy_for(enterprise_id: int) -> Policy:
    """The policy that an application of this enterprise falls under today. Raises as ``policies.for_enterprise``."""
    return policies.for_enterprise(enterprises.enterprise_by_id(enterprise_id).uscc)


def policy_of(application: NewHireApplication) -> Policy:
    """The policy an application was decided under, as it was then. Raises as ``policies.of_version``."""
    return policies.of_version(application.policy_id, application.policy_version)


def preview(application_id: UUID) -> dict[UUID, NewHireDecision]:
    """What each person of a draft would bring if it were submitted now, by the lines' public ids.

    Raises ``NotFound`` NEW_HIRES_NOT_FOUND."""
    application = load_application(application_id)
    return decide_lines(application, policy_for(application.enterprise_id))


def decide_lines(application: NewHireApplication, policy: Policy) -> dict[UUID, NewHireDecision]:
    """Each line's decision as of today, by its public id."""
    enterprise, lines = enterprises.enterprise_by_id(application.enterprise_id), application.lines
    entries = enterprises.roster_entries(line.roster_entry_id for line in lines)
    relations = {line.id: entries[line.roster_entry_id].relation for line in lines}
    indexes = {line.person_index for line in lines}
    elsewhere, classes = _counted_elsewhere(indexes, application.id), in_classes(indexes)
    said = _ask_lists(enterprise, lines, relations, policy)
    found = {}
    for line in lines:
        facts = NewHireFacts(
            on=clock.today(),
            enterprise_kind=enterprise.kind,
            affected=enterprise.affected_declared_at is not None,
            relation=relations[line.id],
            hired_on=line.hired_on,
            particulars=particulars_of(line),
            mentor_named=line.mentor_entry_id is not None,
            elsewhere=line.person_index in elsewhere,
            in_class=line.person_index in classes,
            insured_by_list=_insured(said.insured.get(line.person_index, ()), enterprise.uscc),
            subsidy_by_list=_subsidised(said.subsidies.get(line.person_index, ())),
            list_findings=tuple(
                ListFinding(item.kind, item.refuses, item.sentence)
                for item in (*said.enterprise, *said.people[str(line.public_id)])
            ),
        )
        found[line.public_id] = decide(facts, policy)
    return found


def particulars_of(line: NewHireLine) -> Particulars:
    """What the enterprise says of a line's person."""
    return Particulars(
        contract_on=line.contract_on,
        contract_renewed=line.contract_renewed,
        hire_registered=line.hire_registered,
        insured_on=line.insured_on,
        left_on=line.left_on,
        other_subsidy_fen=line.other_subsidy_fen,
        form=line.form,
        contents=tuple(line.contents.split()),
    )


def _ask_lists(
    enterprise: EnterpriseView, lines: Sequence[NewHireLine], relations: Mapping[int, str], policy: Policy
) -> _Lists:
    indexes, today = [line.person_index for line in lines], clock.today()
    asked = [
        Asked(str(line.public_id), line.person_index, enterprise.uscc if relations[line.id] == "contract" else None)
        for line in lines
    ]
    return _Lists(
        lists.rows_of_people("insured", indexes),
        lists.rows_of_people("other_subsidies", indexes),
        lists.findings_for_people(asked, on=today, actions=policy.lists),
        lists.findings_for_enterprise(uscc=enterprise.uscc, on=today, actions=policy.lists),
    )


def _insured(rows: Sequence[ListRow], uscc: str) -> tuple[date, str] | None:
    """Since when a list has the person insured with this enterprise; a row without a first day is good for its list's day."""
    days = [(row.from_on or row.source.as_of_on, row) for row in rows if row.uscc in (None, uscc)]
    if not days:
        return None
    day, row = min(days, key=lambda pair: pair[0])
    return day, _named(row)


def _subsidised(rows: Sequence[ListRow]) -> tuple[int, str] | None:
    paid = [row for row in rows if row.amount_fen]
    if not paid:
        return None
    return sum(row.amount_fen or 0 for row in paid), "；".join(_named(row) for row in paid)


def _named(row: ListRow) -> str:
    source = row.source
    day = source.as_of_on
    return f"{source.office}{day.year}年{day.month}月{day.day}日{lists.KIND_WORDS[source.kind]}第{source.row}行"


def _counted_elsewhere(indexes: Collection[str], application_row_id: int) -> set[str]:
    query = select(NewHireLine.person_index).where(
        NewHireLine.person_index.in_(indexes),
        NewHireLine.status.in_(COUNTED_STATUSES),
        NewHireLine.application_id != application_row_id,
    )
    return set(db.session.scalars(query))
