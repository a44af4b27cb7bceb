"""Objections by anybody against what a notice shows (三, domain.md A35): filed, withdrawn, answered. The rows only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.audit import services as audit
from backend.notices import rules
from backend.notices.models import NoticeEntry, Objection, PublicNotice
from backend.notices.numbering import next_number
from backend.notices.reading import load_notice
from backend.notices.scanning import require_publishable
from backend.notices.views import FiledObjection, ObjectionCase, ObjectionView, objection_view_of
from backend.policies import services as policies
from config import clock, crypto
from config.database import db, locked, new_public_id
from config.errors import NotFound

NAME, CONTACT = "objector-name", "objector-contact"
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12


def raise_objection(
    *,
    notice_id: UUID,
    claim_id: UUID,
    line_id: UUID | None,
    text: str,
    contact: str,
    name: str = "",
    worker_id: int | None = None,
) -> FiledObjection:
    """Object to a person of the notice, or with ``line_id`` None to a whole claim of it, while the notice is shown.

    From now on that is not paid until the objection is answered. Where the policy holds whole claims, it holds the claim.
    Raises ``NotFound`` NOTICE_NOT_FOUND, NOTICE_ENTRY_NOT_FOUND; ``Conflict`` OBJECTION_TOO_LATE; ``Invalid`` OBJECTION_TEXT,
    OBJECTION_CONTACT, OBJECTION_NAME.
    """
    notice = load_notice(notice_id, lock=True)
    now = clock.now()
    if notice.status in ("draft", "discarded"):
        raise NotFound("NOTICE_NOT_FOUND", "找不到这份公示，请从公示列表重新打开。")
    rules.require_in_window(now, notice.closes_at if notice.status == "posted" else None)
    text, contact, given_name = rules.check_words(text, contact, name)
    _entry(notice, claim_id, line_id)
    policy = policies.of_version(notice.policy_id, notice.policy_version)
    today = clock.local_date(now)
    code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    row = Objection(
        public_id=new_public_id(),
        year=today.year,
        sequence=next_number("objection", today.year),
        notice=notice,
        claim_ref=claim_id,
        line_ref=None if policy.claim.objection_scope == "claim" else line_id,
        status="open",
        text=text,
        worker_id=worker_id,
        name_encrypted=crypto.encrypt(given_name, purpose=NAME) if given_name else None,
        contact_encrypted=crypto.encrypt(contact, purpose=CONTACT),
        code_digest=crypto.digest(code),
        received_at=now,
        due_on=policies.working_days_after(today, policy.claim.objection_reply_working_days),
        answer="",
        clause="",
    )
    db.session.add(row)
    db.session.flush()
    actor = "public" if worker_id is None else "worker"
    _audit(row, actor, "objection.raised")
    return FiledObjection(_view(row), code)


def withdraw_objection(*, number: str, code: str) -> ObjectionView:
    """The objector takes it back. Called by ``reviews``, which frees what it held.

    Raises ``NotFound`` OBJECTION_NOT_FOUND (also for a wrong code), ``Conflict`` OBJECTION_ENDED.
    """
    query = select(Objection).where(Objection.code_digest == crypto.digest(code.strip().upper()))
    row = db.session.scalar(locked(query))
    if row is None or rules.objection_number(row.year, row.sequence) != number.strip():
        raise _not_found()
    rules.require_open(row.status)
    row.status, row.ended_at = "withdrawn", clock.now()
    db.session.flush()
    _audit(row, "public", "objection.withdrawn")
    return _view(row)


def answer_objection(
    *, objection_id: UUID, upheld: bool, answer: str, clause: str, staff_id: int, actor: str, decide: Callable[[], None]
) -> ObjectionView:
    """Answer an objection; ``decide`` records the review, without which the database refuses the answer. For ``reviews``.

    Raises ``NotFound`` OBJECTION_NOT_FOUND; ``Conflict`` OBJECTION_ENDED; ``Invalid`` ANSWER_LEAKS.
    """
    row = _load(objection_id, lock=True)
    rules.require_open(row.status)
    require_publishable(answer)
    decide()
    row.status = "upheld" if upheld else "dismissed"
    row.answer, row.clause, row.decided_by_id, row.ended_at = answer, clause, staff_id, clock.now()
    db.session.flush()
    _audit(row, actor, f"objection.{row.status}")
    return _view(row)


def objection_view(objection_id: UUID) -> ObjectionView:
    """One objection as everybody sees it. Raises ``NotFound`` OBJECTION_NOT_FOUND."""
    return _view(_load(objection_id))


def objection_case(objection_id: UUID) -> ObjectionCase:
    """One objection with its text and contact, for whoever decides it. Raises ``NotFound`` OBJECTION_NOT_FOUND."""
    return _case(_load(objection_id))


def objections_of(notice_id: UUID) -> list[ObjectionView]:
    """What was objected to on a notice, the first one first, as everybody sees it."""
    return [_view(row) for row in _select(PublicNotice.public_id == notice_id)]


def objections_by(worker_id: int) -> list[ObjectionView]:
    """What a worker objected to from the phone, the first one first."""
    return [_view(row) for row in _select(Objection.worker_id == worker_id)]


def objections_of_claim(claim_id: UUID) -> list[ObjectionView]:
    """What was objected to on one claim, the first one first."""
    return [_view(row) for row in _select(Objection.claim_ref == claim_id)]


def open_objections() -> list[ObjectionView]:
    """What waits for an answer, the earliest due first."""
    return sorted((_view(row) for row in _select(Objection.status == "open")), key=lambda each: each.due_on)


def _select(*conditions: Any) -> list[Objection]:
    query = select(Objection).join(PublicNotice, PublicNotice.id == Objection.notice_id)
    return list(db.session.scalars(query.where(*conditions).order_by(Objection.id)))


def _entry(notice: PublicNotice, claim_id: UUID, line_id: UUID | None) -> NoticeEntry:
    for entry in notice.entries:
        if entry.claim_ref == claim_id and line_id in (None, entry.line_ref):
            return entry
    raise NotFound("NOTICE_ENTRY_NOT_FOUND", "这份公示里没有这名人员或这份申领，请从公示页面重新选择。")


def _load(objection_id: UUID, *, lock: bool = False) -> Objection:
    query = select(Objection).where(Objection.public_id == objection_id)
    row: Objection | None = db.session.scalar(locked(query) if lock else query)
    if row is None:
        raise _not_found()
    return row


def _view(row: Objection) -> ObjectionView:
    entry = _entry(row.notice, row.claim_ref, row.line_ref)
    who = "整份申领" if row.line_ref is None else entry.masked_name
    return objection_view_of(row, row.notice, f"{entry.enterprise_name} {who}")


def _case(row: Objection) -> ObjectionCase:
    return ObjectionCase(
        view=_view(row),
        text=row.text,
        name=None if row.name_encrypted is None else crypto.decrypt(row.name_encrypted, purpose=NAME),
        contact=None if row.contact_encrypted is None else crypto.decrypt(row.contact_encrypted, purpose=CONTACT),
        worker_id=row.worker_id,
    )


def _not_found() -> NotFound:
    return NotFound("OBJECTION_NOT_FOUND", "没有找到这份异议，请核对异议编号和撤回码。")


def _audit(row: Objection, actor: str, action: str) -> None:
    detail = {"claim": str(row.claim_ref), "line": str(row.line_ref) if row.line_ref else None}
    audit.write(actor=actor, action=action, subject=f"objection:{row.public_id}", detail=detail)
