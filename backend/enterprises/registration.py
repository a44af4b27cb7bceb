"""Registering an enterprise, and who acts for it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.enterprises.models import Enterprise, EnterpriseAgent
from backend.enterprises.rules import EnterpriseKind, Region, check_enterprise, needs_kind_review, region_of
from backend.enterprises.uscc import check_uscc
from backend.people import services as people
from config import clock
from config.database import db, locked
from config.errors import Conflict, Invalid, NotAllowed, NotFound


@dataclass(frozen=True)
class EnterpriseView:
    """An enterprise. ``id`` stays inside. ``kind_to_review`` says that a reviewer should confirm the kind (A16)."""

    id: int
    public_id: uuid.UUID
    name: str
    uscc: str
    uscc_confirmed: bool
    kind: EnterpriseKind
    business_scope: str
    district_code: str
    region: Region
    kind_to_review: bool
    affected_declared_at: datetime | None


def register_enterprise(
    *, name: str, uscc: str, kind: str, business_scope: str, agent_staff_id: int, uscc_confirmed: bool = False
) -> EnterpriseView:
    """A new enterprise and its first agent. A failed check digit needs ``uscc_confirmed``: the agent compared the code with
    the business licence; who confirmed it is kept.

    Raises Invalid USCC_LENGTH, USCC_CHARACTERS, USCC_CHECK_DIGIT_UNCONFIRMED, ENTERPRISE_NAME_INVALID,
    ENTERPRISE_KIND_INVALID, BUSINESS_SCOPE_INVALID; Conflict ENTERPRISE_EXISTS; NotAllowed AGENT_ROLE_REQUIRED.
    """
    agent = _agent(agent_staff_id)
    name, checked_kind, business_scope = check_enterprise(name=name, kind=kind, business_scope=business_scope)
    code = check_uscc(uscc)
    if not code.check_digit_holds and not uscc_confirmed:
        raise Invalid(
            "USCC_CHECK_DIGIT_UNCONFIRMED",
            f"统一社会信用代码{code.code}的校验码不符，可能有一位填错。请对照营业执照；如确实无误，请勾选“已核对营业执照”后再提交。",
        )
    if db.session.scalar(select(Enterprise.id).where(Enterprise.uscc == code.code)) is not None:
        raise _exists()
    enterprise = Enterprise(
        name=name,
        uscc=code.code,
        uscc_confirmed_by_id=None if code.check_digit_holds else agent.id,
        kind=checked_kind,
        business_scope=business_scope,
        district_code=code.district_code,
        affected_declared_at=None,
        created_at=clock.now(),
    )
    db.session.add(enterprise)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _exists() from error
    _write(enterprise, agent, "enterprise.registered", check_digit_confirmed=not code.check_digit_holds)
    add_agent(enterprise_id=enterprise.id, staff_id=agent.id)
    return view(enterprise)


def add_agent(*, enterprise_id: int, staff_id: int) -> None:
    """Let an agent's account act for the enterprise; a second time changes nothing. Raises NotFound ENTERPRISE_UNKNOWN,
    NotAllowed AGENT_ROLE_REQUIRED."""
    enterprise, agent = load(enterprise_id), _agent(staff_id)
    query = select(EnterpriseAgent.id).where(
        EnterpriseAgent.staff_account_id == agent.id, EnterpriseAgent.enterprise_id == enterprise.id
    )
    if db.session.scalar(query) is not None:
        return
    db.session.add(EnterpriseAgent(staff_account_id=agent.id, enterprise_id=enterprise.id, created_at=clock.now()))
    db.session.flush()
    _write(enterprise, agent, "enterprise.agent_added")


def enterprises_of_agent(staff_id: int) -> list[EnterpriseView]:
    """The enterprises this account acts for, the first registered first."""
    query = select(Enterprise).join(EnterpriseAgent, EnterpriseAgent.enterprise_id == Enterprise.id)
    query = query.where(EnterpriseAgent.staff_account_id == staff_id).order_by(Enterprise.id)
    return [view(enterprise) for enterprise in db.session.scalars(query)]


def enterprise_of_agent(*, staff_id: int, public_id: uuid.UUID) -> EnterpriseView:
    """The enterprise, if this account acts for it. Raises NotFound ENTERPRISE_UNKNOWN: somebody else's looks like none."""
    query = select(Enterprise).join(EnterpriseAgent, EnterpriseAgent.enterprise_id == Enterprise.id)
    query = query.where(EnterpriseAgent.staff_account_id == staff_id, Enterprise.public_id == public_id)
    return view(_found(db.session.scalar(query)))


def get_enterprise(public_id: uuid.UUID) -> EnterpriseView:
    """Raises NotFound ENTERPRISE_UNKNOWN."""
    return view(_found(db.session.scalar(select(Enterprise).where(Enterprise.public_id == public_id))))


def enterprise_by_id(enterprise_id: int) -> EnterpriseView:
    """The enterprise with this inner id. Raises NotFound ENTERPRISE_UNKNOWN."""
    return view(load(enterprise_id))


def declare_affected(*, enterprise_id: int, staff_id: int) -> EnterpriseView:
    """Record that the enterprise declares itself hit by the epidemic (二(二); A19: a statement, spot-checked). Declaring
    again keeps the first time. Raises NotFound ENTERPRISE_UNKNOWN."""
    enterprise = load(enterprise_id)
    if enterprise.affected_declared_at is None:
        enterprise.affected_declared_at = clock.now()
        _write(enterprise, people.staff_of_id(staff_id), "enterprise.affected_declared")
    return view(enterprise)


def load(enterprise_id: int) -> Enterprise:
    """The row (for this slice only)."""
    return _found(db.session.get(Enterprise, enterprise_id))


def lock(enterprise_id: int) -> Enterprise:
    """The row, held until the transaction ends: two rosters of one enterprise are imported one after the other."""
    return _found(db.session.scalar(locked(select(Enterprise).where(Enterprise.id == enterprise_id))))


def view(enterprise: Enterprise) -> EnterpriseView:
    return EnterpriseView(
        id=enterprise.id,
        public_id=enterprise.public_id,
        name=enterprise.name,
        uscc=enterprise.uscc,
        uscc_confirmed=enterprise.uscc_confirmed_by_id is not None,
        kind=cast(EnterpriseKind, enterprise.kind),
        business_scope=enterprise.business_scope,
        district_code=enterprise.district_code,
        region=region_of(enterprise.district_code),
        kind_to_review=needs_kind_review(enterprise.kind, enterprise.business_scope),
        affected_declared_at=enterprise.affected_declared_at,
    )


def _found(enterprise: Enterprise | None) -> Enterprise:
    if enterprise is None:
        raise NotFound("ENTERPRISE_UNKNOWN", "没有找到这家企业，或您不是它的经办人。")
    return enterprise


def _agent(staff_id: int) -> people.StaffView:
    staff = people.staff_of_id(staff_id)
    if staff.role != "agent":
        raise NotAllowed("AGENT_ROLE_REQUIRED", "只有企业经办人账号可以办理，请使用经办人账号登录。")
    return staff


def _write(enterprise: Enterprise, staff: people.StaffView, action: str, **detail: bool) -> None:
    subject = f"enterprise:{enterprise.public_id}"
    audit.write(actor=f"staff:{staff.public_id}", action=action, subject=subject, detail=detail)


def _exists() -> Conflict:
    return Conflict("ENTERPRISE_EXISTS", "这个统一社会信用代码已经登记，请联系本企业已有的经办人。")
