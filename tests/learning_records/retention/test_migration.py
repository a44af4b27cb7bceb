"""Records that are older than retention: by whom and in what they were sealed is found in their bodies."""

from __future__ import annotations

from uuid import UUID, uuid4

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from config.crypto import canonical_json
from config.database import db, is_sqlite, transaction
from learning_records.evidence import holds, retention

PERSON, CONTEXT = uuid4(), uuid4()


def _body(kind: str, context: UUID | None) -> bytes:
    return canonical_json({"kind": kind, "person": str(PERSON), "context": str(context) if context else None})


def test_earlier_records_are_found_by_person_and_class(app: Flask) -> None:
    flask_migrate.downgrade(revision="desk@desk_0001")
    flask_migrate.downgrade(revision="records@records_0003")
    insert = sa.text(
        "INSERT INTO evidence_record (public_id, suite, kind, salt, body, sealed_at) "
        "VALUES (:public_id, 'sha256-1', :kind, :salt, :body, :at)"
    ).bindparams(sa.bindparam("public_id", type_=sa.Uuid()))
    bodies = [("session", CONTEXT), ("quiz", None), ("appeal", CONTEXT), ("transfer", CONTEXT)]
    at = "2020-03-02 01:00:00.000000" + ("" if is_sqlite() else "+00")

    def seal_as_before() -> None:
        for kind, context in bodies:
            row = {"public_id": uuid4(), "kind": kind, "salt": bytes(32), "body": _body(kind, context), "at": at}
            db.session.execute(insert, row)

    transaction(seal_as_before)
    db.session.remove()
    flask_migrate.upgrade(revision="heads")
    found = {
        (group.context_ref, group.person_ref): group.records
        for group in retention.gathered(["session", "quiz", "appeal"])
    }
    assert found == {(CONTEXT, PERSON): 2, (None, PERSON): 1}
    assert [group.person_ref for group in retention.gathered(["transfer"])] == [None]
    assert not holds.standing().everything
