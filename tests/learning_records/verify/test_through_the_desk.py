"""What the whole desk makes of a worker's days, packed as the worker gets it: nothing in it is doubted."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Flask

from backend.registers import bundles
from backend.reviews import services as reviews
from backend.study import services as study
from config.clock import FixedCalendar
from config.database import transaction
from learning_records.evidence import log
from learning_records.verify import Report
from tests.cast.imports import Room, a_day, a_record, a_room, call, interval
from tests.cast.plans import a_staff
from tests.learning_records.verify.bundled import codes, verified
from tests.study.phones import Learner, a_learner
from tests.study.test_quizzes import finished, opened


def packed(plan: bundles.BundlePlan) -> Report:
    """The bundle as it is handed out, verified with the log's key."""
    log.sequence()
    into = io.BytesIO()
    bundles.write_bundle(plan, into)
    return verified(into.getvalue(), keys=log.verifier_keys())


def _from_platforms(room: Room) -> None:
    records = [
        a_record(room, lesson="甲", intervals=[interval("19:00", "19:30", 0, 1_800_000)], media_ms=3_600_000),
        a_record(
            room,
            lesson="甲",
            intervals=[interval("19:20", "19:50", 1_200_000, 3_000_000), interval("19:50", "20:00", 0, 600_000)],
            media_ms=3_600_000,
        ),
        a_record(room, lesson="乙", intervals=[interval("20:00", "20:45"), interval("23:50", "23:59")]),
        a_day(room, 4, "2020-03-06"),
        a_day(room, 8, "2020-03-07"),
    ]
    for record in records:
        call(room, record, signed=True)


def test_everything_of_a_worker_is_verified(app: Flask, clock: FixedCalendar) -> None:
    room = a_room()
    worker = room.persons[0].worker_id
    clock.set("2020-03-05T22:50:00+08:00")
    phone = a_learner(clock, worker, room.class_id)
    phone.sign_in_for_the_day()
    _over_midnight(phone, room)
    clock.set("2020-03-06T09:00:00+08:00")
    phone.sign_in_for_the_day()
    _missed_and_appealed(phone, room)
    finished(worker, opened(worker, class_id=room.class_id), right=True)
    clock.set("2020-03-08T09:00:00+08:00")
    _from_platforms(room)
    report = packed(bundles.worker_bundle(worker_id=worker))
    assert codes(report) == []
    assert {"session", "quiz", "appeal", "import", "attested", "transfer", "review"} <= set(report.kinds)
    assert len(report.people) == 1
    period = packed(bundles.report_bundle(enterprise_id=room.enterprise.id))
    assert codes(period) == []
    assert period.totals()["recounted_seconds"] == report.totals()["recounted_seconds"]


def _over_midnight(phone: Learner, room: Room) -> None:
    phone.begin(room.course.lessons[0])
    phone.play(8_100)
    phone.finish()


def _missed_and_appealed(phone: Learner, room: Room) -> UUID:
    phone.answers_checks = False
    phone.begin(room.course.lessons[1])
    phone.play(1_800)
    session = phone.finish().session_id
    phone.answers_checks = True
    case = transaction(
        lambda: study.appeal(worker_id=phone.worker_id, session_id=session, reason="当时在看，手机卡住了")
    )
    reviewer = a_staff("appeals", "reviewer")
    transaction(
        lambda: reviews.decide_appeal(
            appeal_id=case.appeal.appeal_id,
            staff=reviewer,
            approve=True,
            reason="核对设备日志，情况属实",
            clause="四.2",
        )
    )
    phone.watch(room.course.lessons[1], 8_100)
    return session
