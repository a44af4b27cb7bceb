"""The letter of commitment as a paper, to be sealed and kept."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from backend.enterprises import services as enterprises
from backend.papers import services as papers
from backend.plans.commitment import commitment_text
from backend.plans.loading import load_plan
from backend.policies import services as policies
from config.clock import SHANGHAI
from config.errors import Conflict

_COMMITMENT = Path(__file__).parent / "papers" / "commitment.typ"


def commitment_pdf(plan_id: UUID) -> bytes:
    """The signed letter as PDF. Raises ``NotFound`` PLAN_NOT_FOUND, ``Conflict`` COMMITMENT_NOT_SIGNED."""
    plan = load_plan(plan_id)
    if plan.commitment_version is None or plan.commitment_signed_at is None:
        raise Conflict("COMMITMENT_NOT_SIGNED", "承诺书还没有签署，或修改计划后需要重新签署。")
    return papers.pdf(
        _COMMITMENT,
        {
            "office": policies.of_version(plan.policy_id, plan.policy_version).plan.reviewed_by,
            "enterprise_name": plan.enterprise_name,
            "uscc": enterprises.enterprise_by_id(plan.enterprise_id).uscc,
            "title": plan.training_class.title or "未命名班级",
            "filing_number": plan.filing_number or "待备案",
            "version": plan.commitment_version,
            "lines": commitment_text(plan.commitment_version).splitlines(),
            "signer": plan.commitment_signer or "",
            "signed_at": plan.commitment_signed_at.astimezone(SHANGHAI).strftime("%Y年%m月%d日 %H:%M"),
            "sha256": plan.commitment_sha256 or "",
        },
    )
