"""Many records at once are counted as if one came after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from config.clock import FixedCalendar, epoch_ms, local_date
from config.database import db
from config.errors import DomainError, Invalid
from learning_records.sessions import services
from learning_records.sessions.imported_models import AttestedDay
from learning_records.sessions.models import CountedInterval, Learner, LessonProgress, OutsideTime
from learning_records.sessions.services import AttestedRecord, AttestedView, ImportedRecord, ImportedView
from tests.learning_records.imported.records import played
from tests.learning_records.phones import Phone, call, lesson

BEGAN = datetime.fromisoformat("2020-03-01T22:00:00+08:00")
LESSONS = (uuid4(), uuid4(), None)
RECORDS = st.lists(
    st.one_of(
        st.tuples(
            st.just("played"), st.integers(0, 1), st.integers(0, 8_000), st.integers(0, 3_000), st.integers(0, 2),
            st.integers(0, 900), st.integers(0, 1_500),
        ),
        st.tuples(st.just("attested"), st.integers(0, 1), st.integers(0, 2), st.integers(0, 9)),
        st.tuples(st.just("again"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip
Record = ImportedRecord | AttestedRecord


def _records(steps: list[tuple[Any, ...]], persons: tuple[UUID, UUID]) -> list[Record]:
    made: list[Record] = []
    for kind, *said in steps:
        if kind == "again":
            made += made[said[0] : said[0] + 1]
            continue
        person = persons[said[0]]
        if kind == "attested":
            day = local_date(BEGAN) + timedelta(days=said[1])
            made.append(AttestedRecord(person, None, uuid4(), day, said[2]))
            continue
        after, seconds, lesson_number, media_from, media = said[1:]
        lesson_ref = LESSONS[lesson_number]
        cover = (media_from, media_from + media) if lesson_ref else (None, None)
        interval = played(BEGAN, seconds, cover[0], cover[1], after)
        made.append(ImportedRecord(person, None, uuid4(), lesson_ref, None, [interval]))
    return made


def _said(outcome: ImportedView | AttestedView | DomainError) -> Any:
    """Without who it was: the two persons of the two ways are others."""
    if isinstance(outcome, DomainError):
        return outcome.code
    return {name: value for name, value in outcome.facts.items() if name not in ("person", "source")}, outcome.already


def _kept(person: UUID) -> list[Any]:
    learner = sa.select(Learner.id).where(Learner.person_ref == person)
    rows: list[Any] = []
    for columns, owner in (
        ((OutsideTime.kind, OutsideTime.pieces), OutsideTime.learner_id.in_(learner)),
        ((CountedInterval.started_ms, CountedInterval.ended_ms), CountedInterval.person_ref == person),
        ((AttestedDay.local_day, AttestedDay.counted_seconds), AttestedDay.person_ref == person),
        (
            (LessonProgress.coverage, LessonProgress.counted_ms, LessonProgress.learned_rest_ms),
            LessonProgress.learner_id.in_(learner),
        ),
    ):
        rows += sorted(tuple(map(str, row)) for row in db.session.execute(sa.select(*columns).where(owner)))
    db.session.rollback()
    return rows


@given(steps=RECORDS, open_session=st.booleans())
def test_many_at_once_count_as_one_after_the_other(
    app: Flask, clock: FixedCalendar, steps: list[tuple[Any, ...]], open_session: bool
) -> None:
    clock.set("2020-03-02T00:30:00+08:00")
    persons = []
    for _ in range(4):
        phone = Phone(clock, batch=1)
        persons.append(phone.person)
        if open_session:
            phone.open(lesson(90))
    first, second = (persons[0], persons[1]), (persons[2], persons[3])
    records = _records(steps, first)
    owner = dict(zip(first, second, strict=True))
    twins = {record.source_ref: uuid4() for record in records}
    others = [
        replace(record, person_ref=owner[record.person_ref], source_ref=twins[record.source_ref]) for record in records
    ]
    together = call(lambda: services.record_all(records))
    alone = [call(partial(services.record_all, [record]))[0] for record in others]
    assert [_said(outcome) for outcome in together] == [_said(outcome) for outcome in alone]
    assert [_kept(person) for person in first] == [_kept(person) for person in second]


def test_what_brings_too_little_leaves_nothing_and_is_told(app: Flask, clock: FixedCalendar) -> None:
    person, source = uuid4(), uuid4()
    clock.set("2020-03-02T09:00:00+08:00")
    first = ImportedRecord(person, None, uuid4(), None, None, [played(BEGAN, 600)])
    covered = ImportedRecord(person, None, source, None, None, [played(BEGAN, 300, after=100)])
    taken, nothing = call(lambda: services.record_all([first, covered], least_seconds=1))
    assert isinstance(taken, ImportedView)
    assert isinstance(nothing, ImportedView)
    assert (taken.counted_seconds, nothing.counted_seconds) == (600, 0)
    assert [reason.code for reason in nothing.uncounted] == ["OVERLAP"]
    (again,) = call(lambda: services.record_all([covered], least_seconds=1))
    assert not isinstance(again, DomainError)
    assert not again.already
    assert len(_kept(person)) == 2  # the first record and its interval


def test_a_refused_record_stops_no_other(app: Flask, clock: FixedCalendar) -> None:
    person = uuid4()
    reversed_one = ImportedRecord(person, None, uuid4(), None, None, [played(BEGAN, -5)])
    good = ImportedRecord(person, None, uuid4(), None, None, [played(BEGAN, 60)])
    refused, taken = call(lambda: services.record_all([reversed_one, good]))
    assert isinstance(refused, Invalid)
    assert refused.code == "TIME_REVERSED"
    assert isinstance(taken, ImportedView)
    assert epoch_ms(BEGAN) == taken.pieces[0].started_ms
