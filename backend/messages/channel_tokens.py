"""WeChat's access token, kept where every process finds the same one. Real time; the value is encrypted."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.messages.models import ChannelToken
from config import clock, crypto
from config.database import db, locked

_PURPOSE = "channel token"


def channel_token(*, name: str) -> str | None:
    """The token while it is valid."""
    row = db.session.scalar(
        select(ChannelToken).where(ChannelToken.name == name).execution_options(populate_existing=True)
    )
    if row is None or row.token_encrypted is None or not _is_valid(row):
        return None
    return crypto.decrypt(row.token_encrypted, purpose=_PURPOSE)


def lease_channel_token(*, name: str, seconds: int) -> bool:
    """Whether the caller is the one to fetch a token now: there is no valid one and nobody else is fetching.

    The lease ends by itself after `seconds`.
    """
    at = clock.real_now()
    row = _row(name)
    if _is_valid(row) or (row.leased_until is not None and row.leased_until > at):
        return False
    row.leased_until = at + timedelta(seconds=seconds)
    db.session.flush()
    return True


def store_channel_token(*, name: str, token: str, seconds: int) -> None:
    """Keep a new token for `seconds` and end the lease."""
    row = _row(name)
    row.token_encrypted = crypto.encrypt(token, purpose=_PURPOSE)
    row.expires_at = clock.real_now() + timedelta(seconds=seconds)
    row.leased_until = None
    db.session.flush()


def drop_channel_token(*, name: str, token: str | None = None) -> None:
    """Forget the token (only if it still is `token`, when given: another process may have renewed it meanwhile)."""
    row = _row(name)
    kept = None if row.token_encrypted is None else crypto.decrypt(row.token_encrypted, purpose=_PURPOSE)
    if token is None or token == kept:
        row.token_encrypted = row.expires_at = None
        db.session.flush()


def end_channel_lease(*, name: str) -> None:
    """The fetch failed: let the next caller try at once."""
    _row(name).leased_until = None
    db.session.flush()


def _is_valid(row: ChannelToken) -> bool:
    return row.token_encrypted is not None and row.expires_at is not None and row.expires_at > clock.real_now()


def _row(name: str) -> ChannelToken:
    query = locked(select(ChannelToken).where(ChannelToken.name == name)).execution_options(populate_existing=True)
    row: ChannelToken | None = db.session.scalar(query)
    if row is not None:
        return row
    try:
        with db.session.begin_nested():
            db.session.add(ChannelToken(name=name))
    except IntegrityError:  # another process made the row at the same moment
        pass
    made: ChannelToken = db.session.scalars(query).one()
    return made
