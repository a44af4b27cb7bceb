"""The directory of platforms (线上职业培训平台参考目录, 一(二)): published by the bureau in dated batches, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.audit import services as audit
from backend.people.services import StaffView
from backend.platforms import registering
from backend.platforms.models import DirectoryBatch, DirectoryEntry
from backend.platforms.rules import MOST_ENTRIES, Listing, in_force, outside, problems_of
from config import clock
from config.database import db
from config.errors import Conflict, Invalid, NotAllowed


@dataclass(frozen=True)
class BatchView:
    """A batch as published. ``published_on`` None: nobody knows the day (the first batch, unless policy gives one)."""

    number: int
    published_on: date | None
    note: str
    listings: tuple[Listing, ...]


def batches(*, first_batch_on: date | None) -> list[BatchView]:
    """All batches in order. ``first_batch_on`` is the policy's day of the first (``directory.first_batch_on``)."""
    query = select(DirectoryBatch).options(selectinload(DirectoryBatch.entries)).order_by(DirectoryBatch.number)
    return [_view(batch, first_batch_on) for batch in db.session.scalars(query)]


def current_directory(*, on: date, first_batch_on: date | None) -> list[Listing]:
    """The directory as it stood on a day, in the order in which platforms entered it."""
    listed = batches(first_batch_on=first_batch_on)
    return list(in_force(((batch.published_on, batch.listings) for batch in listed), on).values())


def platforms_outside(text: str, *, on: date, first_batch_on: date | None) -> tuple[str, ...]:
    """Those platforms that a field of a plan names and that were not in the directory on a day: worth a warning only."""
    return outside(text, current_directory(on=on, first_batch_on=first_batch_on))


def publish_batch(
    *, listings: Sequence[Listing], published_on: date, staff: StaffView, note: str = "", first_batch_on: date | None
) -> BatchView:
    """Add a batch: platforms new in the directory, changed in it, or taken off it. Platforms not known yet are registered.

    Raises ``NotAllowed`` BUREAU_ROLE_REQUIRED, ``Invalid`` BATCH_INVALID with the row of each fault, ``Conflict``
    BATCH_OUT_OF_ORDER when a later day is published already: what stood in the directory on a day never changes.
    """
    if staff.role != "bureau":
        raise NotAllowed("BUREAU_ROLE_REQUIRED", "参考目录由市人社局发布，请用市人社局的账号办理。")
    _refuse_faults(listings)
    earlier = batches(first_batch_on=first_batch_on)
    latest = max((batch.published_on for batch in earlier if batch.published_on), default=None)
    if latest is not None and published_on < latest:
        raise Conflict("BATCH_OUT_OF_ORDER", f"{latest}已经发布过一批，新的一批不能早于这一天。")
    in_directory = in_force(((batch.published_on, batch.listings) for batch in earlier), published_on)
    gone = [item.code for item in listings if item.withdrawn and item.code not in in_directory]
    if gone:
        raise Invalid("BATCH_INVALID", f"要移出的平台不在目录里：{'、'.join(gone)}。")
    batch = DirectoryBatch(
        number=max((batch.number for batch in earlier), default=0) + 1,
        published_on=published_on,
        note=" ".join(note.split())[:500],
        entry_count=len(listings),
        published_by=f"staff:{staff.public_id}",
        recorded_at=clock.now(),
    )
    db.session.add(batch)
    db.session.flush()
    for position, item in enumerate(listings, start=1):
        platform = registering.find(item.code) or registering.add(item)
        db.session.add(
            DirectoryEntry(
                batch_id=batch.id,
                platform_id=platform.id,
                position=position,
                name=item.name,
                kind=item.kind,
                other_names=list(item.other_names),
                address=item.address,
                mobile_address=item.mobile_address,
                withdrawn=item.withdrawn,
            )
        )
    db.session.flush()
    audit.write(
        actor=f"staff:{staff.public_id}",
        action="directory.published",
        subject=f"directory_batch:{batch.public_id}",
        detail={"number": batch.number, "published_on": published_on.isoformat(), "entries": len(listings)},
    )
    return _view(batch, first_batch_on)


def _refuse_faults(listings: Sequence[Listing]) -> None:
    if not 1 <= len(listings) <= MOST_ENTRIES:
        raise Invalid("BATCH_INVALID", f"一批应有1至{MOST_ENTRIES}个平台。")
    if problems := problems_of(listings):
        raise Invalid("BATCH_INVALID", f"目录文件有{len(problems)}处问题，改正后再发布。", errors=problems)


def _view(batch: DirectoryBatch, first_batch_on: date | None) -> BatchView:
    listings = tuple(
        Listing(
            code=entry.platform.code,
            name=entry.name,
            kind=entry.kind,
            other_names=tuple(entry.other_names),
            address=entry.address,
            mobile_address=entry.mobile_address,
            withdrawn=entry.withdrawn,
        )
        for entry in batch.entries
    )
    return BatchView(batch.number, batch.published_on or first_batch_on, batch.note, listings)
