"""When an undelivered message is tried again. Pure functions."""

from datetime import datetime, timedelta

ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 60
LEASE_SECONDS = 120


def next_try(attempts: int, *, at: datetime) -> datetime | None:
    """After `attempts` failed tries: 1, 2, 4, 8, 16 minutes later; None when it is time to give up."""
    if attempts >= ATTEMPTS:
        return None
    return at + timedelta(seconds=FIRST_PAUSE_SECONDS * 2 ** (attempts - 1))


def lease_end(at: datetime) -> datetime:
    """A sender has two minutes to report back; then another may try."""
    return at + timedelta(seconds=LEASE_SECONDS)
