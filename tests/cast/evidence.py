"""Records of nothing: what somebody has who can seal but not decide."""

from __future__ import annotations

from uuid import UUID

from config.database import transaction
from learning_records.evidence import services as evidence


def a_record_of(kind: str, key: str | UUID) -> None:
    """Seal an empty record of that kind and key, so that only the other guards of its table still stand."""
    transaction(lambda: evidence.seal(kind=kind, body={}, subject=f"{kind}:{key}"))
