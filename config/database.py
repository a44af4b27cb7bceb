"""The database: one session, one way to commit, and the guards that live in the database itself.

SQLite is the default (WAL, foreign keys, ``BEGIN IMMEDIATE`` for writers, busy timeout); PostgreSQL 15 or later through
psycopg 3. Services flush; only ``transaction`` commits, at the edge.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, Any, TypeVar

import structlog
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    TypeDecorator,
    Uuid,
    event,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from uuid_utils.compat import uuid7

T = TypeVar("T")

BUSY_TIMEOUT_MS = 15_000
_RETRIED_STATES = {"40001", "40P01"}  # serialization failure, deadlock
_ATTEMPTS = 4
_log = structlog.get_logger("database")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both databases; refuses naive values (SQLite would lose the offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class UuidText(TypeDecorator[str]):
    """Reads a UUID column as text, several times quicker than by way of ``uuid.UUID``: for those who read very many."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = str(value)
        if len(text) != 32:
            return text
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


BigInt = BigInteger().with_variant(Integer(), "sqlite")

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every model on every floor."""

    metadata = MetaData(naming_convention=_NAMES)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            int: BigInt,
            datetime: UtcDateTime(),
            uuid.UUID: Uuid(),
            bytes: LargeBinary(),
            str: String(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def new_public_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562): unique outside, ordered by time inside."""
    return uuid7()


PrimaryKey = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]
PublicId = Annotated[uuid.UUID, mapped_column(Uuid(), unique=True, default=new_public_id)]
Instant = Annotated[datetime, mapped_column(UtcDateTime())]
Json = Annotated[dict[str, Any], mapped_column(JSON())]

_writing: ContextVar[bool] = ContextVar("writing", default=False)
# SQLite has one writer. Waiting here costs nothing; waiting in its busy handler means sleeping past one's turn.
_sqlite_turn = Lock()


def transaction(work: Callable[[], T]) -> T:
    """Run ``work`` in one writing transaction and commit it; on any error roll everything back and raise it again.

    A deadlock or serialization failure on PostgreSQL runs ``work`` again from the start, so ``work`` must hold no effect
    outside the database. Raises ``RuntimeError`` when the session already carries unsaved changes or a transaction is open.
    """
    session = db.session
    if _writing.get():
        raise RuntimeError("a transaction is already open; services never open one")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("unsaved changes were left in the session before this transaction")
    with _sqlite_turn if is_sqlite() else nullcontext():
        for attempt in range(1, _ATTEMPTS + 1):
            session.rollback()  # ends a reading transaction, so that SQLite starts this one with BEGIN IMMEDIATE
            token = _writing.set(True)
            try:
                result = work()
                session.commit()
                return result
            except OperationalError as error:
                session.rollback()
                if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _RETRIED_STATES:
                    raise
            except BaseException:
                session.rollback()
                raise
            finally:
                _writing.reset(token)
    raise AssertionError("unreachable")


def apart(work: Callable[[], T], *, what: str) -> T | None:
    """Run ``work`` for one of many things inside a savepoint; None when it failed, which is logged.

    So one thing that cannot be done holds up nothing else of a job. Deadlocks rise: ``transaction`` runs all again.
    """
    try:
        with db.session.begin_nested():
            return work()
    except OperationalError:
        raise
    except Exception as error:
        _log.error("left for later", what=what, exc_info=error)
        return None


def locked(query: Select[Any]) -> Select[Any]:
    """The query with its rows locked until the transaction ends (PostgreSQL; SQLite has one writer anyway).

    Rows that the session already knows are read again: what was seen before the lock may be old by now.
    """
    return query.with_for_update().execution_options(populate_existing=True)


def prepare_engine(engine: Engine) -> None:
    """Attach what SQLite needs to be safe: called once for each engine by ``app.py`` and by the migrations."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "recursive_triggers=ON",  # REPLACE then fires the delete triggers that guard append-only tables
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def is_sqlite() -> bool:
    """Whether the present engine is SQLite."""
    return db.engine.dialect.name == "sqlite"


_guards: dict[str, dict[str, list[str]]] = {}


def guard(table: Any, *, sqlite: Sequence[str], postgresql: Sequence[str]) -> None:
    """Attach database guards (triggers, functions) to ``table``: run after its creation, each text one statement.

    A text on PostgreSQL may hold a whole ``CREATE FUNCTION``. ``guards_of`` gives them back: the migrations carry the same
    statements, and a test holds the two together.
    """
    assert isinstance(table, Table)
    if table.name not in _guards:
        _guards[table.name] = {"sqlite": [], "postgresql": []}
        event.listen(table, "after_create", _create_guards)
    _guards[table.name]["sqlite"] += sqlite
    _guards[table.name]["postgresql"] += postgresql


def guards_of(table: Table, dialect: str) -> Sequence[str]:
    """The statements that guard ``table`` on ``sqlite`` or ``postgresql``, in order."""
    return _guards.get(table.name, {}).get(dialect, ())


def _create_guards(table: Table, connection: Connection, **_: Any) -> None:
    for statement in guards_of(table, connection.dialect.name):
        connection.execution_options(no_parameters=True).exec_driver_sql(statement)


def allowed_moves(table: Any, *, first: Sequence[str], moves: Sequence[tuple[str, str]]) -> None:
    """Let ``table.status`` begin as one of ``first`` and change only along ``moves`` (from, to), in the database itself."""
    name = table.name
    begins = f"NEW.status NOT IN ({', '.join(repr(status) for status in first)})"
    listed = " OR ".join(f"(OLD.status = '{old}' AND NEW.status = '{new}')" for old, new in sorted(set(moves)))
    jumps = f"NEW.status <> OLD.status AND NOT ({listed})"
    refusal = f"{name}: this status move is not allowed"
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {name}_first_status BEFORE INSERT ON {name} WHEN {begins} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
            f"CREATE TRIGGER {name}_status_move BEFORE UPDATE OF status ON {name} WHEN {jumps} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        ],
        postgresql=[
            f"CREATE FUNCTION {name}_refuse_move() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation'; END $$",
            f"CREATE TRIGGER {name}_first_status BEFORE INSERT ON {name} "
            f"FOR EACH ROW WHEN ({begins}) EXECUTE FUNCTION {name}_refuse_move()",
            f"CREATE TRIGGER {name}_status_move BEFORE UPDATE OF status ON {name} "
            f"FOR EACH ROW WHEN ({jumps}) EXECUTE FUNCTION {name}_refuse_move()",
        ],
    )


def append_only(table: Any) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE) of ``table``'s rows in the database itself."""
    name = table.name
    guard(
        table,
        sqlite=[
            f"CREATE TRIGGER {name}_no_{verb} BEFORE {verb.upper()} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            for verb in ("update", "delete")
        ],
        postgresql=[
            f"CREATE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{name} is append-only' USING ERRCODE = 'restrict_violation'; END $$",
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}_append_only()",
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_append_only()",
        ],
    )


def decided(table: Any, *, columns: Sequence[str]) -> None:
    """Refuse to edit these columns and to delete a row: a correction is another row."""
    name, listed = table.name, ", ".join(columns)
    edited, deleted = f"{name}: what was decided is not edited", f"{name}: what was decided is not deleted"
    sqlite = [
        f"CREATE TRIGGER {name}_decided BEFORE UPDATE OF {listed} ON {name} BEGIN SELECT RAISE(ABORT, '{edited}'); END",
        f"CREATE TRIGGER {name}_kept BEFORE DELETE ON {name} BEGIN SELECT RAISE(ABORT, '{deleted}'); END",
    ]
    postgresql = []
    for trigger, change, refusal in (("decided", f"UPDATE OF {listed}", edited), ("kept", "DELETE", deleted)):
        postgresql += [
            f"CREATE FUNCTION {name}_{trigger}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$",
            f"CREATE TRIGGER {name}_{trigger} BEFORE {change} ON {name} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}_{trigger}_refuse()",
        ]
    guard(table, sqlite=sqlite, postgresql=postgresql)
