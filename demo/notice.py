"""The notice's arithmetic (锡人社办〔2020〕10号 二(二), 三, 四.2) as the driver reads it, for comparing only."""

from dataclasses import dataclass

CLASS_HOUR_SECONDS = 2_700
LEAST_CLASS_HOURS = 24
FEN_A_CLASS_HOUR = 1_850
MOST_FEN_A_PERSON = 50_000
CLASS_HOURS_A_CREDIT = 16


@dataclass(frozen=True)
class Facts:
    """What the driver knows of one person in one enterprise's plan."""

    claimable_seconds: int
    checked_in: bool
    quiz_passed: bool
    filed: bool
    drawn_fen: int = 0


@dataclass(frozen=True)
class Due:
    """What the enterprise may claim for the person, and why."""

    class_hours: int
    amount_fen: int
    reason: str

    @property
    def held_seconds(self) -> int:
        return self.class_hours * CLASS_HOUR_SECONDS if self.amount_fen else 0


def class_hours(seconds: int) -> int:
    return seconds // CLASS_HOUR_SECONDS


def credits_of(seconds: int) -> int:
    return class_hours(seconds) // CLASS_HOURS_A_CREDIT


def due(facts: Facts) -> Due:
    """All of filing, sign-in, 24 class hours and a passed quiz are needed; then 18.50 yuan an hour up to 500."""
    hours = class_hours(facts.claimable_seconds)
    missing = []
    if not facts.filed:
        missing.append("培训计划未经审核备案")
    if not facts.checked_in:
        missing.append("没有签到")
    if hours < LEAST_CLASS_HOURS:
        missing.append(f"计入{hours}课时，不足{LEAST_CLASS_HOURS}课时")
    if not facts.quiz_passed:
        missing.append("考核未合格")
    if missing:
        return Due(hours, 0, "；".join(missing))
    full = hours * FEN_A_CLASS_HOUR
    amount = min(full, MOST_FEN_A_PERSON - facts.drawn_fen)
    reason = f"{hours}课时×18.50元"
    if amount < full:
        reason += "，按每人500元封顶"
    return Due(hours, amount, reason)


def yuan(fen: int) -> str:
    """46250 → '462.50'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
