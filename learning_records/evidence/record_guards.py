"""What may happen to a sealed record, in the database itself, the same on SQLite and PostgreSQL.

A record is inserted whole and keeps every column for good, but for two moves, each once:

- *archived*: its body goes (the salt stays), and ``archive_id`` names a kept archive that was made under a signed
  checkpoint above the record's index in the log;
- *erased*: body and salt go, and ``destruction_id`` names a destruction whose day is past the last of 24 calendar months
  after the record was sealed (四.2: 两年), while no legal hold on its person, its context or everything stands.
"""

from __future__ import annotations

from learning_records.retention_sql import on_hold, past_two_years

KEPT_KINDS = ("archive", "destruction", "legal_hold")
"""Records that say what was done with others: their bodies stay where they are, for good."""

_KEPT = ", ".join(repr(kind) for kind in KEPT_KINDS)
_REQUIRED = ("id", "public_id", "suite", "kind", "sealed_at")
_OPTIONAL = ("subject", "person_ref", "context_ref")
_LATE_ENOUGH = "EXISTS (SELECT 1 FROM destruction d WHERE d.id = NEW.destruction_id AND PAST)"
_KEPT_ARCHIVE = (
    "EXISTS (SELECT 1 FROM evidence_archive a JOIN evidence_entry e ON e.record_id = OLD.id "
    "WHERE a.id = NEW.archive_id AND a.destroyed_at IS NULL AND e.log_index < a.tree_size)"
)
_ARCHIVING = "OLD.archive_id IS NULL AND NEW.archive_id IS NOT NULL"
_ERASING = "OLD.destruction_id IS NULL AND NEW.destruction_id IS NOT NULL"
_WHOLE = "NEW.archive_id IS NULL AND NEW.destruction_id IS NULL AND length(NEW.body) > 0"
_MOVED = "length(NEW.body) = 0 AND OLD.destruction_id IS NULL AND NEW.destruction_id IS NULL AND NEW.salt = OLD.salt"
_HELD = on_hold(person="OLD.person_ref", context="OLD.context_ref")

_ENTERS = "evidence_record: a record enters whole"
_STAYS = "evidence_record is append-only; its body goes to an archive or is erased, nothing else changes"
_NO_ARCHIVE = "evidence_record: no kept archive under a signed checkpoint holds this record"
_TOO_EARLY = "evidence_record: evidence is kept for two years"
_UNDER_HOLD = "evidence_record: a legal hold keeps this record"
_FOR_GOOD = "evidence_record: what says how others were kept is kept for good"


def _refusals(dialect: str) -> tuple[tuple[str, str], ...]:
    """(condition, refusal) of an update, in order."""
    sqlite = dialect == "sqlite"
    is_same = "IS" if sqlite else "IS NOT DISTINCT FROM"
    zeros = "zeroblob(32)" if sqlite else "decode(repeat('00', 32), 'hex')"
    same = " AND ".join(
        [f"NEW.{name} = OLD.{name}" for name in _REQUIRED] + [f"NEW.{name} {is_same} OLD.{name}" for name in _OPTIONAL]
    )
    archived = f"{_ARCHIVING} AND {_MOVED} AND {same}"
    gone = f"length(NEW.body) = 0 AND NEW.salt = {zeros} AND NEW.archive_id {is_same} OLD.archive_id"
    past = past_two_years(dialect, since="OLD.sealed_at", at="d.destroyed_at")
    return (
        (f"NOT COALESCE(({archived}) OR ({_ERASING} AND {gone} AND {same}), {'0' if sqlite else 'FALSE'})", _STAYS),
        (f"OLD.kind IN ({_KEPT})", _FOR_GOOD),
        (f"{_ARCHIVING} AND NOT {_KEPT_ARCHIVE}", _NO_ARCHIVE),
        (f"{_ERASING} AND NOT {_LATE_ENOUGH.replace('PAST', past)}", _TOO_EARLY),
        (f"{_ERASING} AND {_HELD}", _UNDER_HOLD),
    )


def _sqlite() -> list[str]:
    found = [
        f"CREATE TRIGGER evidence_record_enters_whole BEFORE INSERT ON evidence_record WHEN NOT ({_WHOLE}) "
        f"BEGIN SELECT RAISE(ABORT, '{_ENTERS}'); END"
    ]
    names = ("no_update", "for_good", "archived", "two_years", "not_held")
    for name, (condition, refusal) in zip(names, _refusals("sqlite"), strict=True):
        found.append(
            f"CREATE TRIGGER evidence_record_{name} BEFORE UPDATE ON evidence_record "
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    found.append(
        "CREATE TRIGGER evidence_record_no_delete BEFORE DELETE ON evidence_record "
        f"BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END"
    )
    return found


def _postgresql() -> list[str]:
    error = "USING ERRCODE = 'restrict_violation'"
    checks = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION '{refusal}' {error}; END IF;"
        for condition, refusal in _refusals("postgresql")
    )
    return [
        "CREATE FUNCTION evidence_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN IF {_WHOLE} THEN RETURN NEW; END IF; RAISE EXCEPTION '{_ENTERS}' {error}; END IF; "
        f"IF TG_OP <> 'UPDATE' THEN RAISE EXCEPTION '{_STAYS}' {error}; END IF; "
        f"{checks} RETURN NEW; END $$",
        "CREATE TRIGGER evidence_record_no_change BEFORE INSERT OR UPDATE OR DELETE ON evidence_record "
        "FOR EACH ROW EXECUTE FUNCTION evidence_record_guard()",
        "CREATE TRIGGER evidence_record_no_truncate BEFORE TRUNCATE ON evidence_record "
        "FOR EACH STATEMENT EXECUTE FUNCTION evidence_record_guard()",
    ]


SQLITE = _sqlite()
POSTGRESQL = _postgresql()
