"""Batches of beats: chain, order, replay, bad input, receipts, and the number of statements on the hot path."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from config.clock import FixedCalendar
from config.crypto import canonical_json, sha256_hex
from config.database import db
from config.errors import Conflict, DomainError, Invalid, NotFound
from learning_records.sessions import services
from learning_records.sessions.chain import beat_hash
from learning_records.sessions.services import BeatIn, CountingRules, LessonFacts
from tests.learning_records.phones import Phone, call, lesson


def _beats() -> int:
    return int(db.session.execute(sa.text("SELECT count(*) FROM beat")).scalar_one())


@given(
    session=st.uuids(),
    seq=st.integers(1, 2**53 - 1),
    position=st.integers(0, 2**53 - 1),
    prev=st.text("0123456789abcdef", min_size=64, max_size=64),
)
def test_the_hash_of_a_beat_is_that_of_its_canonical_json(session: object, seq: int, position: int, prev: str) -> None:
    body = {"position_ms": position, "prev": prev, "seq": seq, "session": str(session)}
    assert beat_hash(str(session), seq, position, prev) == sha256_hex(canonical_json(body))


def test_a_gap_and_a_broken_chain_are_refused_with_what_is_expected(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(30)
    expected = [{"expected_seq": 4, "expected_prev": phone.prev}]
    for wrong in (
        [BeatIn(5, 40_000, phone.prev)],
        [BeatIn(4, 40_000, "0" * 64)],
        [BeatIn(0, 40_000, phone.prev)],
        [BeatIn(-3, 40_000, phone.prev)],
    ):
        with pytest.raises(Conflict) as conflict:
            phone.post(wrong)
        assert (conflict.value.code, conflict.value.errors) == ("SEQ_EXPECTED", expected)
    inside = [BeatIn(4, 40_000, phone.prev), BeatIn(6, 50_000, phone.prev)]
    with pytest.raises(Conflict) as conflict:
        phone.post(inside)
    assert conflict.value.errors[0]["expected_seq"] == 5
    assert _beats() == 3


def test_a_batch_may_begin_with_beats_already_known(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    clock.advance(10)
    phone.position_ms = 10_000
    phone.mark()
    phone.post(phone.kept)
    clock.advance(10)
    phone.position_ms = 20_000
    phone.mark()
    answer = phone.send()
    assert (answer.accepted_seq, answer.next_seq, answer.counted_seconds) == (2, 3, 20)


def test_part_of_an_accepted_batch_gets_that_batch_answer(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(45))
    phone.play(40)
    batch = list(phone.kept)
    phone.play(10)
    clock.advance(3)
    assert phone.post(batch[:2]) == phone.answers[-1]
    with pytest.raises(Conflict, match="SEQ_EXPECTED"):
        phone.post([batch[0], batch[2]])
    with pytest.raises(Conflict, match="BEAT_CHANGED"):
        phone.post([batch[1]._replace(prev="0" * 64)])


@pytest.mark.parametrize(
    ("beats", "code"),
    [
        ([], "BATCH_SIZE"),
        ([BeatIn(number + 1, 0, "0" * 64) for number in range(201)], "BATCH_SIZE"),
        ([BeatIn(1, -1, "0" * 64)], "POSITION_OUT_OF_RANGE"),
        ([BeatIn(1, 45 * 60_000 + 1_001, "0" * 64)], "POSITION_OUT_OF_RANGE"),
    ],
)
def test_impossible_batches_are_refused_and_leave_nothing(
    app: object, clock: FixedCalendar, beats: list[BeatIn], code: str
) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    with pytest.raises(Invalid) as refused:
        phone.post(beats)
    assert refused.value.code == code
    assert refused.value.detail.endswith("。")
    assert _beats() == 0


def test_the_last_position_may_be_up_to_a_second_beyond_the_measured_end(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(1))
    phone.play(50)
    clock.advance(10.9)
    phone.position_ms = 60_900
    phone.mark()
    assert phone.send().counted_seconds == 60


def test_unknown_sessions_devices_and_lessons_are_refused(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    with pytest.raises(NotFound, match="SESSION_NOT_FOUND"):
        call(lambda: services.close_session(person_ref=uuid4(), session_id=phone.session_id))
    with pytest.raises(NotFound, match="SESSION_NOT_FOUND"):
        services.explain(person_ref=uuid4(), session_id=phone.session_id)
    for device in ("", "x" * 129):
        with pytest.raises(Invalid, match="DEVICE_INVALID"):
            services.open_session(
                person_ref=uuid4(), lesson=lesson(45), context_ref=None, device_ref=device, rules=CountingRules()
            )
    for wrong in ({"media_ms": 0}, {"kind": "song"}, {"sha256": "ab"}, {"version": 0}):
        with pytest.raises(Invalid, match="LESSON_FACTS_INVALID"):
            LessonFacts(**{**lesson(45).__dict__, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kept_budget_ms": -1},
        {"idle_ms": 1.5},
        {"idle_ms": True},
        {"version": ""},
        {"presence_after_min_ms": 0},
        {"presence_after_min_ms": 900_001},
        {"speed": 2},
    ],
)
def test_counting_rules_refuse_wrong_values(wrong: dict[str, object]) -> None:
    with pytest.raises(DomainError, match="COUNTING_RULES_INVALID"):
        CountingRules.from_dict({**CountingRules().to_dict(), **wrong})


def test_the_rules_of_the_opening_stay_with_the_session(app: object, clock: FixedCalendar) -> None:
    rules = CountingRules(version="wuxi-2020-10@abc", kept_budget_ms=1_000)
    assert CountingRules.from_dict(json.loads(json.dumps(rules.to_dict()))) == rules
    phone = Phone(clock, rules=rules)
    phone.open(lesson(45))
    phone.rules = replace(rules, version="later")
    phone.play(30)
    phone.close()
    assert services.closed_unsealed(person_ref=phone.person)[0].facts["rules"] == rules.to_dict()


def test_every_answer_carries_a_signed_receipt(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock)
    phone.open(lesson(45))
    phone.play(30)
    answer = phone.answers[-1]
    assert services.receipt_is_ours(answer.receipt)
    assert json.loads(answer.receipt.payload) == {
        "session": str(phone.session_id),
        "seq": 3,
        "chain_head": phone.prev,
        "counted_ms": 30_000,
        "server_time": "2020-03-02T01:00:30.000+00:00",
        "sealed_by": "2020-03-02T06:15:00.000+00:00",
    }
    forged = replace(answer.receipt, payload=answer.receipt.payload.replace("30000", "90000"))
    assert not services.receipt_is_ours(forged)


def test_a_batch_costs_one_select_one_insert_and_one_update(app: object, clock: FixedCalendar) -> None:
    phone = Phone(clock, batch=5)
    phone.open(lesson(45))
    phone.play(50)
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    sa.event.listen(db.engine, "before_cursor_execute", note)
    phone.play(50)
    sa.event.remove(db.engine, "before_cursor_execute", note)
    assert [verb for verb in seen if verb not in ("BEGIN", "COMMIT")] == ["SELECT", "UPDATE", "INSERT"]
