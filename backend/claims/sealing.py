"""Claims in the words in which they are sealed: when they are submitted, and as their tables have them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.claims.models import ClaimLine, SubsidyClaim
from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.plans import services as plans
from backend.plans.services import PlanView
from backend.policies.rules import Policy
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

CLAIM = "claim"


def seal_claim(claim: SubsidyClaim, plan: PlanView, policy: Policy) -> None:
    """Seal a claim with its lines, before they are inserted (kind ``claim``, subject ``claim:<public id>``)."""
    rates = {
        "rate_fen": policy.subsidy.rate_fen_per_class_hour,
        "class_hour_seconds": policy.class_hour.seconds,
        "minimum_class_hours": policy.subsidy.minimum_class_hours,
        "cap_fen": policy.subsidy.cap_fen,
    }
    refs = people.learner_refs([line.worker_id for line in claim.lines])
    evidence.seal(
        kind=CLAIM,
        body={**_facts(claim, plan, refs), "rates": rates},
        subject=f"{CLAIM}:{claim.public_id}",
        context_ref=plan.training_class.class_id,
    )


def count_sealed_rows() -> int:
    """How many claims there are."""
    return db.session.scalar(select(func.count()).select_from(SubsidyClaim)) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next claims after that id with their lines. The rates stand in the policy, not in the tables, and are left out."""
    claims = db.session.scalars(
        select(SubsidyClaim)
        .where(SubsidyClaim.id > after_id)
        .order_by(SubsidyClaim.id)
        .limit(min(limit, 20))
        .options(selectinload(SubsidyClaim.lines))
        .execution_options(populate_existing=True)
    ).all()
    refs = _refs(claims)
    rows = [
        SealedRow(
            id=claim.id,
            name=f"{CLAIM} {claim.public_id}",
            subject=f"{CLAIM}:{claim.public_id}",
            old_id=claim.id,
            body=_facts(claim, plans.plan_view_by_id(claim.plan_id), refs),
        )
        for claim in claims
    ]
    db.session.expunge_all()
    return rows


def _refs(claims: Iterable[SubsidyClaim]) -> Mapping[int, UUID]:
    return people.learner_refs({line.worker_id for claim in claims for line in claim.lines})


def _facts(claim: SubsidyClaim, plan: PlanView, refs: Mapping[int, UUID]) -> dict[str, Any]:
    return {
        "claim": str(claim.public_id),
        "plan": str(plan.plan_id),
        "enterprise": str(enterprises.enterprise_by_id(claim.enterprise_id).public_id),
        "filing_number": plan.filing_number,
        "policy_id": claim.policy_id,
        "policy_version": claim.policy_version,
        "claimed_on": claim.claimed_on.isoformat(),
        "at_ms": clock.epoch_ms(claim.submitted_at),
        "total_fen": claim.total_fen,
        "lines": [_line(line, refs[line.worker_id], plan.training_class.class_id) for line in claim.lines],
    }


def _line(line: ClaimLine, person: UUID, class_id: UUID) -> dict[str, Any]:
    facts = line.decision["facts"]
    return {
        "line": str(line.public_id),
        "person": str(person),
        "class": str(class_id),
        "class_hours": line.class_hours,
        "seconds": line.seconds,
        "claimable_seconds": facts["seconds"],
        "drawn_fen": facts["drawn_fen"],
        "cap_fen": line.cap_fen,
        "cap_ref": line.cap_ref,
        "amount_fen": line.amount_fen,
        "eligible": line.eligible,
        "hold": line.hold_key,
        "decision_sha256": sha256_hex(canonical_json(line.decision)),
    }
