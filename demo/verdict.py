"""Every figure of the system beside what the driver worked out; each difference in words."""

from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass

from demo.desk import ClaimSeen, LineSeen, fen
from demo.notice import class_hours, credits_of, yuan
from demo.paying import SECOND_ACCOUNT
from demo.people import masked
from demo.play import Outcome, Play
from demo.wire import Json


@dataclass(frozen=True)
class Difference:
    who: str
    figure: str
    expected: object
    system: object

    def __str__(self) -> str:
        return f"{self.who} · {self.figure}：应为 {self.expected}，系统为 {self.system}"


def differences(play: Play) -> list[Difference]:
    found = [item for outcome in play.outcomes for item in _of_person(outcome)]
    for key in play.claims:
        found += _of_claim(play, key, play.claims[key])
    found += _of_money(play)
    for key in play.proofs:
        found += _of_proof(play, key)
    for key in play.reports:
        found += _of_report(play, key)
    found += _of_counter(play)
    return [item for item in found if item.expected != item.system]


def _of_person(outcome: Outcome) -> Iterator[Difference]:
    who, counted = outcome.role.name, outcome.counted
    for oddity in (*outcome.learner.oddities, *counted.oddities):
        yield Difference(who, "经过", "如约", oddity)
    total, held = counted.claimable_total, outcome.held_seconds
    stages = (
        ("申领前", outcome.before, (total, 0, 0)),
        ("提交后", outcome.held, (total - held, held, 0)),
        ("拨付后", outcome.after, (total - outcome.settled_seconds, 0, outcome.settled_seconds)),
    )
    for stage, credit, expected in stages:
        names = ("claimable_seconds", "held_seconds", "settled_seconds")
        words = ("可申领秒数", "冻结秒数", "核销秒数")
        for name, word, value in zip(names, words, expected, strict=True):
            yield Difference(who, stage + word, value, credit.get(name))
        yield Difference(who, stage + "学习秒数", counted.learned, credit.get("learned_seconds"))
    yield Difference(who, "学习课时", class_hours(counted.learned), outcome.after.get("class_hours"))
    yield Difference(who, "学分", credits_of(counted.learned), outcome.after.get("credits"))
    yield Difference(who, "补贴金额", yuan(outcome.due_fen), yuan(outcome.system_fen))


def _of_claim(play: Play, key: str, claim: ClaimSeen) -> Iterator[Difference]:
    who = f"申领（{key}）"
    expected = Tally(
        LineSeen(masked(outcome.role.name), outcome.dues[key].class_hours, outcome.dues[key].amount_fen)
        for outcome in play.outcomes
        if key in outcome.dues
    )
    shown = Tally(claim.lines)
    for line in (expected - shown).keys() | (shown - expected).keys():
        yield Difference(who, f"{line.masked_name} 的一行", _line(line, expected), _line(line, shown))
    total = sum(line.amount_fen * number for line, number in expected.items())
    yield Difference(who, "合计", yuan(total), yuan(claim.total_fen))


def _line(line: LineSeen, lines: "Tally[LineSeen]") -> str:
    same = [other for other in lines if other.masked_name == line.masked_name]
    return "、".join(f"{other.class_hours}课时 {yuan(other.amount_fen)}×{lines[other]}" for other in same) or "没有"


def _of_money(play: Play) -> Iterator[Difference]:
    due = sum(outcome.paid_fen for outcome in play.outcomes)
    paid = play.paid
    shown = Tally(
        (masked(outcome.role.name), one.class_hours, one.amount_fen)
        for outcome in play.outcomes
        for one in outcome.dues.values()
        if one.amount_fen
    )
    noticed = Tally((name, hours, fen(amount.removesuffix("元").strip())) for name, hours, amount in play.noticed)
    yield Difference("公示", "名单", shown, noticed)
    yield Difference("资金", "退票", 1, paid.failed if paid else None)
    yield Difference("资金", "重付账户", SECOND_ACCOUNT, paid.retried_to if paid else None)
    heads = sum(
        bool(one.amount_fen) for outcome in play.outcomes if not outcome.struck for one in outcome.dues.values()
    )
    orders = sum(claim.address != "" for claim in play.claims.values())
    replayed = f"{orders} 笔付款，{heads} 人次，{yuan(due)} 元"
    yield Difference("资金", "从存证重算", replayed, paid.replay if paid else None)
    yield Difference("资金", "拨付批次", yuan(due), yuan(paid.batch_fen) if paid else None)
    yield Difference("资金", "付款单合计", yuan(due), yuan(paid.orders_fen) if paid else None)
    yield Difference("资金", "资金台账", yuan(due), yuan(paid.register_fen) if paid else None)


def _of_proof(play: Play, key: str) -> Iterator[Difference]:
    """What the verifier counted again from the beats and worked out for itself, beside what was due and what was paid."""
    who, proved = f"脱机核验（{key}）", play.proofs[key]
    for finding in proved.findings[:20]:
        yield Difference(who, "核验", "没有问题", finding)
    claimed = [outcome for outcome in play.outcomes if key in outcome.dues and outcome.dues[key].amount_fen]
    due = [outcome.dues[key] for outcome in claimed]
    paid = sum(outcome.dues[key].amount_fen for outcome in claimed if not outcome.struck)
    yield Difference(who, "结论", True, proved.ok)
    yield Difference(who, "金额", yuan(sum(one.amount_fen for one in due)), yuan(proved.amount_fen))
    yield Difference(who, "与申领金额", yuan(play.claims[key].total_fen), yuan(proved.amount_fen))
    yield Difference(who, "已拨付", yuan(paid), yuan(proved.paid_fen))
    yield Difference(who, "课时", sum(one.class_hours for one in due), proved.class_hours)
    yield Difference(who, "用去的秒数", sum(one.held_seconds for one in due), proved.drawn_seconds)


def _of_report(play: Play, key: str) -> Iterator[Difference]:
    who = f"学时报告（{key}）"
    class_id = play.class_ids[key]
    rows: dict[str, Tally[str]] = {}
    for row in play.reports[key].rows:
        person = rows.setdefault(str(row["masked_name"]), Tally())
        person["claimable"] += int(row["claimable_seconds"])
        person["learned"] += int(row["learned_seconds"])
        person["without evidence"] += not row["evidence"]
    expected: dict[str, Tally[str]] = {}
    for outcome in play.outcomes:
        if key in outcome.dues:
            person = expected.setdefault(masked(outcome.role.name), Tally())
            person["claimable"] += outcome.counted.claimable.get(class_id, 0)
            person["learned"] += outcome.counted.learned_in.get(class_id, 0)
    for name, person in expected.items():
        shown = rows.get(name, Tally())
        for figure, word in (("claimable", "可申领秒数"), ("learned", "学习秒数"), ("without evidence", "缺存证的行")):
            yield Difference(who, f"{name} {word}", person[figure], shown[figure])
    sums = (
        sum(person["claimable"] for person in expected.values()),
        sum(person["learned"] for person in expected.values()),
    )
    yield Difference(who, "CSV 合计", sums, play.reports[key].csv_sums)
    yield Difference(who, "XLSX 合计", sums, play.reports[key].xlsx_sums)


def _of_counter(play: Play) -> Iterator[Difference]:
    """The counter's order of the day: priority first, then more class hours, then who came earlier."""
    asked = [class_hours(outcome.counted.learned) for outcome in play.outcomes]
    for place, outcome in enumerate(play.outcomes):
        hours = asked[place]
        rank = 1 + sum(1 for other in asked[:place] if other >= hours)
        answer = outcome.center
        who = f"培训中心 · {outcome.role.name}"
        if answer is None:
            yield Difference(who, "回答", "有", "没有")
            continue
        yield Difference(who, "姓名", masked(outcome.role.name), answer.masked_name)
        yield Difference(who, "优先", hours >= 1, answer.has_priority)
        yield Difference(who, "课时", hours, answer.class_hours)
        yield Difference(who, "学分", credits_of(outcome.counted.learned), answer.credits)
        yield Difference(who, "排序", rank, answer.rank)
        yield Difference(who, "预约系统所见", answer, outcome.booking)


def as_json(play: Play, found: list[Difference], seconds: float, calls: int) -> Json:
    """Everything the table shows and more, for a machine."""
    return {
        "ok": not found,
        "seconds": round(seconds, 1),
        "requests": calls,
        "people": [
            {
                "key": outcome.role.key,
                "name": outcome.role.name,
                "part": outcome.role.part,
                "learned_seconds": {"expected": outcome.counted.learned, "system": outcome.after["learned_seconds"]},
                "claimable_seconds": {
                    "expected": outcome.counted.claimable_total,
                    "system": outcome.before["claimable_seconds"],
                },
                "class_hours": max(due.class_hours for due in outcome.dues.values()),
                "amount_fen": {"expected": outcome.due_fen, "system": outcome.system_fen},
                "reason": reason(outcome),
                "refused_calls": len(outcome.learner.refusals),
                "center": vars(outcome.center) if outcome.center else None,
            }
            for outcome in play.outcomes
        ],
        "totals_fen": totals(play),
        "proofs": {key: vars(proved) for key, proved in play.proofs.items()},
        "differences": [
            {"who": item.who, "figure": item.figure, "expected": str(item.expected), "system": str(item.system)}
            for item in found
        ],
    }


def totals(play: Play) -> dict[str, int]:
    return {
        "claimed": sum(claim.total_fen for claim in play.claims.values()),
        "expected": sum(outcome.paid_fen for outcome in play.outcomes),
        "paid": play.paid.batch_fen if play.paid else 0,
        "register": play.paid.register_fen if play.paid else 0,
    }


def reason(outcome: Outcome) -> str:
    """Why the person brings what they bring; of two enterprises the one that counts."""
    best = max(outcome.dues.values(), key=lambda due: (due.amount_fen, due.class_hours))
    return best.reason
