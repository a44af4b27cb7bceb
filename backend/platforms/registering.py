"""Platforms as the house knows them, listed in the directory or not."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from backend.audit import services as audit
from backend.platforms.models import Platform
from backend.platforms.rules import Listing, problems_of
from config import clock
from config.database import db
from config.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True)
class PlatformView:
    """A platform. ``id`` stays inside; ``public_id`` is whom its API keys belong to (subject_kind ``platform``)."""

    id: int
    public_id: uuid.UUID
    code: str
    name: str
    kind: str


def register_platform(*, code: str, name: str, kind: str, actor: str) -> PlatformView:
    """Make a platform known, so that records may arrive from it; it is not in the directory for that.

    Raises ``Invalid`` PLATFORM_INVALID with what is wrong, ``Conflict`` PLATFORM_KNOWN.
    """
    listing = Listing(code=code.strip(), name=" ".join(name.split()), kind=kind)
    if problems := problems_of([listing]):
        raise Invalid("PLATFORM_INVALID", "".join(str(problem["detail"]) for problem in problems), errors=problems)
    if find(listing.code) is not None:
        raise Conflict("PLATFORM_KNOWN", f"平台代码“{listing.code}”已经登记过，请换一个代码。")
    platform = view(add(listing))
    audit.write(
        actor=actor,
        action="platform.registered",
        subject=f"platform:{platform.public_id}",
        detail={"code": platform.code, "name": platform.name},
    )
    return platform


def find_platform(code: str) -> PlatformView:
    """The platform with this code. Raises ``NotFound`` PLATFORM_UNKNOWN."""
    platform = find(code)
    if platform is None:
        raise NotFound("PLATFORM_UNKNOWN", f"没有代码为“{code}”的平台，请核对代码，或先登记这个平台。")
    return view(platform)


def platform_by_public_id(public_id: uuid.UUID) -> PlatformView:
    """The platform with this public id. Raises ``NotFound`` PLATFORM_UNKNOWN."""
    platform = db.session.scalar(select(Platform).where(Platform.public_id == public_id))
    if platform is None:
        raise NotFound("PLATFORM_UNKNOWN", "没有这个平台。")
    return view(platform)


def platform_by_id(platform_id: int) -> PlatformView:
    """One platform by its inner id, for slices that refer to it. Raises ``NotFound`` PLATFORM_UNKNOWN."""
    platform = db.session.get(Platform, platform_id)
    if platform is None:
        raise NotFound("PLATFORM_UNKNOWN", "没有这个平台。")
    return view(platform)


def hold_platform(platform_id: int) -> None:
    """Until the transaction ends, whoever else asks for this platform waits: what arrives from it is taken in turn."""
    db.session.execute(select(Platform.id).where(Platform.id == platform_id).with_for_update(key_share=True))


def all_platforms() -> list[PlatformView]:
    """Every platform that is known, in the order in which they became known."""
    return [view(platform) for platform in db.session.scalars(select(Platform).order_by(Platform.id))]


def find(code: str) -> Platform | None:
    """The row with this code."""
    return db.session.scalar(select(Platform).where(Platform.code == code))


def add(listing: Listing) -> Platform:
    """A row for a platform not known so far."""
    platform = Platform(code=listing.code, name=listing.name, kind=listing.kind, registered_at=clock.now())
    db.session.add(platform)
    db.session.flush()
    return platform


def view(platform: Platform) -> PlatformView:
    """The row as others see it."""
    return PlatformView(platform.id, platform.public_id, platform.code, platform.name, platform.kind)
