"""Notices in the words in which they are sealed: when the posting is recorded, and as their tables have them now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend.notices.models import NoticeEntry, NoticeRedating, Objection, PublicNotice
from config import clock
from config.crypto import canonical_json, sha256_hex
from config.database import db
from learning_records.evidence import services as evidence
from learning_records.sealed_rows import SealedRow

NOTICE, REDATING = "notice", "redating"
_POSTED = ("posted", "closed")


@dataclass(frozen=True)
class Posting:
    """What the posting of a notice sets."""

    posted_on: date
    url: str
    opens_on: date
    closes_on: date
    closes_at: datetime
    provisional: bool


def digest_of(entries: Iterable[NoticeEntry]) -> str:
    """SHA-256 of the entries as they are published, in their order."""
    rows = [
        [each.position, str(each.line_ref), each.enterprise_name, each.masked_name, each.class_hours, each.amount_fen]
        for each in entries
    ]
    return sha256_hex(canonical_json(rows))


def seal_notice(notice: PublicNotice, posting: Posting) -> None:
    """Seal a notice before its posting is stored (kind ``notice``, subject ``notice:<public id>``)."""
    evidence.seal(
        kind=NOTICE,
        body=_facts(notice, posting),
        subject=f"{NOTICE}:{notice.public_id}",
    )


def seal_redating(row: NoticeRedating, notice: PublicNotice) -> None:
    """Seal a moved deadline before it is inserted (kind ``redating``)."""
    evidence.seal(kind=REDATING, body=_redated(row, notice), subject=f"{REDATING}:{row.public_id}")


def count_sealed_rows() -> int:
    """How many notices were posted."""
    posted = select(func.count()).select_from(PublicNotice).where(PublicNotice.status.in_(_POSTED))
    return db.session.scalar(posted) or 0


def sealed_rows(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next posted notices after that id. A deadline that moved since is given as it was posted."""
    query = select(PublicNotice).where(PublicNotice.id > after_id, PublicNotice.status.in_(_POSTED))
    page = query.options(selectinload(PublicNotice.entries)).order_by(PublicNotice.id).limit(min(limit, 20))
    notices = db.session.scalars(page.execution_options(populate_existing=True)).all()
    moved = _first_deadlines([notice.id for notice in notices])
    rows = []
    for notice in notices:
        posting = _posting(notice)
        body: dict[str, Any] = {} if posting is None else _facts(notice, posting)
        if notice.id in moved:
            body["closes_ms"] = moved[notice.id]
            del body["provisional"]
        subject = f"{NOTICE}:{notice.public_id}"
        rows.append(SealedRow(id=notice.id, name=f"public_notice {notice.public_id}", subject=subject, body=body))
    return rows


def count_sealed_redatings() -> int:
    """How many deadlines moved."""
    return db.session.scalar(select(func.count()).select_from(NoticeRedating)) or 0


def sealed_redatings(after_id: int, limit: int) -> Sequence[SealedRow]:
    """The next moved deadlines after that id."""
    query = (
        select(NoticeRedating, PublicNotice)
        .join(PublicNotice, PublicNotice.id == NoticeRedating.notice_id)
        .where(NoticeRedating.id > after_id)
        .order_by(NoticeRedating.id)
        .limit(limit)
    )
    return [
        SealedRow(
            id=row.id,
            name=f"notice_redating {row.public_id}",
            subject=f"{REDATING}:{row.public_id}",
            body=_redated(row, notice),
        )
        for row, notice in db.session.execute(query.execution_options(populate_existing=True))
    ]


def notice_problems(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Notices whose entries are not those they were made with, or do not come to their total: which, and how."""
    query = select(PublicNotice).options(selectinload(PublicNotice.entries)).order_by(PublicNotice.id)
    for notice in db.session.scalars(query.execution_options(populate_existing=True)):
        name = f"public_notice {notice.public_id}"
        if digest_of(notice.entries) != notice.sha256:
            yield name, "its entries are not those it was made with"
        if (len(notice.entries), sum(each.amount_fen for each in notice.entries)) != (notice.people, notice.total_fen):
            yield name, "its entries do not come to its people and its total"
        if notice.status in _POSTED:
            advance(1)


class AnswerState(NamedTuple):
    """What a row says was answered: of an objection, or of a dispute (``disputes.dispute_states``)."""

    id: int
    public_id: UUID
    status: str
    answer: str
    clause: str
    decided_by_id: int | None


def objection_states(after_id: int, limit: int) -> list[AnswerState]:
    """What was answered to the next objections after that inner id."""
    query = select(Objection).where(Objection.id > after_id).order_by(Objection.id).limit(limit)
    return [
        AnswerState(row.id, row.public_id, row.status, row.answer, row.clause, row.decided_by_id)
        for row in db.session.scalars(query.execution_options(populate_existing=True))
    ]


def count_objections() -> int:
    """How many objections there are."""
    return db.session.scalar(select(func.count()).select_from(Objection)) or 0


def _posting(notice: PublicNotice) -> Posting | None:
    if (
        notice.posted_on is None
        or notice.url is None
        or notice.opens_on is None
        or notice.closes_on is None
        or notice.closes_at is None
    ):
        return None
    return Posting(
        notice.posted_on,
        notice.url,
        notice.opens_on,
        notice.closes_on,
        notice.closes_at,
        bool(notice.provisional),
    )


def _facts(notice: PublicNotice, posting: Posting) -> dict[str, Any]:
    return {
        "year": notice.year,
        "number": notice.sequence,
        "policy_id": notice.policy_id,
        "policy_version": notice.policy_version,
        "people": notice.people,
        "total_fen": notice.total_fen,
        "entries_sha256": notice.sha256,
        "posted_on": posting.posted_on.isoformat(),
        "url": posting.url,
        "opens_on": posting.opens_on.isoformat(),
        "closes_ms": clock.epoch_ms(posting.closes_at),
        "provisional": posting.provisional,
        "lines": [
            {
                "claim": str(entry.claim_ref),
                "line": str(entry.line_ref),
                "class_hours": entry.class_hours,
                "amount_fen": entry.amount_fen,
            }
            for entry in notice.entries
        ],
    }


def _redated(row: NoticeRedating, notice: PublicNotice) -> dict[str, Any]:
    return {
        "notice": str(notice.public_id),
        "from_closes_ms": clock.epoch_ms(row.from_closes_at),
        "closes_on": row.closes_on.isoformat(),
        "closes_ms": clock.epoch_ms(row.closes_at),
        "provisional": row.provisional,
        "at_ms": clock.epoch_ms(row.at),
    }


def _first_deadlines(notice_ids: Sequence[int]) -> dict[int, int]:
    query = select(NoticeRedating).where(NoticeRedating.notice_id.in_(notice_ids)).order_by(NoticeRedating.id.desc())
    return {row.notice_id: clock.epoch_ms(row.from_closes_at) for row in db.session.scalars(query)}
