"""What a service raises when it refuses. No HTTP here: a door turns these into a problem document or a page.

Every error has a stable ``code`` (UPPER_SNAKE, never translated, never reused with another meaning) and a ``detail`` in
plain Chinese that says what is wrong and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class DomainError(Exception):
    """A refusal a visitor should read. ``errors`` holds one mapping for each field, row or value that was refused."""

    def __init__(self, code: str, detail: str, *, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = [dict(error) for error in errors]


class NotFound(DomainError):
    """The thing asked for does not exist, or not for this visitor (the two look alike on purpose)."""


class NotAllowed(DomainError):
    """The visitor is known but may not do this."""


class TooManyTries(NotAllowed):
    """The visitor may do this, but has done it too often for now."""


class Conflict(DomainError):
    """The request contradicts what is already recorded."""


class Invalid(DomainError):
    """The request itself cannot be right."""


class Unavailable(DomainError):
    """A service outside the house does not answer as it should; the same request may succeed later."""
