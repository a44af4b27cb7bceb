"""An ID number that is already bound is never taken over. Two ways lead to the new phone:

1. the old phone shows a one-time code, typed on the new phone within ten minutes;
2. the new phone asks for a desk code; the enterprise's agent requests with it, and a reviewer approves.

Either way the person's account stays the same; only the WeChat account that signs in to it changes, and every token ends.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from backend.people import rules, sign_in, staff, workers
from backend.people.models import IdentityClaim, WechatAccount, Worker
from config import clock, crypto
from config.database import db, locked
from config.errors import Conflict, Invalid, NotAllowed, NotFound

REVIEWERS = ("reviewer", "second_reviewer")


@dataclass(frozen=True)
class Code:
    """A code told once and stored as a digest. `expires_at` is real time."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class IdentityClaimView:
    """A claim at the desk. `name_matches`: the name typed on the new phone is the bound one."""

    public_id: uuid.UUID
    status: str
    holder_worker_id: int
    masked_name: str | None
    masked_id_number: str | None
    name_matches: bool
    opened_at: datetime
    requested_by: str | None
    request_reason: str | None
    requested_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None


def show_move_code(*, worker_id: int) -> Code:
    """On the old phone: a one-time code for ten minutes; the one shown before ends.

    Raises NotAllowed CONSENT_REQUIRED, IDENTITY_REQUIRED.
    """
    workers.require_identified(worker_id)
    workers.load(worker_id, for_update=True)
    db.session.execute(
        update(IdentityClaim)
        .where(IdentityClaim.holder_id == worker_id, IdentityClaim.status == "shown")
        .values(status="replaced")
    )
    at = clock.real_now()
    return _open(way="old_phone", status="shown", holder_id=worker_id, expires_at=rules.move_code_expiry(at))


def move_with_code(*, worker_id: int, id_number: str, code: str, device: str) -> sign_in.SignedIn:
    """On the new phone: bind its WeChat account to the person whose old phone shows `code`.

    Answers with a token of that person; all other tokens of both accounts end. Raises NotAllowed CONSENT_REQUIRED; Invalid
    MOVE_CODE_INVALID (wrong, used or expired code, or another person's number) and the codes of set_identity; Conflict
    IDENTITY_ALREADY_SET.
    """
    claimant = _claimant(worker_id)
    checked = workers.check_id_number(id_number)
    query = select(IdentityClaim).where(
        IdentityClaim.code_digest == _digest(code),
        IdentityClaim.status == "shown",
        IdentityClaim.expires_at > clock.real_now(),
    )
    claim: IdentityClaim | None = db.session.scalar(locked(query))
    if claim is None or claim.holder.id_number_index != workers.id_number_index(checked.number):
        raise Invalid("MOVE_CODE_INVALID", "换机码不对或已过期，请在旧手机上重新显示一个，10分钟内输入。")
    claim.status = "used"
    claim.claimant_id = claimant.id
    claim.decided_at = clock.now()
    holder = claim.holder
    _move(holder, claimant)
    return sign_in.issue_token(holder, device=device)


def ask_at_desk(*, worker_id: int, name: str, id_number: str) -> Code:
    """On the new phone, the old one being lost: a code to give to the enterprise's agent, good for seven days.

    Raises NotAllowed CONSENT_REQUIRED; Conflict IDENTITY_ALREADY_SET, IDENTITY_NOT_TAKEN (nothing stands in the way of
    simply registering); Invalid with the codes of set_identity.
    """
    claimant = _claimant(worker_id)
    checked_name, checked = workers.check_identity(name, id_number)
    holder_id = workers.find_by_id_number(checked.number)
    if holder_id is None:
        raise Conflict("IDENTITY_NOT_TAKEN", "这个身份证号还没有登记过，可以直接完成实名登记。")
    db.session.execute(
        update(IdentityClaim)
        .where(IdentityClaim.claimant_id == worker_id, IdentityClaim.status.in_(("asked", "requested")))
        .values(status="replaced")
    )
    return _open(
        way="desk",
        status="asked",
        holder_id=holder_id,
        expires_at=rules.identity_claim_expiry(clock.real_now()),
        claimant_id=claimant.id,
        name_matches=workers.require_identified(holder_id).name == checked_name,
    )


def claim_of_code(*, code: str) -> IdentityClaimView:
    """What an agent sees before requesting. Raises NotFound DESK_CODE_UNKNOWN."""
    return _view(_asked(code))


def request_identity_claim(*, staff_id: int, code: str, reason: str) -> IdentityClaimView:
    """The agent vouches for the worker. The caller has checked that the holder is on the roster of the agent's enterprise.

    Raises NotFound DESK_CODE_UNKNOWN; NotAllowed AGENT_ONLY; Invalid REASON_REQUIRED.
    """
    if staff.staff_of_id(staff_id).role != "agent":
        raise NotAllowed("AGENT_ONLY", "只有企业经办人可以提出。")
    claim = _asked(code)
    claim.status = "requested"
    claim.requested_by_id = staff_id
    claim.request_reason = _reason(reason)
    claim.requested_at = clock.now()
    db.session.flush()
    return _view(claim)


def requested_identity_claims(*, limit: int = 100) -> list[IdentityClaimView]:
    """What waits for a reviewer, the oldest first."""
    query = select(IdentityClaim).where(IdentityClaim.status == "requested").order_by(IdentityClaim.id).limit(limit)
    return [_view(claim) for claim in db.session.scalars(query)]


def decide_identity_claim(*, claim_id: uuid.UUID, staff_id: int, approve: bool, reason: str) -> IdentityClaimView:
    """A reviewer's decision; approved, the new phone signs in as the person from its next sign-in on.

    Raises NotFound IDENTITY_CLAIM_UNKNOWN; NotAllowed REVIEWER_ONLY; Conflict IDENTITY_CLAIM_DECIDED, IDENTITY_ALREADY_SET;
    Invalid REASON_REQUIRED.
    """
    if staff.staff_of_id(staff_id).role not in REVIEWERS:
        raise NotAllowed("REVIEWER_ONLY", "只有审核人员可以决定。")
    claim: IdentityClaim | None = db.session.scalar(
        locked(select(IdentityClaim).where(IdentityClaim.public_id == claim_id, IdentityClaim.way == "desk"))
    )
    if claim is None or claim.claimant_id is None:
        raise NotFound("IDENTITY_CLAIM_UNKNOWN", "没有找到这个换机申请。")
    if claim.status != "requested":
        raise Conflict("IDENTITY_CLAIM_DECIDED", "这个换机申请已经处理或已被新的申请取代。")
    claim.status = "approved" if approve else "rejected"
    claim.decided_by_id = staff_id
    claim.decision_reason = _reason(reason)
    claim.decided_at = clock.now()
    if approve:
        _move(claim.holder, _claimant(claim.claimant_id))
    db.session.flush()
    return _view(claim)


def _claimant(worker_id: int) -> Worker:
    claimant = workers.load(worker_id, for_update=True)
    workers.require_consent(claimant)
    if claimant.id_number_index is not None or claimant.merged_into_id is not None:
        raise workers.already_set()
    return claimant


def _move(holder: Worker, claimant: Worker) -> None:
    """Only the claimant's WeChat account signs in as the holder from now on."""
    db.session.execute(delete(WechatAccount).where(WechatAccount.worker_id == holder.id))
    db.session.execute(update(WechatAccount).where(WechatAccount.worker_id == claimant.id).values(worker_id=holder.id))
    claimant.merged_into_id = holder.id
    sign_in.revoke_tokens_of(worker_id=holder.id)
    sign_in.revoke_tokens_of(worker_id=claimant.id)
    db.session.flush()


def _open(
    *,
    way: str,
    status: str,
    holder_id: int,
    expires_at: datetime,
    claimant_id: int | None = None,
    name_matches: bool | None = None,
) -> Code:
    code = "".join(secrets.choice(rules.CODE_ALPHABET) for _ in range(rules.CODE_LENGTH))
    claim = IdentityClaim(
        way=way,
        status=status,
        holder_id=holder_id,
        claimant_id=claimant_id,
        name_matches=name_matches,
        code_digest=_digest(code),
        opened_at=clock.now(),
        expires_at=expires_at,
    )
    db.session.add(claim)
    db.session.flush()
    return Code(code, expires_at)


def _asked(code: str) -> IdentityClaim:
    query = select(IdentityClaim).where(
        IdentityClaim.code_digest == _digest(code),
        IdentityClaim.status == "asked",
        IdentityClaim.expires_at > clock.real_now(),
    )
    claim: IdentityClaim | None = db.session.scalar(locked(query))
    if claim is None:
        raise NotFound("DESK_CODE_UNKNOWN", "办理码不对、已使用或已过期，请劳动者在新手机上重新申请。")
    return claim


def _digest(code: str) -> str:
    return crypto.digest("identity claim " + rules.normalise_code(code))


def _reason(reason: str) -> str:
    stripped = reason.strip()
    if not 1 <= len(stripped) <= 500:
        raise Invalid("REASON_REQUIRED", "请写明理由（500字以内）。")
    return stripped


def _view(claim: IdentityClaim) -> IdentityClaimView:
    holder = workers.view(claim.holder)
    requested_by, decided_by = claim.requested_by_id, claim.decided_by_id
    return IdentityClaimView(
        public_id=claim.public_id,
        status=claim.status,
        holder_worker_id=claim.holder_id,
        masked_name=holder.masked_name,
        masked_id_number=holder.masked_id_number,
        name_matches=bool(claim.name_matches),
        opened_at=claim.opened_at,
        requested_by=None if requested_by is None else staff.staff_of_id(requested_by).display_name,
        request_reason=claim.request_reason,
        requested_at=claim.requested_at,
        decided_by=None if decided_by is None else staff.staff_of_id(decided_by).display_name,
        decision_reason=claim.decision_reason,
        decided_at=claim.decided_at,
    )
