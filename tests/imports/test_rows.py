"""A verdict for each row a platform sends: what is taken in and banked, what is refused and changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from backend.credit_bank import services as credit_bank
from backend.credit_bank.rules import Balance
from backend.people import services as people
from backend.study import services as study
from config.clock import FixedCalendar
from learning_records.evidence import services as evidence
from learning_records.sessions import services as sessions
from tests.cast.enterprises import id_number
from tests.cast.imports import Room, a_day, a_record, a_room, call, interval, verdict
from tests.cast.plans import a_person, on_roster

HOUR = 3_600


@pytest.fixture
def room(app: Flask, clock: FixedCalendar) -> Room:
    """An approved class on 2 March; it is 10 March, in the evening, now."""
    made = a_room([a_person(1, "王小明"), a_person(2, "赵䶮")])
    clock.set("2020-03-10T20:00:00+08:00")
    return made


def _balance(room: Room, number: int = 0) -> Balance:
    return credit_bank.balance(worker_id=room.persons[number].worker_id)


def _nothing_changed(room: Room) -> bool:
    return all(_balance(room, number) == Balance(0, 0, 0, 0) for number in range(len(room.persons)))


def test_a_good_row_is_banked_once_and_sealed(room: Room) -> None:
    record = a_record(room)
    said = verdict(room, record)
    assert (said.verdict, said.code, said.counted_seconds, said.claimable_seconds) == ("taken", "OK", HOUR, HOUR)
    assert _balance(room) == Balance(HOUR, 0, 0, HOUR)
    key = f"import:kjcxchina:{record['external_id']}:claimable"
    (traced,) = study.trace(transfer_key=key).records
    assert (traced.kind, traced.problems, traced.seconds) == ("import", (), HOUR)
    assert traced.body["person"] == str(people.learner_ref(room.persons[0].worker_id))
    assert (traced.body["grade"], traced.body["course"]) == ("imported", room.course.title)
    assert room.persons[0].id_number not in str(traced.body)
    assert room.persons[0].name not in str(traced.body)


def test_the_same_row_again_is_no_error_and_counts_nothing(room: Room) -> None:
    record = a_record(room)
    verdict(room, record)
    again = verdict(room, record)
    assert (again.verdict, again.code, again.counted_seconds) == ("same", "DUPLICATE", 0)
    assert _balance(room).learned_seconds == HOUR


def test_the_same_instants_in_another_offset_are_the_same_row(room: Room) -> None:
    record = a_record(room)
    verdict(room, record)
    elsewhere = {"started_at": "2020-03-05T01:00:00Z", "ended_at": "2020-03-05T02:00:00Z"}
    assert verdict(room, {**record, "intervals": [elsewhere]}).code == "DUPLICATE"


def test_the_same_id_with_other_content_is_refused(room: Room) -> None:
    record = a_record(room)
    verdict(room, record)
    changed = verdict(room, {**record, "intervals": [interval("09:00", "11:00")]})
    assert (changed.verdict, changed.code) == ("refused", "CHANGED")
    assert _balance(room).learned_seconds == HOUR


def test_an_id_twice_in_one_call_counts_once(room: Room) -> None:
    record = a_record(room)
    other = {**record, "intervals": [interval("12:00", "13:00")]}
    assert [said.code for said in call(room, record, record, other).verdicts] == ["OK", "DUPLICATE", "CHANGED"]
    assert _balance(room).learned_seconds == HOUR


def test_an_id_whose_first_row_was_refused_is_free_for_the_next(room: Room) -> None:
    good = a_record(room)
    bad = {**good, "intervals": [interval("10:00", "09:00")]}
    assert [said.code for said in call(room, bad, good).verdicts] == ["TIME_REVERSED", "OK"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"intervals": [interval("10:00", "09:00")]}, "TIME_REVERSED"),
        ({"intervals": [interval("09:00", "09:00")]}, "TIME_REVERSED"),
        ({"intervals": [interval("19:00", "21:00", day="2020-03-10")]}, "FUTURE"),
        ({"intervals": [interval("09:00", "10:00", day="2020-03-01")]}, "PLAN_NOT_FILED"),
        ({"intervals": [interval("08:30", "09:30", day="2020-03-02")]}, "PLAN_NOT_FILED"),
        ({"intervals": [{"started_at": "昨天", "ended_at": "2020-03-05T10:00:00+08:00"}]}, "TIME_UNREADABLE"),
        ({"intervals": [interval("09:00", "10:00", 600, 300)]}, "SECONDS_UNREADABLE"),
        ({"intervals": [interval("09:00", "10:00", 600)]}, "SECONDS_UNREADABLE"),
        ({"name": "王大明"}, "NAME_DIFFERS"),
        ({"name": "1"}, "NAME_INVALID"),
        ({"id_number": id_number(99)}, "UNKNOWN_PERSON"),
        ({"id_number": "32020019900101001"}, "ID_NUMBER_LENGTH"),
        ({"id_number": "320200199001010010"}, "ID_NUMBER_CHECK_DIGIT"),
        ({"id_number": "3.202E+17"}, "ID_NUMBER_LOST_DIGITS"),
        ({"course": "没有备案的课程"}, "UNKNOWN_COURSE"),
        ({"lesson": " "}, "LESSON_MISSING"),
        ({"external_id": "有汉字"}, "ROW_ID_INVALID"),
        ({"external_id": "a b"}, "ROW_ID_INVALID"),
        ({"external_id": f"rec-{id_number(1)}-1"}, "ROW_ID_INVALID"),
    ],
)
def test_a_refused_row_says_why_and_changes_nothing(room: Room, changes: dict[str, Any], code: str) -> None:
    said = verdict(room, a_record(room, **changes))
    assert (said.verdict, said.code, said.counted_seconds) == ("refused", code, 0)
    assert not said.detail.isascii()
    assert "王" not in said.detail
    assert _nothing_changed(room)


def test_a_long_number_that_is_nobody_s_may_be_an_id(room: Room) -> None:
    assert verdict(room, a_record(room, external_id="20200305090000123456789")).code == "OK"


def test_every_fault_of_a_row_is_told_at_once(room: Room) -> None:
    said = verdict(room, a_record(room, id_number="1", intervals=[interval("10:00", "09:00")]))
    assert said.code == "ID_NUMBER_LENGTH"
    assert "身份证号应为18位" in said.detail
    assert "结束时间不晚于开始时间" in said.detail


def test_a_refused_row_stops_no_other(room: Room) -> None:
    outcome = call(room, a_record(room, course="别的"), a_record(room), a_record(room, id_number=id_number(77)))
    assert [said.verdict for said in outcome.verdicts] == ["refused", "taken", "refused"]
    assert (outcome.batch.taken, outcome.batch.refused, outcome.batch.learned_seconds) == (1, 2, HOUR)


def test_somebody_without_a_phone_account_is_told_what_to_do_and_is_welcome_afterwards(
    app: Flask, clock: FixedCalendar
) -> None:
    room = a_room([a_person(1)])
    later = id_number(31)
    clock.set("2020-03-10T20:00:00+08:00")
    record = a_record(room, id_number=later, name="孙丽")
    assert verdict(room, record).code == "UNKNOWN_PERSON"
    person = a_person(31, "孙丽")
    on_roster(room.enterprise, [person])
    said = verdict(room, record)
    assert said.code == "NOT_IN_CLASS"
    assert "参训名单" in said.detail
    assert credit_bank.balance(worker_id=person.worker_id) == Balance(0, 0, 0, 0)


def test_who_is_on_the_list_and_has_not_joined_joins_and_the_same_row_is_taken(
    app: Flask, clock: FixedCalendar
) -> None:
    late = a_person(5, "孙丽")
    room = a_room([a_person(1), late], absent=[late])
    clock.set("2020-03-10T20:00:00+08:00")
    record = a_record(room, id_number=late.id_number, name="孙丽")
    said = verdict(room, record)
    assert said.code == "UNKNOWN_PERSON"
    assert "扫班级码" in said.detail
    room.joins(late)
    assert verdict(room, record).code == "OK"


def test_a_class_whose_plan_is_not_filed_takes_nothing_in(app: Flask, clock: FixedCalendar) -> None:
    room = a_room(filed=False)
    clock.set("2020-03-10T20:00:00+08:00")
    assert verdict(room, a_record(room)).code == "PLAN_NOT_FILED"
    assert verdict(room, a_day(room, 2), signed=True).code == "PLAN_NOT_FILED"
    assert _nothing_changed(room)


def test_a_person_of_another_enterprises_class_is_unknown_here(app: Flask, clock: FixedCalendar) -> None:
    ours, theirs = a_room([a_person(1)]), a_room([a_person(2, "孙丽")], serial=2)
    clock.set("2020-03-10T20:00:00+08:00")
    record = a_record(ours, id_number=theirs.persons[0].id_number, name="孙丽")
    assert verdict(ours, record).code == "UNKNOWN_PERSON"
    assert _nothing_changed(theirs)


def test_class_hours_of_a_day_are_learned_only_and_need_a_statement(room: Room) -> None:
    assert verdict(room, a_day(room, 2)).code == "STATEMENT_REQUIRED"
    said = verdict(room, a_day(room, 2), signed=True)
    assert (said.verdict, said.counted_seconds, said.claimable_seconds) == ("taken", 5_400, 0)
    assert _balance(room) == Balance(0, 0, 0, 5_400)


def test_no_more_than_eight_class_hours_of_a_day_are_taken_from_attested_rows(room: Room) -> None:
    first, second, third = (
        verdict(room, a_day(room, 6), signed=True),
        verdict(room, a_day(room, 6), signed=True),
        verdict(room, a_day(room, 6), signed=True),
    )
    assert (first.code, first.counted_seconds) == ("OK", 6 * 2_700)
    assert (second.code, second.counted_seconds) == ("TOO_MUCH_A_DAY", 2 * 2_700)
    assert (third.verdict, third.code) == ("refused", "TOO_MUCH_A_DAY")
    assert _balance(room).learned_seconds == 8 * 2_700


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"local_on": "2020-03-32"}, "DATE_UNREADABLE"),
        ({"local_on": "2020-03-11"}, "FUTURE"),
        ({"local_on": "2020-03-02"}, "PLAN_NOT_FILED"),  # approved at nine that day: when it was studied nobody knows
        ({"class_hours": 0}, "HOURS_UNREADABLE"),
        ({"class_hours": 25}, "HOURS_UNREADABLE"),
    ],
)
def test_a_day_that_cannot_be_right_is_refused(room: Room, changes: dict[str, Any], code: str) -> None:
    assert verdict(room, {**a_day(room, 2), **changes}, signed=True).code == code
    assert _nothing_changed(room)


def test_a_call_is_sealed_with_its_figures_and_every_row_cites_it(room: Room) -> None:
    record = a_record(room)
    outcome = call(room, record, a_record(room, course="别的"), signed=True)
    assert outcome.batch.record_id is not None
    sealed = evidence.trace(record_public_id=outcome.batch.record_id)
    assert sealed.intact
    assert sealed.kind == "import_batch"
    assert sealed.body["rows"] == {"taken": 1, "same": 0, "refused": 1}
    assert (sealed.body["platform"], sealed.body["class"]) == ("kjcxchina", str(room.class_id))
    assert len(sealed.body["papers"]) == 1
    (traced,) = study.trace(transfer_key=f"import:kjcxchina:{record['external_id']}:learned").records
    assert traced.body["batch"] == sealed.body["batch"]


def test_the_first_record_that_counts_starts_the_class_and_is_a_check_in(room: Room) -> None:
    assert study.class_began_at(class_id=room.class_id) is None
    person = room.persons[0].worker_id
    assert study.checked_in(worker_ids=[person], class_id=room.class_id) == set()
    verdict(room, a_record(room))
    began_at = study.class_began_at(class_id=room.class_id)
    assert began_at is not None
    assert began_at.isoformat() == "2020-03-05T01:00:00+00:00"
    assert study.checked_in(worker_ids=[person], class_id=room.class_id) == {person}
    assert sessions.check_ins(person_ref=people.learner_ref(person), context_ref=room.class_id) == []


def test_time_before_the_platforms_sign_in_is_learned_not_claimable(room: Room) -> None:
    said = verdict(room, a_record(room, checked_in_at="2020-03-05T09:30:00+08:00"))
    assert (said.counted_seconds, said.claimable_seconds) == (HOUR, HOUR // 2)


def test_the_same_minutes_of_a_lesson_earn_once(room: Room) -> None:
    first = verdict(room, a_record(room, intervals=[interval("09:00", "09:30", 0, 1_800_000)], media_ms=8_100_000))
    again = verdict(room, a_record(room, intervals=[interval("12:00", "12:30", 0, 1_800_000)], media_ms=8_100_000))
    more = verdict(room, a_record(room, intervals=[interval("13:00", "13:30", 900_000, 2_700_000)], media_ms=8_100_000))
    assert (first.code, first.counted_seconds) == ("OK", 1_800)
    assert (again.verdict, again.code) == ("refused", "ALREADY_COUNTED")
    assert (more.code, more.counted_seconds) == ("ALREADY_COUNTED", 900)


def test_a_lesson_of_the_plan_is_the_same_lesson_on_both_platforms(room: Room) -> None:
    other = room.from_platform("px-class")
    media = {"intervals": [interval("09:00", "09:30", 0, 1_800_000)], "media_ms": 8_100_000}
    assert verdict(room, a_record(room, **media)).counted_seconds == 1_800
    media["intervals"] = [interval("15:00", "15:30", 0, 1_800_000)]
    assert verdict(other, a_record(other, **media)).code == "ALREADY_COUNTED"
    assert _balance(room).learned_seconds == 1_800


def test_the_hour_report_and_the_trace_say_where_it_comes_from(room: Room) -> None:
    verdict(room, a_record(room, lesson="机床安全"))
    verdict(room, a_record(room, lesson="机床安全", intervals=[interval("13:00", "13:10", day="2020-03-07")]))
    day = a_day(room, 2, "2020-03-06")
    verdict(room, day, signed=True)
    where = f"技能强国-全国产业工人技能学习平台：{room.course.title}"
    rows = study.hour_report(enterprise_id=room.enterprise.id).items
    assert [(row.lesson_title, row.grade, row.claimable_seconds, row.learned_seconds) for row in rows] == [
        (f"{where} 机床安全（平台记录）", "imported", HOUR + 600, HOUR + 600),
        (f"{where}（平台证明）", "attested", 0, 5_400),
    ]
    assert (rows[0].first_on.isoformat(), rows[0].last_on.isoformat()) == ("2020-03-05", "2020-03-07")
    assert {reference.kind for reference in rows[0].evidence} == {"import"}
    within = study.hour_report(enterprise_id=room.enterprise.id, starts_on=date(2020, 3, 6), ends_on=date(2020, 3, 6))
    assert [row.grade for row in within.items] == ["attested"]
    (traced,) = study.trace(transfer_key=f"import:kjcxchina:{day['external_id']}:learned").records
    assert traced.imported is not None
    assert (traced.imported.grade, traced.imported.class_hours, str(traced.imported.local_on)) == (
        "attested",
        2,
        "2020-03-06",
    )
    assert traced.problems == ()


def test_the_command_traces_an_imported_second_back_to_the_platform(app: Flask, room: Room) -> None:
    record = a_record(room)
    verdict(room, record)
    key = f"import:kjcxchina:{record['external_id']}:claimable"
    answer = app.test_cli_runner().invoke(args=["evidence", "trace", key, "--second", "60"])
    assert answer.exit_code == 0, answer.output
    assert f"等级 imported（有起止时刻），平台编号 {record['external_id']}" in answer.output
    assert "2020-03-05 09:00:00 至 2020-03-05 10:00:00" in answer.output
    assert "该秒：2020-03-05 09:01:00" in answer.output
