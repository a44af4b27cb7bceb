"""An installation from before platforms: its API keys go on working, and platforms' keys go when the revision is taken back."""

from __future__ import annotations

import uuid

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from backend.people import services as people
from config.database import db, transaction


def _a_key(subject_kind: str) -> str:
    _, secret = transaction(
        lambda: people.create_api_key(subject_kind=subject_kind, subject_id=uuid.uuid4(), name="人事系统")
    )
    return secret


def test_keys_from_before_still_open_and_platforms_keys_go_with_the_revision(app: Flask) -> None:
    enterprise, center, platform = _a_key("enterprise"), _a_key("training_center"), _a_key("platform")
    db.session.remove()
    flask_migrate.downgrade(revision="desk@desk_0002")
    with pytest.raises(IntegrityError):
        _a_key("platform")
    flask_migrate.upgrade(revision="heads")
    for secret, kind in ((enterprise, "enterprise"), (center, "training_center")):
        key = people.authenticate_api_key(secret)
        assert key is not None
        assert key.subject_kind == kind
    assert people.authenticate_api_key(platform) is None
    assert _a_key("platform")
    with pytest.raises(IntegrityError):
        transaction(lambda: db.session.execute(sa.text("UPDATE api_key SET subject_kind = 'anybody'")))
    with pytest.raises(IntegrityError):
        transaction(lambda: db.session.execute(sa.text("UPDATE api_key SET digest = 'one'")))
    indexes = {tuple(index["column_names"]) for index in sa.inspect(db.engine).get_indexes("api_key")}
    assert ("subject_id",) in indexes
