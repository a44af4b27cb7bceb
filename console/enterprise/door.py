"""The guard of every enterprise page: an agent, and only of the enterprise in the address."""

from __future__ import annotations

from flask import g, request

from backend.enterprises import services as enterprises
from backend.enterprises.services import EnterpriseView
from console import access

blueprint = access.console_blueprint("enterprise", __name__, prefix="/enterprise", roles=("agent",))


@blueprint.before_request
def _own_enterprise_only() -> None:
    """Another enterprise's address looks as if it did not exist (the service raises NotFound)."""
    wanted = (request.view_args or {}).get("enterprise_id")
    if wanted is not None:
        g.enterprise = enterprises.enterprise_of_agent(staff_id=access.staff().id, public_id=wanted)


@blueprint.context_processor
def _context() -> dict[str, object]:
    return {"enterprise": g.get("enterprise")}


def enterprise() -> EnterpriseView:
    """The enterprise of this address, which the guard has checked."""
    found = g.enterprise
    assert isinstance(found, EnterpriseView)
    return found
