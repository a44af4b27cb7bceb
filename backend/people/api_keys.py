"""Keys of other systems: told once, stored as a digest, scoped to one enterprise, training center or platform, revocable."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from backend.people.models import ApiKey
from config import clock, crypto
from config.database import db
from config.errors import Invalid, NotFound

SUBJECT_KINDS = ("enterprise", "training_center", "platform")
_PREFIX = "ck_"  # lets a secret scanner recognise a leaked key


@dataclass(frozen=True)
class ApiKeyView:
    """A key without its secret."""

    public_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID
    name: str
    created_at: datetime
    revoked_at: datetime | None


def create_api_key(*, subject_kind: str, subject_id: uuid.UUID, name: str) -> tuple[ApiKeyView, str]:
    """A new key and its secret, which is told this once. Raises Invalid API_KEY_SUBJECT_UNKNOWN, API_KEY_NAME_INVALID."""
    if subject_kind not in SUBJECT_KINDS:
        raise Invalid("API_KEY_SUBJECT_UNKNOWN", "接口密钥只能发给企业、培训中心或学习平台。")
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100:
        raise Invalid("API_KEY_NAME_INVALID", "密钥名称应为1至100个字，写明是哪个系统使用。")
    secret = _PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        digest=crypto.digest(secret),
        subject_kind=subject_kind,
        subject_id=subject_id,
        name=name,
        created_at=clock.now(),
        revoked_at=None,
    )
    db.session.add(key)
    db.session.flush()
    return _view(key), secret


def authenticate_api_key(secret: str) -> ApiKeyView | None:
    """The key with this secret; None when unknown or revoked."""
    query = select(ApiKey).where(ApiKey.digest == crypto.digest(secret), ApiKey.revoked_at.is_(None))
    key = db.session.scalar(query)
    return None if key is None else _view(key)


def api_keys_of(*, subject_kind: str, subject_id: uuid.UUID) -> list[ApiKeyView]:
    """All keys of one enterprise, center or platform, revoked ones too, the newest first."""
    query = select(ApiKey).where(ApiKey.subject_kind == subject_kind, ApiKey.subject_id == subject_id)
    return [_view(key) for key in db.session.scalars(query.order_by(ApiKey.id.desc()))]


def revoke_api_key(*, public_id: uuid.UUID, subject_kind: str, subject_id: uuid.UUID) -> ApiKeyView:
    """End a key of this subject; ending it again changes nothing. Raises NotFound API_KEY_UNKNOWN."""
    query = select(ApiKey).where(
        ApiKey.public_id == public_id, ApiKey.subject_kind == subject_kind, ApiKey.subject_id == subject_id
    )
    key = db.session.scalar(query)
    if key is None:
        raise NotFound("API_KEY_UNKNOWN", "没有找到这个接口密钥。")
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        db.session.flush()
    return _view(key)


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(key.public_id, key.subject_kind, key.subject_id, key.name, key.created_at, key.revoked_at)
