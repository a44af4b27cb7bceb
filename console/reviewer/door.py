"""The guard of every reviewer page, and the decision form they share."""

from __future__ import annotations

from backend.reviews import services as reviews
from console import access
from console.forms import Form

blueprint = access.console_blueprint("reviewer", __name__, prefix="/reviewer", roles=("reviewer", "second_reviewer"))


@blueprint.context_processor
def _context() -> dict[str, object]:
    return {
        "clauses": reviews.CLAUSES,
        "reasons": {
            "plan": reviews.PLAN_REASONS,
            "amendment": reviews.AMENDMENT_REASONS,
            "claim": reviews.CLAIM_REASONS,
            "bank_account": reviews.ACCOUNT_REASONS,
            "new_hire": reviews.NEW_HIRE_REASONS,
            "new_hire_check": reviews.NEW_HIRE_CHECK_REASONS,
            "objection": reviews.OBJECTION_REASONS,
            "dispute": reviews.DISPUTE_REASONS,
        },
    }


def read_decision(form: Form, allowed: tuple[str, ...]) -> tuple[str, str, str]:
    """(decision, reason, clause) as typed; the service says whether they will do."""
    decision = form.choice("decision", "审核意见", allowed)
    return decision, form.text("reason", "理由", limit=500, required=False), form["clause"]
