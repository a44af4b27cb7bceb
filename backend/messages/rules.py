"""When an undelivered message is tried again, and where a worker finds it. Pure functions."""

from datetime import datetime, timedelta

ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 60
LEASE_SECONDS = 120
THING_LENGTH = 20

NOT_SUBSCRIBED = "MESSAGE_NOT_SUBSCRIBED"
OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
TOO_LATE = "TOO_LATE"


def next_try(attempts: int, *, at: datetime) -> datetime | None:
    """After `attempts` failed tries: 1, 2, 4, 8, 16 minutes later; None when it is time to give up."""
    if attempts >= ATTEMPTS:
        return None
    return at + timedelta(seconds=FIRST_PAUSE_SECONDS * 2 ** (attempts - 1))


def lease_end(at: datetime) -> datetime:
    """A sender has two minutes to report back; after that nobody knows whether it sent the message."""
    return at + timedelta(seconds=LEASE_SECONDS)


def delivery(status: str, *, waits: bool) -> str:
    """Where the message is: `sent`, `here_only`, `waits_for_consent` or `on_the_way`."""
    if status == "sent":
        return "sent"
    if status == "given_up":
        return "here_only"
    return "waits_for_consent" if waits else "on_the_way"


def thing(text: str) -> str:
    """A text cut to the 20 characters that WeChat shows of it, the cut marked."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not clean:
        return "—"
    return clean if len(clean) <= THING_LENGTH else clean[: THING_LENGTH - 1] + "…"
