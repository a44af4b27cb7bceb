"""An enterprise's countdown: what is missing, what was sent back, until when to claim; only its own."""

from __future__ import annotations

from flask import Flask

from backend.reminders import services as reminders
from backend.reviews import services as reviews
from config.clock import FixedCalendar
from config.database import transaction
from tests.cast import claims as claimed
from tests.cast import enterprises as companies
from tests.cast.plans import a_draft, a_long_course, a_person, a_staff, submitted
from tests.console.browser import Browser, text_of


def kinds(enterprise_id: int) -> list[str]:
    return [task.kind for task in reminders.tasks(enterprise_id)]


def test_a_draft_says_what_is_missing(app: Flask) -> None:
    enterprise = companies.an_enterprise()
    plan = a_draft(enterprise, a_long_course(), head_count=1)
    (task,) = reminders.tasks(enterprise.id)
    assert task.kind in ("plan_incomplete", "plan_to_submit")
    assert (task.subject, task.subject_id) == ("plan", plan.plan_id)
    assert task.due_on is not None
    assert task.due_on.isoformat() == "2020-06-30"


def test_a_plan_sent_back_says_why(app: Flask) -> None:
    enterprise = companies.an_enterprise()
    companies.a_roster(enterprise, [companies.roster_row()])
    plan = submitted(a_draft(enterprise, a_long_course(), head_count=1))
    reviewer = a_staff("reviewer", "reviewer")
    transaction(
        lambda: reviews.send_back_plan(plan_id=plan.plan_id, staff=reviewer, reason="培训内容写得太简单", clause="三")
    )
    found = {task.kind: task for task in reminders.tasks(enterprise.id)}
    assert "培训内容写得太简单" in found["plan_sent_back"].sentence


def test_the_claim_deadline_counts_down_and_goes_late(app: Flask, clock: FixedCalendar) -> None:
    person = a_person(1)
    school = claimed.a_class([person], claimed.an_office())
    clock.set("2020-09-24T09:00:00+08:00")
    (task,) = reminders.tasks(school.enterprise.id)
    assert (task.kind, task.days_left, task.urgency) == ("claim_deadline", 6, "soon")
    clock.set("2020-10-01T00:00:00+08:00")
    assert reminders.tasks(school.enterprise.id)[0].urgency == "late"


def test_a_class_that_ends_says_how_many_are_behind_until_all_are_done(app: Flask, clock: FixedCalendar) -> None:
    person = a_person(1)
    school = claimed.a_class([person], claimed.an_office())
    ends_on = school.plan.training_class.ends_on
    assert ends_on is not None
    clock.set(f"{ends_on.isoformat()}T09:00:00+08:00")
    assert (
        "还有1人" in next(task for task in reminders.tasks(school.enterprise.id) if task.kind == "class_ends").sentence
    )
    claimed.learn(person, school.class_id, claimed.hours(24))
    assert "class_ends" not in kinds(school.enterprise.id)


def test_a_claim_sent_back_is_a_task_and_a_submitted_one_is_none(app: Flask) -> None:
    person, office = a_person(1), claimed.an_office()
    school = claimed.a_class([person], office)
    claimed.learn(person, school.class_id, claimed.hours(24))
    claim = claimed.submitted_claim(school.plan)
    assert "claim_deadline" not in kinds(school.enterprise.id)
    transaction(
        lambda: reviews.send_back_claim(
            claim_id=claim.claim_id, staff=office.reviewer, reason="开户账户名称不符", clause="三"
        )
    )
    found = {task.kind: task for task in reminders.tasks(school.enterprise.id)}
    assert found["claim_sent_back"].subject_id == claim.claim_id
    other = companies.an_enterprise("无锡锡山电子有限公司", serial=2)
    assert kinds(other.id) == []


def test_the_page_and_its_json_show_the_same(app: Flask) -> None:
    school = claimed.a_class([a_person(1)], claimed.an_office())
    browser = Browser(app)
    browser.sign_in("agent.1", companies.PASSWORD)
    address = f"/enterprise/{school.enterprise.public_id}/tasks"
    sentence = reminders.tasks(school.enterprise.id)[0].sentence
    assert sentence in text_of(browser.get(address))
    answer = browser.get(f"{address}.json").json
    assert answer is not None
    items = answer["items"]
    assert items[0]["sentence"] == sentence
    assert items[0]["address"].startswith("/enterprise/")
