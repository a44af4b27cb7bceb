"""A platform sends a record again whose evidence was destroyed when its years were over."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from config.clock import FixedCalendar
from config.database import db
from config.errors import Conflict
from learning_records.evidence import services as evidence
from learning_records.evidence.services import Draft, RecordView
from learning_records.sessions import services
from learning_records.sessions.models import CountedInterval
from tests.learning_records.imported.records import attest, bring_in, played
from tests.learning_records.phones import call
from tests.learning_records.retention.keeping import destroyed


def _sealed(kind: str, facts: dict[str, Any], person: Any, context: Any) -> RecordView:
    (record,) = call(lambda: evidence.seal_all([Draft(kind, facts, None, person, context)]))
    return evidence.get_record(record_id=record.record_id)


def test_what_was_destroyed_is_not_taken_in_again(app: Flask, clock: FixedCalendar) -> None:
    person, context, source, day_source = uuid4(), uuid4(), uuid4(), uuid4()
    began = clock()
    clock.advance(3_600)
    interval = played(began, 600)
    view = bring_in(person, [interval], source=source, context=context)
    day = attest(person, date(2020, 3, 1), 2, source=day_source, context=context)
    records = [
        _sealed(services.IMPORTED_KIND, view.facts, person, context),
        _sealed(services.ATTESTED_KIND, day.facts, person, context),
    ]
    clock.set("2022-04-01T09:00:00+08:00")
    destroyed(*records)
    with pytest.raises(Conflict, match="RECORD_DESTROYED"):
        bring_in(person, [interval], source=source, context=context)
    with pytest.raises(Conflict, match="RECORD_DESTROYED"):
        attest(person, date(2020, 3, 1), 2, source=day_source, context=context)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CountedInterval)) == 1
    assert bring_in(person, [interval]).counted_seconds == 0, "its time still counts once, under another name too"
