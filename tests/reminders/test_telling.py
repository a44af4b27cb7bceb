"""What workers are told: each thing once, in the daytime what falls due, nothing lost when the job did not run."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from backend.certificates import services as certificates
from backend.messages import services as messages
from backend.messages.services import MessageView
from backend.reminders import services as reminders
from config.clock import FixedCalendar
from config.database import db, transaction
from tests.cast import claims as claimed
from tests.cast.claims import Class
from tests.cast.plans import Person, a_person


@pytest.fixture
def school(app: Flask, clock: FixedCalendar) -> Class:
    """Two people who joined a class."""
    first, second = a_person(1), a_person(2, "李小红")
    return claimed.a_class([first, second], claimed.an_office())


def told(person: Person) -> list[MessageView]:
    db.session.rollback()
    return messages.messages_of(worker_id=person.worker_id)


def templates(person: Person) -> list[str]:
    return sorted(message.template for message in told(person))


def test_certificate_and_claim_are_told_once_to_the_person_they_are_about(school: Class) -> None:
    first, second = school.persons
    claimed.learn(first, school.class_id, claimed.hours(24))
    transaction(lambda: certificates.issue_due(class_id=school.class_id, actor="staff:agent"))
    claimed.submitted_claim(school.plan)
    assert reminders.queue_reminders() == 2
    assert reminders.queue_reminders() == 0, "each thing once"
    assert templates(first) == ["certificate-issued", "claim-in-name"]
    assert templates(second) == []
    claim = next(message for message in told(first) if message.template == "claim-in-name")
    assert claim.sentence == "无锡第1机械有限公司以您的名义申领了444.00元培训补贴。如未参加培训，请提出异议。"


def test_a_run_that_was_missed_is_caught_up(school: Class, clock: FixedCalendar) -> None:
    first, _ = school.persons
    assert reminders.queue_reminders() == 0
    claimed.learn(first, school.class_id, claimed.hours(24))
    transaction(lambda: certificates.issue_due(class_id=school.class_id, actor="staff:agent"))
    clock.advance(40 * 86_400)
    reminders.queue_reminders()
    assert "certificate-issued" in templates(first)


def test_who_lacks_time_is_reminded_three_days_before_the_class_ends(school: Class, clock: FixedCalendar) -> None:
    first, second = school.persons
    claimed.learn(first, school.class_id, claimed.hours(24))
    claimed.learn(second, school.class_id, claimed.hours(23), passed=False)
    ends_on = school.plan.training_class.ends_on
    assert ends_on is not None
    clock.set(f"{ends_on.isoformat()}T09:00:00+08:00")
    clock.advance(-4 * 86_400)
    reminders.queue_reminders()
    assert "class-ends" not in templates(second)
    clock.advance(86_400 - 3 * 3600)
    reminders.queue_reminders()
    assert "class-ends" not in templates(second), "not before eight in the morning"
    clock.advance(3 * 3600)
    reminders.queue_reminders()
    clock.advance(86_400)
    reminders.queue_reminders()
    (reminder,) = [message for message in told(second) if message.template == "class-ends"]
    assert reminder.data["thing3"] == "还差45分钟"
    assert "class-ends" not in templates(first)


def test_who_has_the_hours_and_no_quiz_is_told_that_it_is_open(school: Class, clock: FixedCalendar) -> None:
    first, second = school.persons
    starts_on = school.plan.training_class.starts_on
    assert starts_on is not None
    clock.set(f"{starts_on.isoformat()}T09:00:00+08:00")
    claimed.learn(first, school.class_id, claimed.hours(24), passed=False)
    claimed.learn(second, school.class_id, claimed.hours(24))
    reminders.queue_reminders()
    assert templates(first) == ["quiz-open"]
    assert templates(second) == []


def test_a_message_that_cannot_be_queued_holds_up_no_other(school: Class) -> None:
    first, second = school.persons
    for person in (first, second):
        claimed.learn(person, school.class_id, claimed.hours(24))
    claim = claimed.submitted_claim(school.plan)
    key = f"claim-in-name:{claim.lines[0].line_id}:{first.worker_id}"
    trap = f"ALTER TABLE outbox_message ADD CONSTRAINT trap CHECK (key <> '{key}')"
    if db.engine.dialect.name == "sqlite":
        trap = f"CREATE TRIGGER trap BEFORE INSERT ON outbox_message WHEN NEW.key = '{key}' BEGIN SELECT RAISE(ABORT, ''); END"
    transaction(lambda: db.session.execute(text(trap)))
    reminders.queue_reminders()
    assert "claim-in-name" in templates(second)
    assert "claim-in-name" not in templates(first)
