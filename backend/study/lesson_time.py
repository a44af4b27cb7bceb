"""Claimable seconds lesson by lesson, for policies that round lesson by lesson."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from backend.credit_bank import services as credit_bank
from learning_records.sessions import services as sessions


def claimable_by_lesson(*, worker_ids: Iterable[int], class_id: UUID) -> dict[int, tuple[int, ...]]:
    """What no claim holds or has used in the class, one item a lesson, the longest first; its sum is ``claimable_of``.

    A quiz, an appeal and a record of another platform are an item each. Who has nothing is absent.
    """
    lots = credit_bank.claimable_by_record(worker_ids=worker_ids, context_ref=class_id)
    lessons = sessions.lessons_of_records({record_id for _, record_id, _ in lots})
    found: dict[int, dict[UUID | int, int]] = defaultdict(lambda: defaultdict(int))
    for worker_id, record_id, seconds in lots:
        found[worker_id][lessons.get(record_id, record_id)] += seconds
    return {worker_id: tuple(sorted(items.values(), reverse=True)) for worker_id, items in found.items()}
