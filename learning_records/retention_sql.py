"""Conditions of keeping, as SQL for the guards of both databases. Days are those of Wuxi (UTC+8 all year).

The notice keeps evidence for two years (四.2): 24 calendar months, the last day included; in a month without that day the
last of the month counts, as in Python's rules.
"""

from __future__ import annotations

LEARNING_KINDS = ("session", "quiz", "appeal", "import", "attested")
"""Records of what a person learned; destroyed together, class by class."""
TRAINING_KINDS = (*LEARNING_KINDS, "import_batch", "attachment")
"""All records that end some day; decisions are kept with the books."""


def past_two_years(dialect: str, *, since: str, at: str) -> str:
    """Whether the local day of the instant ``at`` is after the last of the 24 months from the local day of ``since``."""
    if dialect == "postgresql":
        first_day = f"CAST({since} AT TIME ZONE 'Asia/Shanghai' AS date)"
        day = f"CAST({at} AT TIME ZONE 'Asia/Shanghai' AS date)"
        return f"{day} > CAST({first_day} + CAST('24 months' AS interval) AS date)"
    same_day = f"date({since}, '+8 hours', '+24 months')"
    last_of_month = f"date({since}, '+8 hours', 'start of month', '+25 months', '-1 day')"
    return f"date({at}, '+8 hours') > min({same_day}, {last_of_month})"


_ON_HOLD = (
    "EXISTS (SELECT 1 FROM legal_hold h WHERE h.lifted_at IS NULL AND (h.scope = 'all' "
    "OR (h.scope = 'person' AND h.person_ref = PERSON) OR (h.scope = 'context' AND h.context_ref = CONTEXT)))"
)


def on_hold(*, person: str, context: str = "NULL") -> str:
    """Whether a legal hold stands on that person, on that context, or on everything."""
    return _ON_HOLD.replace("PERSON", person).replace("CONTEXT", context)


_LIVING = (
    "SELECT 1 FROM evidence_record r WHERE r.person_ref = PERSON AND r.destruction_id IS NULL AND r.kind IN (KINDS)"
)


def anything_left(*, person: str) -> str:
    """Whether evidence of something that person learned is kept."""
    return f"EXISTS ({_living(person)})"


def nothing_left(dialect: str, *, person: str, context: str) -> str:
    """Whether all evidence of what that person learned in that context is erased."""
    is_same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    return f"NOT EXISTS ({_living(person)} AND r.context_ref {is_same} {context})"


def _living(person: str) -> str:
    return _LIVING.replace("KINDS", ", ".join(repr(kind) for kind in LEARNING_KINDS)).replace("PERSON", person)
