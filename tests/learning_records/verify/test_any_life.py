"""Phones that do anything in any order, with quizzes and appeals between: the verifier counts all of it the same.

``LIVES=400 pytest …`` (``make mutations``) lives more of them.
"""

from __future__ import annotations

import os
import random
from uuid import UUID, uuid4

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records.sessions import services
from tests.learning_records.phones import Phone, call, lesson
from tests.learning_records.test_any_behavior import REFUSALS, act
from tests.learning_records.verify.bundled import a_quiz, an_appeal, bundle_of, codes, seal_sessions, verified

LIVES = int(os.environ.get("LIVES", "6"))
BEGINNINGS = ["2020-03-02T22:30:00+08:00", "2020-03-02T23:50:00+08:00", "2020-03-02T08:30:00+08:00"]


def _sealed_appeal(phone: Phone, clock: FixedCalendar, session_id: UUID) -> list[UUID]:
    """As the desk decides one: what is closed is sealed first."""
    call(lambda: services.close_idle_sessions(person_ref=phone.person))
    records = seal_sessions(phone.person)
    try:
        return [*records, an_appeal(phone, clock, session_id)]
    except REFUSALS:
        return records


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_phones_do_it_counts_again_to_the_millisecond(app: Flask, clock: FixedCalendar, seed: int) -> None:
    chance = random.Random(seed)
    clock.set(chance.choice(BEGINNINGS))
    person = uuid4()
    lessons = [lesson(chance.choice([3, 10, 20])), lesson(45), lesson(chance.choice([2, 5]), kind="reading")]
    phones = [Phone(clock, person=person, context=uuid4(), chance=random.Random(seed)) for _ in range(3)]
    for phone in phones:
        phone.answers_checks, phone.obeys = chance.random() < 0.6, chance.random() < 0.6
    current = phones[0]
    current.open(lessons[0])
    records: list[UUID] = []
    sessions = [current.session_id]
    for _ in range(150):
        if chance.random() < 0.12:
            current = chance.choice(phones)
            current.open(chance.choice(lessons))
        sessions.append(current.session_id)
        clock.advance(
            chance.choice([0, 0.5, 3, 20, 90]) if chance.random() < 0.96 else chance.choice([700, 1000, 5000])
        )
        try:
            kind = chance.random()
            if kind < 0.05:
                records.append(a_quiz(current, clock, chance.randint(10, 400)))
                if chance.random() < 0.5:
                    call(lambda phone=current: services.confirm_presence(person_ref=person, chance=phone.chance))  # type: ignore[misc]
            elif kind < 0.12:
                records += _sealed_appeal(current, clock, chance.choice(sessions))
            else:
                act(current, phones, chance)
        except REFUSALS:
            current.open(chance.choice(lessons))
    clock.advance(5000)
    call(lambda: services.close_idle_sessions(person_ref=person))
    records += seal_sessions(person)
    report = verified(bundle_of(records, [person]))
    assert codes(report) == []
    assert report.people[str(person)].recounted_ms > 0
