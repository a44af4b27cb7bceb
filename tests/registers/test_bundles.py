"""存证包 as each visitor gets it, of a claim that a worker really learned for: the verifier has the last word."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.claims.services import ClaimLineView, ClaimView
from backend.courses.services import CourseView
from backend.payments import services as payments
from backend.people import services as people
from backend.registers import bundles
from backend.reviews import services as reviews
from config import clock as calendar
from config.clock import FixedCalendar
from config.database import transaction
from config.errors import Conflict, NotFound
from config.settings import Settings
from learning_records.evidence import log
from learning_records.verify import Report, verify
from tests.cast import enterprises as companies
from tests.cast.claims import Class, Office, a_class, an_office, hours, submitted_claim
from tests.cast.claims import learn as credited
from tests.cast.payments import pay_after_notice
from tests.cast.plans import a_long_course, a_person
from tests.console.browser import Browser
from tests.study.phones import Learner, a_learner
from tests.study.test_quizzes import finished, opened

LESSON_SECONDS = 3 * 2_700  # of a course of eight lessons
LESSONS_A_DAY = 3


@dataclass(frozen=True)
class Paid:
    """A class whose first worker learned 24 class hours and whose second learned one lesson; the claim is paid."""

    group: Class
    claim: ClaimView
    first: Learner
    second: Learner


def learn(learner: Learner, course: CourseView, *, lessons: int) -> None:
    """Check in each day and learn so many lessons, 30 beats a post."""
    learner.batch = 30
    for place, lesson in enumerate(course.lessons[:lessons]):
        if place % LESSONS_A_DAY == 0:
            learner.clock.set(f"2020-03-{3 + place // LESSONS_A_DAY:02}T09:00:00+08:00")
            learner.sign_in_for_the_day()
        learner.watch(lesson, LESSON_SECONDS)


@pytest.fixture
def paid(app: Flask, clock: FixedCalendar) -> Paid:
    office, course = an_office(), a_long_course()
    persons = [a_person(1), a_person(2, "李小红")]
    group = a_class(persons, office, course=course)
    first, second = (a_learner(clock, person.worker_id, group.class_id) for person in persons)
    learn(first, course, lessons=8)
    finished(first.worker_id, opened(first.worker_id, class_id=group.class_id), right=True)
    clock.set("2020-03-10T09:00:00+08:00")
    learn_once(second, course)
    claim = submitted_claim(group.plan)
    pay_after_notice(claim, office, clock)
    return Paid(group, claim, first, second)


def learn_once(learner: Learner, course: CourseView) -> None:
    learner.batch = 30
    learner.sign_in_for_the_day()
    learner.watch(course.lessons[0], LESSON_SECONDS)


def checked(data: bytes) -> Report:
    """What the verifier says, with the log's own keys pinned."""
    return verify(io.BytesIO(data), keys=log.verifier_keys())


def packed(plan: bundles.BundlePlan) -> bytes:
    log.sequence()
    into = io.BytesIO()
    bundles.write_bundle(plan, into)
    return into.getvalue()


def manifest(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        found: dict[str, Any] = json.loads(bundle.read("manifest.json"))
    return found


def test_a_claim_proves_hours_and_money_to_agent_and_reviewer_and_names_nobody(app: Flask, paid: Paid) -> None:
    agent = Browser(app)
    agent.sign_in("agent.1", companies.PASSWORD)
    home = f"/enterprise/{paid.group.enterprise.public_id}/claims/{paid.claim.claim_id}"
    assert f"{home}/evidence.zip" in agent.get(home).get_data(as_text=True)
    answer = agent.get(f"{home}/evidence.zip")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    report = checked(answer.data)
    assert report.findings == []
    totals = report.totals()
    assert (totals["class_hours"], totals["amount_fen"]) == (24, 44_400)
    assert totals["drawn_seconds"] == 24 * 2_700
    assert report.kinds["session"] == 8
    assert {"claim", "certificate", "notice", "review", "payment", "transfer"} <= set(report.kinds)
    assert not {note.code for note in report.notes} & {"CLAIM_UNPAID", "LINES_UNPAID", "UNCERTIFIED"}

    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        everything = b"".join(bundle.read(name) for name in bundle.namelist()).decode()
    for person in paid.group.persons:
        assert person.name not in everything
        assert person.id_number not in everything
    assert manifest(answer.data)["people"] == {str(paid.first.person): "王*明", str(paid.second.person): "李*红"}

    reviewer = Browser(app)
    reviewer.sign_in("reviewer", companies.PASSWORD)
    seen = reviewer.get(f"/reviewer/claims/{paid.claim.claim_id}/evidence.zip")
    assert manifest(seen.data)["records"] == manifest(answer.data)["records"]

    other = companies.an_enterprise("无锡新区电子有限公司", serial=7)
    stranger = Browser(app)
    stranger.sign_in("agent.7", companies.PASSWORD)
    address = f"/enterprise/{other.public_id}/claims/{paid.claim.claim_id}/evidence.zip"
    assert stranger.get(address).status_code == 404


def test_what_was_cut_noticed_and_claimed_back_of_a_claim_goes_with_it(app: Flask, clock: FixedCalendar) -> None:
    office = an_office()
    group = a_class([a_person(1), a_person(2, "李小红")], office)
    for person in group.persons:
        credited(person, group.class_id, hours(24))
    claim = submitted_claim(group.plan)
    kept, cut = claim.lines
    why = "抽查发现由他人代学。"
    transaction(
        lambda: reviews.adjust_line(
            claim_id=claim.claim_id,
            line_id=cut.line_id,
            class_hours=0,
            reason=why,
            clause="四.5",
            staff=office.reviewer,
        )
    )
    pay_after_notice(claim, office, clock)
    _claim_back(kept, office, why)

    data = packed(bundles.claim_bundle(claim_id=claim.claim_id))
    kinds = Counter(entry["kind"] for entry in manifest(data)["records"])
    assert {kind: kinds[kind] for kind in ("claim", "adjustment", "certificate", "notice", "payment")} == {
        "claim": 1,
        "adjustment": 1,
        "certificate": 2,
        "notice": 1,
        "payment": 1,
    }
    assert (kinds["recovery"], kinds["recovery_receipt"]) == (1, 1)
    assert kinds["transfer"] == 2 + 2 + 1 + 1  # deposits, holds, the release of the cut, the settlement
    assert kinds["review"] == 1 + 1 + 2 + 2  # plan, cut, two of the claim, two of the recovery
    # The time here comes from no phone; of the money nothing is doubted.
    doubted = {finding.code for finding in checked(data).findings}
    assert not doubted & {"ADJUSTMENT_OTHER", "NOTICE_OTHER", "PAYMENT_OTHER", "REVIEW_OTHER", "RECOVERY_OTHER"}
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert "追回：100.00元" in bundle.read("summary.txt").decode()


def _claim_back(line: ClaimLineView, office: Office, why: str) -> None:
    """Demand 100 yuan of a paid line by two persons; 40 of them come."""
    made = transaction(
        lambda: payments.demand_recovery(
            subject_ref=line.line_id, reason=why, clause="四.5", staff=office.cashier, amount_fen=10_000
        )
    )
    transaction(
        lambda: payments.decide_recovery(
            recovery_id=made.recovery_id, approve=True, reason=why, clause="四.5", staff=office.releaser
        )
    )
    transaction(
        lambda: payments.receive_recovery(
            recovery_id=made.recovery_id,
            amount_fen=4_000,
            received_on=calendar.today(),
            voucher="20200401-0001",
            staff=office.cashier,
        )
    )


def test_reports_workers_and_sessions_take_out_their_own_and_nothing_else(
    app: Flask, paid: Paid, tmp_path: Path
) -> None:
    _, secret = transaction(
        lambda: people.create_api_key(
            subject_kind="enterprise", subject_id=paid.group.enterprise.public_id, name="人事系统"
        )
    )

    def ask(days: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {secret}"}
        return app.test_client().get(f"/api/v1/partner/evidence?{days}", headers=headers)

    whole, one_day = checked(ask("").data), checked(ask("from=2020-03-10&to=2020-03-10").data)
    assert whole.findings == one_day.findings == []
    assert (whole.kinds["session"], one_day.kinds["session"]) == (9, 1)
    assert list(one_day.people) == [str(paid.second.person)]
    assert ask("from=2020-04-01").status_code == 404

    mine = packed(bundles.worker_bundle(worker_id=paid.first.worker_id))
    report = checked(mine)
    assert report.findings == []
    assert list(report.people) == [str(paid.first.person)]
    assert (report.kinds["session"], report.kinds["quiz"]) == (8, 1)
    assert str(paid.second.person) not in json.dumps(manifest(mine))

    last = paid.first.session_id
    report = checked(packed(bundles.own_session_bundle(worker_id=paid.first.worker_id, session_id=last)))
    assert report.findings == []
    assert report.totals()["recounted_seconds"] == LESSON_SECONDS
    for worker_id, session_id in ((paid.second.worker_id, last), (paid.first.worker_id, uuid4())):
        with pytest.raises(NotFound, match="没有找到这次学习"):
            bundles.own_session_bundle(worker_id=worker_id, session_id=session_id)

    wanted = {
        "claim": paid.claim.claim_id,
        "worker": people.worker_view(paid.first.worker_id).public_id,
        "report": paid.group.enterprise.public_id,
        "session": last,
    }
    runner = app.test_cli_runner()
    for kind, public_id in wanted.items():
        out = tmp_path / f"{kind}.zip"
        done = runner.invoke(args=["evidence", "bundle", kind, str(public_id), "--out", str(out)])
        assert done.exit_code == 0, done.output
        assert checked(out.read_bytes()).findings == []
    refused = runner.invoke(args=["evidence", "bundle", "claim", str(uuid4()), "--out", str(tmp_path / "none.zip")])
    assert refused.exit_code == 1
    assert not (tmp_path / "none.zip").exists()


def test_while_the_log_refuses_to_go_on_what_it_signed_is_still_handed_out(
    app: Flask, paid: Paid, settings: Settings, tmp_path: Path
) -> None:
    log.sequence()
    (kept,) = settings.log_dir.iterdir()
    kept.write_bytes(b"nobody can read this")
    agent = Browser(app)
    agent.sign_in("agent.1", companies.PASSWORD)
    home = f"/enterprise/{paid.group.enterprise.public_id}/claims/{paid.claim.claim_id}"
    answer = agent.get(f"{home}/evidence.zip")
    assert answer.status_code == 200
    assert checked(answer.data).findings == []
    out = tmp_path / "claim.zip"
    done = app.test_cli_runner().invoke(
        args=["evidence", "bundle", "claim", str(paid.claim.claim_id), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output


def test_a_session_still_open_has_no_bundle(app: Flask, clock: FixedCalendar) -> None:
    person, course = a_person(1), a_long_course()
    learner = a_learner(clock, person.worker_id)
    learner.begin(course.lessons[0])
    with pytest.raises(Conflict) as refused:
        bundles.own_session_bundle(worker_id=person.worker_id, session_id=learner.session_id)
    assert refused.value.code == "SESSION_STILL_OPEN"
