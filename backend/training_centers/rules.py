"""Rotating codes and who goes first at a training center. Pure: time, chance and the policy's order are arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from backend.people.rules import CODE_ALPHABET, CODE_LENGTH
from config.errors import Invalid

CODE_SECONDS = 60
NAME_LENGTH = 100


def new_code(chance: Random) -> str:
    """Eight characters that nobody misreads aloud: about 39 bits, alive for a minute and for one look-up."""
    return "".join(chance.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def code_expiry(at: datetime) -> datetime:
    """A screenshot sent to a friend is worth nothing a minute later."""
    return at + timedelta(seconds=CODE_SECONDS)


@dataclass(frozen=True)
class Visitor:
    """What the order of one center on one day goes by."""

    worker_id: int
    has_priority: bool
    class_hours: int
    arrived_at: datetime


def rank(visitor: Visitor, others: Sequence[Visitor], order: Sequence[str]) -> int:
    """The visitor's place (1 is first) among the people looked up at this center this day.

    ``order`` is the policy's (二(三); domain reference A27): has_priority, more_class_hours, earlier_booking. Priority sorts,
    it excludes nobody. Raises ValueError for a word it does not know.
    """
    own = _sort_key(visitor, order)
    return 1 + sum(1 for other in others if other.worker_id != visitor.worker_id and _sort_key(other, order) < own)


def _sort_key(visitor: Visitor, order: Sequence[str]) -> tuple[float, ...]:
    keys = {
        "has_priority": -float(visitor.has_priority),
        "more_class_hours": -float(visitor.class_hours),
        "earlier_booking": visitor.arrived_at.timestamp(),
    }
    if unknown := [word for word in order if word not in keys]:
        raise ValueError(f"unknown order of priority: {unknown}")
    return tuple(keys[word] for word in order)


def check_center(*, name: str, address: str) -> tuple[str, str]:
    """Trimmed name and address. Raises Invalid CENTER_NAME_INVALID, CENTER_ADDRESS_INVALID."""
    name, address = " ".join(name.split()), " ".join(address.split())
    if not 2 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise Invalid("CENTER_NAME_INVALID", f"请填写培训中心全称，2至{NAME_LENGTH}个字。")
    if not 2 <= len(address) <= 2 * NAME_LENGTH or not address.isprintable():
        raise Invalid("CENTER_ADDRESS_INVALID", f"请填写培训中心地址，2至{2 * NAME_LENGTH}个字。")
    return name, address
