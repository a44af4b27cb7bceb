"""Phones that do anything in any order, against the real services: what must hold whatever they do."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from config.clock import FixedCalendar, epoch_ms
from config.database import db
from config.errors import Conflict, Invalid, NotFound
from learning_records.evidence import services as evidence
from learning_records.sessions import services
from learning_records.sessions.models import CountedInterval
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.verify.bundled import bundle_of, codes, verified

REFUSALS = (Conflict, NotFound, Invalid)


def act(phone: Phone, phones: list[Phone], chance: random.Random) -> None:
    """One random thing a phone may do: honest, clumsy or dishonest."""
    action = chance.choice(["play"] * 8 + ["offline", "jump", "back", "replay", "check-in", "answer", "close", "quiz"])
    if action == "play":
        phone.speed = chance.choice([1, 1, 1, 0, 1.25, 4])
        phone.batch = chance.choice([1, 5])
        phone.play(chance.choice([10, 50, 200]))
    elif action == "offline":
        phone.play(chance.choice([50, 300, 700]), offline=True)
    elif action == "jump":
        phone.position_ms = chance.randint(0, phone.facts.media_ms)
    elif action == "back":
        phone.position_ms = chance.randint(0, phone.position_ms)
    elif action == "replay" and phone.kept:
        phone.post(phone.kept)
    elif action == "check-in":
        phone.check_in()
    elif action == "answer" and phone.checks:
        phone.answer(phone.checks[-1].check_id)
    elif action == "close":
        phone.close()
    elif action == "quiz":
        started = phone.clock()
        phone.clock.advance(chance.randint(10, 400))
        call(
            lambda: services.record_quiz_time(
                person_ref=phone.person,
                context_ref=phone.context,
                quiz_ref=uuid4(),
                started_at=started,
                ended_at=phone.clock(),
                limit_seconds=300,
            )
        )


@pytest.mark.parametrize("seed", range(8))
def test_whatever_phones_do_real_time_bounds_what_counts(app: Flask, clock: FixedCalendar, seed: int) -> None:
    chance = random.Random(seed)
    clock.set("2020-03-02T22:30:00+08:00")
    began = clock()
    person, lessons = uuid4(), [lesson(20), lesson(45), lesson(5, kind="reading")]
    phones = [Phone(clock, person=person, context=chance.choice([None, uuid4()])) for _ in range(3)]
    for phone in phones:
        phone.context = phone.context or uuid4()
        phone.chance = random.Random(seed)
        phone.answers_checks = chance.random() < 0.6
        phone.obeys = chance.random() < 0.6
    phones[0].open(lessons[0])
    refused = 0
    current = phones[0]
    for _ in range(120):
        if chance.random() < 0.15:
            current = chance.choice(phones)
            current.open(chance.choice(lessons))
        clock.advance(chance.choice([0, 0.5, 3, 20, 90]) if chance.random() < 0.97 else 1_000)
        try:
            act(current, phones, chance)
        except REFUSALS:
            refused += 1
            current.open(chance.choice(lessons))
    current.kept = []
    current.close()
    _check_everything(current, [item.lesson_ref for item in lessons], epoch_ms(began), epoch_ms(clock()))


def _check_everything(phone: Phone, lesson_refs: list[object], began_ms: int, now_ms: int) -> None:
    rows = db.session.execute(
        sa.select(CountedInterval.started_ms, CountedInterval.ended_ms).where(
            CountedInterval.person_ref == phone.person
        )
    ).all()
    assert rows
    assert sum(ended - started for started, ended in rows) <= now_ms - began_ms
    assert all(began_ms <= started < ended <= now_ms for started, ended in rows)
    closed = services.closed_unsealed(person_ref=phone.person, limit=1_000)
    counted_by_lesson: dict[object, int] = {}
    learned = checked_in = 0
    records = []
    for item in closed:
        record = call(lambda item=item: evidence.seal(kind="session", body=item.facts))  # type: ignore[misc]
        records.append(record.public_id)
        view = evidence.get_record(record_id=record.record_id)
        assert view.intact
        assert services.problems_of_session_record(view.body) == []
        lost = sum(ended - started for _, started, ended in item.facts["uncounted"])
        arrived = max([item.facts["opened_ms"], *(piece[1] for piece in item.facts["pieces"])])
        assert item.counted_ms + lost <= max(item.facts["closed_ms"], arrived) - item.facts["opened_ms"]
        ref = item.lesson.lesson_ref
        counted_by_lesson[ref] = counted_by_lesson.get(ref, 0) + item.counted_ms
        assert 0 <= item.checked_in_seconds <= item.learned_seconds + 1
        checked_in += item.checked_in_seconds
        assert counted_by_lesson[ref] <= item.lesson.media_ms, "no lesson counts longer than it is"
        learned += item.learned_seconds
    assert checked_in <= learned
    assert learned * 1000 <= sum(counted_by_lesson.values()) < learned * 1000 + 1000 * len(lesson_refs)
    report = verified(bundle_of(records, [phone.person]))
    assert codes(report) == []
    assert report.people[str(phone.person)].recounted_ms == sum(counted_by_lesson.values())
