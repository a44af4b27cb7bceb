"""From a WeChat account to a worker and a bearer token. Tokens live by the real clock, never by the calendar."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from backend.people import rules, workers
from backend.people.models import AccessToken, WechatAccount, Worker
from config import clock, crypto
from config.database import db


@dataclass(frozen=True)
class SignedIn:
    """A new bearer token, told once, and whose it is."""

    token: str
    expires_at: datetime
    worker: workers.WorkerView


@dataclass(frozen=True)
class Caller:
    """Whose token it is. `token_expires_at` is real time; a cache may keep this for less than 60 seconds."""

    worker_id: int
    worker_public_id: uuid.UUID
    learner_ref: uuid.UUID
    token_expires_at: datetime


def sign_in_with_openid(*, openid: str, device: str) -> SignedIn:
    """The worker of this WeChat account (a new one at the first sign-in) and a token; the device's older token ends."""
    return issue_token(_worker_of(openid), device=device)


def issue_token(worker: Worker, *, device: str) -> SignedIn:
    """A token of 256 random bits for this device (for this slice only). Beyond ten phones the oldest sign-in ends."""
    at = clock.real_now()
    db.session.execute(
        update(AccessToken)
        .where(AccessToken.worker_id == worker.id, AccessToken.device == device, AccessToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    living = select(AccessToken.id).where(
        AccessToken.worker_id == worker.id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > at
    )
    ids = db.session.scalars(living.order_by(AccessToken.id.desc())).all()
    _revoke(AccessToken.id.in_(ids[rules.SIGNED_IN_PHONES - 1 :]))
    token = secrets.token_urlsafe(32)
    row = AccessToken(
        digest=crypto.digest(token),
        worker_id=worker.id,
        device=device,
        issued_at=at,
        expires_at=rules.token_expiry(at),
        revoked_at=None,
    )
    db.session.add(row)
    db.session.flush()
    return SignedIn(token, row.expires_at, workers.view(worker))


def authenticate(token: str) -> Caller | None:
    """Whose token this is, by one query; None when it is unknown, expired or revoked."""
    query = (
        select(Worker.id, Worker.public_id, Worker.learner_ref, AccessToken.expires_at)
        .join(Worker, Worker.id == AccessToken.worker_id)
        .where(
            AccessToken.digest == crypto.digest(token),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > clock.real_now(),
        )
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else Caller(row.id, row.public_id, row.learner_ref, row.expires_at)


def sign_out(*, token: str) -> None:
    """End this token. An unknown one is none the less ended."""
    revoke_token(token_digest=crypto.digest(token))


def revoke_token(*, token_digest: str) -> None:
    """End the token with this stored digest; guards that remember it let it go within 60 seconds."""
    _revoke(AccessToken.digest == token_digest)


def revoke_tokens_of(*, worker_id: int) -> None:
    """End every token of the worker."""
    _revoke(AccessToken.worker_id == worker_id)


def forget_expired_tokens(*, limit: int = 1000) -> int:
    """Job: drop rows of tokens that expired; returns how many."""
    expired = select(AccessToken.id).where(AccessToken.expires_at <= clock.real_now()).limit(limit)
    ids = list(db.session.scalars(expired))
    db.session.execute(delete(AccessToken).where(AccessToken.id.in_(ids)))
    return len(ids)


def _revoke(condition: ColumnElement[bool]) -> None:
    db.session.execute(
        update(AccessToken).where(condition, AccessToken.revoked_at.is_(None)).values(revoked_at=clock.real_now())
    )


def _worker_of(openid: str) -> Worker:
    index = crypto.blind_index(openid, purpose=workers.OPENID)
    query = select(Worker).join(WechatAccount, WechatAccount.worker_id == Worker.id)
    query = query.where(WechatAccount.openid_index == index)
    worker: Worker | None = db.session.scalar(query)
    if worker is not None:
        return worker
    at = clock.now()
    try:
        with db.session.begin_nested():
            worker = Worker(created_at=at)
            db.session.add(worker)
            db.session.flush()
            sealed = crypto.encrypt(openid, purpose=workers.OPENID)
            account = WechatAccount(openid_index=index, openid_encrypted=sealed, worker_id=worker.id, created_at=at)
            db.session.add(account)
    except IntegrityError:  # the same account signed in twice at its first moment
        return db.session.scalars(query).one()
    return worker
