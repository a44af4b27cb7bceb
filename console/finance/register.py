"""The register of payments, and whether the books agree with it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.registers import services as registers
from console.finance.door import blueprint


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """The register of payments, and whether the books agree with it."""
    return render_template(
        "finance/register.html",
        register=registers.payments_register(),
        reconciliation=registers.reconcile_payments(),
    )
