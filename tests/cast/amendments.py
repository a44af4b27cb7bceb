"""Amendments of a plan on file, asked for through the services."""

from __future__ import annotations

from typing import Any

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from backend.plans import services as plans
from backend.plans.services import AmendmentFields, AmendmentView, PlanView
from config.database import transaction
from tests.cast.plans import AGENT, Person, on_roster


def an_amendment(plan: PlanView, reason: str = "生产需要调整培训安排", **fields: Any) -> AmendmentView:
    """An amendment of these fields that waits for a reviewer."""
    asked = AmendmentFields(reason=reason, **fields)
    return transaction(lambda: plans.submit_amendment(plan_id=plan.plan_id, fields=asked, actor=AGENT))


def somebody_more(enterprise: EnterpriseView, plan: PlanView, person: Person, **fields: Any) -> AmendmentView:
    """An amendment that adds this person, who is put on the roster, and one head."""
    on_roster(enterprise, [person])
    newest = max(enterprises.roster(enterprise.id), key=lambda entry: entry.id)
    heads = (plan.fields.head_count or 0) + 1
    return an_amendment(plan, **{"added": (newest.public_id,), "head_count": heads, **fields})
