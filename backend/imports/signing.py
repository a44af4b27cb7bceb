"""A platform's signed statement (第三方平台出具的有关资料, 四.2): Ed25519 over the canonical JSON of what it sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import services as audit
from backend.imports.models import SigningKey
from backend.platforms.services import PlatformView
from config import clock
from config.crypto import canonical_json
from config.database import db, locked
from config.errors import Conflict, Invalid, NotFound

KEY_BYTES, SIGNATURE_BYTES = 32, 64


@dataclass(frozen=True)
class SigningKeyView:
    """A platform's public key. ``ended_at`` is None while it may sign."""

    id: int
    key_id: uuid.UUID
    public_key: bytes
    registered_at: datetime
    ended_at: datetime | None


def register_signing_key(*, platform: PlatformView, public_key: bytes, actor: str) -> SigningKeyView:
    """Make a platform's Ed25519 public key known; how it came to us (stamped, in person) is the actor's to answer for.

    Raises ``Invalid`` SIGNING_KEY_INVALID, ``Conflict`` SIGNING_KEY_KNOWN.
    """
    if len(public_key) != KEY_BYTES:
        raise Invalid("SIGNING_KEY_INVALID", f"Ed25519公钥应为{KEY_BYTES}字节的Base64，请向平台核对。")
    key = SigningKey(
        platform_id=platform.id,
        public_key=public_key,
        registered_by=actor,
        registered_at=clock.now(),
        ended_at=None,
    )
    db.session.add(key)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("SIGNING_KEY_KNOWN", "这把公钥已经登记过。") from error
    _write(actor, "platform.signing_key_registered", platform, key)
    return _view(key)


def end_signing_key(*, platform: PlatformView, key_id: uuid.UUID, actor: str) -> SigningKeyView:
    """A key of this platform signs nothing from now on; ending it again changes nothing. Raises ``NotFound``
    SIGNING_KEY_UNKNOWN."""
    query = select(SigningKey).where(SigningKey.public_id == key_id, SigningKey.platform_id == platform.id)
    key = db.session.scalar(locked(query))
    if key is None:
        raise NotFound("SIGNING_KEY_UNKNOWN", "没有找到这个平台的这把公钥。")
    if key.ended_at is None:
        key.ended_at = clock.now()
        db.session.flush()
        _write(actor, "platform.signing_key_ended", platform, key)
    return _view(key)


def signing_keys(*, platform: PlatformView) -> list[SigningKeyView]:
    """All keys of a platform, ended ones too, the newest first."""
    query = select(SigningKey).where(SigningKey.platform_id == platform.id).order_by(SigningKey.id.desc())
    return [_view(key) for key in db.session.scalars(query)]


def statement_of(said: Mapping[str, Any]) -> bytes:
    """The bytes a platform signs: RFC 8785 of the call without its ``signature``."""
    return canonical_json({name: value for name, value in said.items() if name != "signature"})


def signer_of(*, platform: PlatformView, statement: bytes, signature: bytes) -> SigningKeyView:
    """The key of this platform that made the signature. Raises ``Invalid`` SIGNATURE_INVALID."""
    for key in signing_keys(platform=platform):
        if key.ended_at is None and _is_signed_by(key.public_key, statement, signature):
            return key
    raise Invalid(
        "SIGNATURE_INVALID",
        "签名与内容不符，或者签名用的公钥没有登记。请对去掉signature后的规范JSON（RFC 8785）重新签名，公钥由市高训中心登记。",
    )


def _is_signed_by(public_key: bytes, statement: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def _write(actor: str, action: str, platform: PlatformView, key: SigningKey) -> None:
    audit.write(
        actor=actor,
        action=action,
        subject=f"platform:{platform.public_id}",
        detail={"key": str(key.public_id), "platform": platform.code},
    )


def _view(key: SigningKey) -> SigningKeyView:
    return SigningKeyView(key.id, key.public_id, key.public_key, key.registered_at, key.ended_at)
