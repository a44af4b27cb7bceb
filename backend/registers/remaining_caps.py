"""What is left of the cap for each person of a plan, before training begins (二(二), domain.md A4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.claims import rules as claim_rules
from backend.claims import services as claims
from backend.enterprises import services as enterprises
from backend.people.models import Worker
from backend.plans import services as plans
from backend.policies import services as policies
from config import clock
from config.database import db

_AT_ONCE = 1_000


@dataclass(frozen=True)
class RemainingCap:
    """One person on the class list, masked: what claims hold or have paid under the same cap, and what is left of it."""

    masked_name: str
    drawn_fen: int
    left_fen: int


def remaining_caps(plan_id: UUID) -> list[RemainingCap]:
    """Everybody on the plan's list, found by ID number whether joined or not. Raises ``NotFound`` PLAN_NOT_FOUND."""
    plan = plans.plan_view(plan_id)
    policy = policies.of_version(plan.policy_id, plan.policy_version)
    cap_ref = claim_rules.cap_ref(
        policy, plan=plan.plan_id, enterprise_id=plan.enterprise_id, on=clock.local_date(clock.now())
    )
    members = plans.class_members(plan.training_class.class_id)
    entries = enterprises.employments(member.roster_entry.id for member in members)
    drawn: dict[str, int] = {}
    indexes = [entry.id_number_index for entry in entries.values()]
    for start in range(0, len(indexes), _AT_ONCE):
        query = select(Worker.id, Worker.id_number_index).where(
            Worker.id_number_index.in_(indexes[start : start + _AT_ONCE])
        )
        workers = {row.id: row.id_number_index for row in db.session.execute(query)}
        found = claims.drawn_fen(list(workers), plan.policy_id, cap_ref)
        drawn |= {workers[worker_id]: amount_fen for worker_id, amount_fen in found.items()}
    cap_fen = policy.subsidy.cap_fen
    return [
        RemainingCap(member.masked_name, taken, max(cap_fen - taken, 0))
        for member in members
        for taken in [drawn.get(entries[member.roster_entry.id].id_number_index, 0)]
    ]
