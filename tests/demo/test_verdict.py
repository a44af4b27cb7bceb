"""The verdict finds every figure that is off, and nothing where all are right."""

import dataclasses
from collections.abc import Callable

import pytest

from demo.calendar_loop import Calendar, at
from demo.cast import roles
from demo.desk import AnswerSeen, ClaimSeen, LineSeen
from demo.earned import Counted
from demo.notice import Facts, due
from demo.paying import SECOND_ACCOUNT, Paid
from demo.phone import Learner
from demo.play import HourReport, Outcome, Play
from demo.verdict import as_json, differences, totals

SECONDS = 24 * 2_700 + 600
HELD = 24 * 2_700
PAID = Paid(44_400, 44_400, 44_400, failed=1, retried_to=SECOND_ACCOUNT, replay="1 笔付款，1 人次，444.00 元")


def credit(claimable: int, held: int, settled: int) -> dict[str, int]:
    return {
        "claimable_seconds": claimable,
        "held_seconds": held,
        "settled_seconds": settled,
        "learned_seconds": SECONDS,
        "class_hours": 24,
        "credits": 1,
    }


@pytest.fixture
def play() -> Play:
    """One honest worker of 24 class hours, with every figure as it should be."""
    role = roles(20)[0]
    outcome = Outcome(
        role,
        Learner(role.key, role.person),
        Counted(SECONDS, {"c1": SECONDS}, {"c1": SECONDS}, (), ()),
        {"main": due(Facts(SECONDS, checked_in=True, quiz_passed=True, filed=True))},
        before=credit(SECONDS, 0, 0),
        held=credit(SECONDS - HELD, HELD, 0),
        after=credit(SECONDS - HELD, 0, HELD),
        claims=[{"amount_fen": 44_400}],
        center=AnswerSeen("陈*勤", True, 24, 1, 1),
        booking=AnswerSeen("陈*勤", True, 24, 1, 1),
    )
    row = {
        "masked_name": "陈*勤",
        "claimable_seconds": SECONDS,
        "learned_seconds": SECONDS,
        "evidence": [{"record_id": "r1"}],
    }
    return Play(
        "http://127.0.0.1:1",
        Calendar(at("2020-04-01T09:00"), lambda to: to),
        [role],
        lambda line: None,
        class_ids={"main": "c1"},
        outcomes=[outcome],
        claims={"main": ClaimSeen("/claims/1", (LineSeen("陈*勤", 24, 44_400),), 44_400)},
        reports={"main": HourReport([row], (SECONDS, SECONDS), (SECONDS, SECONDS))},
        noticed=[("陈*勤", 24, "444.00 元")],
        paid=PAID,
    )


def test_nothing_is_found_where_every_figure_is_right(play: Play) -> None:
    found = differences(play)

    assert found == []
    assert as_json(play, found, 1.0, 10)["ok"] is True
    assert set(totals(play).values()) == {44_400}


def _claim_too_much(play: Play) -> None:
    play.claims["main"] = ClaimSeen("/claims/1", (LineSeen("陈*勤", 25, 46_250),), 46_250)


def _forget_a_line(play: Play) -> None:
    play.claims["main"] = ClaimSeen("/claims/1", (), 44_400)


def _pay_too_little(play: Play) -> None:
    play.paid = dataclasses.replace(PAID, batch_fen=44_399)


def _lose_a_register_row(play: Play) -> None:
    play.paid = dataclasses.replace(PAID, register_fen=0)


def _pay_whom_somebody_objected_to(play: Play) -> None:
    play.outcomes[0].struck = True


def _put_a_stranger_on_notice(play: Play) -> None:
    play.noticed.append(("李*", 24, "444.00 元"))


def _pay_into_the_closed_account(play: Play) -> None:
    play.paid = dataclasses.replace(PAID, retried_to="6222021103001234567")


def _replay_otherwise(play: Play) -> None:
    play.paid = dataclasses.replace(PAID, replay="1 笔付款，1 人次，443.00 元")


def _lose_evidence(play: Play) -> None:
    play.reports["main"].rows[0]["evidence"] = []


def _differ_in_csv(play: Play) -> None:
    play.reports["main"] = dataclasses.replace(play.reports["main"], csv_sums=(SECONDS - 1, SECONDS))


def _rank_wrongly(play: Play) -> None:
    play.outcomes[0].center = AnswerSeen("陈*勤", True, 24, 1, 2)


def _lose_a_second(play: Play) -> None:
    play.outcomes[0].before["claimable_seconds"] -= 1


def _hold_nothing(play: Play) -> None:
    play.outcomes[0].held["held_seconds"] = 0


def _take_a_forged_beat(play: Play) -> None:
    play.outcomes[0].learner.oddities.append("应以 409 拒绝，实际 HTTP 200")


@pytest.mark.parametrize(
    ("spoil", "figure"),
    [
        (_claim_too_much, "合计"),
        (_forget_a_line, "一行"),
        (_pay_too_little, "拨付批次"),
        (_lose_a_register_row, "资金台账"),
        (_pay_whom_somebody_objected_to, "核销秒数"),
        (_put_a_stranger_on_notice, "名单"),
        (_pay_into_the_closed_account, "重付账户"),
        (_replay_otherwise, "从存证重算"),
        (_lose_evidence, "缺存证的行"),
        (_differ_in_csv, "CSV"),
        (_rank_wrongly, "排序"),
        (_lose_a_second, "可申领秒数"),
        (_hold_nothing, "冻结秒数"),
        (_take_a_forged_beat, "经过"),
    ],
)
def test_every_wrong_figure_is_found(play: Play, spoil: Callable[[Play], None], figure: str) -> None:
    spoil(play)

    found = differences(play)

    assert any(figure in item.figure for item in found)
    assert as_json(play, found, 1.0, 10)["ok"] is False
