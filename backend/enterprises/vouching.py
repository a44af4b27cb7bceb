"""An agent vouches for a worker who has a new phone: only for somebody on the enterprise's own roster."""

from sqlalchemy import select

from backend.audit import services as audit
from backend.enterprises.models import RosterEntry
from backend.people import services as people
from config.database import db
from config.errors import NotFound


def identity_claim_of_code(*, enterprise_id: int, code: str) -> people.IdentityClaimView:
    """What the agent sees before vouching. Raises NotFound DESK_CODE_UNKNOWN, also for a person of another enterprise."""
    claim = people.claim_of_code(code=code)
    identity = people.require_identified(claim.holder_worker_id)
    on_roster = select(RosterEntry.id).where(
        RosterEntry.enterprise_id == enterprise_id, RosterEntry.id_number_index == identity.id_number_index
    )
    if db.session.scalar(on_roster) is None:
        raise NotFound("DESK_CODE_UNKNOWN", "办理码不对、已使用或已过期，或此人不在本企业花名册上；请核对后再试。")
    return claim


def vouch_for_identity(*, enterprise_id: int, staff_id: int, code: str, reason: str) -> people.IdentityClaimView:
    """Pass the claim on to a reviewer with the agent's reason.

    Raises NotFound DESK_CODE_UNKNOWN; NotAllowed AGENT_ONLY; Invalid REASON_REQUIRED.
    """
    identity_claim_of_code(enterprise_id=enterprise_id, code=code)
    claim = people.request_identity_claim(staff_id=staff_id, code=code, reason=reason)
    audit.write(
        actor=f"staff:{people.staff_of_id(staff_id).public_id}",
        action="identity_claim.requested",
        subject=f"identity_claim:{claim.public_id}",
        detail={},
    )
    return claim
