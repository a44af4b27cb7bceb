"""Whether a new hire was trained as confirmed, and which entries of a training log may be written. Pure (二(一), 四.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.new_hires.rules import CONTENTS, FORMS
from backend.policies.rules import Policy
from config.errors import Conflict, Invalid

MOST_WORDS = 500


@dataclass(frozen=True)
class TrainingFacts:
    """What is known of a new hire's training: seconds of the declared form that count, and the contents they were of.

    ``contents_done`` is None for online training, whose lessons carry topics of their own.
    """

    form: str
    seconds: int
    contents: tuple[str, ...]
    contents_done: tuple[str, ...] | None


@dataclass(frozen=True)
class TrainingFinding:
    """Whether it is enough, the seconds needed, and why in sentences."""

    enough: bool
    needed_seconds: int
    sentences: tuple[str, ...]


def needed_seconds(policy: Policy) -> int:
    """How much training the check asks for."""
    return policy.new_hire.minimum_class_hours * policy.class_hour.seconds


def judge_training(facts: TrainingFacts, policy: Policy) -> TrainingFinding:
    """Enough time decides; a confirmed content that no entry names is said, not refused (as domain reference A28)."""
    needed = needed_seconds(policy)
    enough = facts.seconds >= needed
    done = f"{FORMS[facts.form]}已记录{facts.seconds // 60}分钟，要求{needed // 60}分钟"
    said = [f"{done}。" if enough else f"{done}，还差{-(-(needed - facts.seconds) // 60)}分钟。"]
    if facts.contents_done is not None:
        missing = [CONTENTS[item] for item in facts.contents if item not in facts.contents_done]
        if missing:
            said.append(f"还没有记录的培训内容：{'、'.join(missing)}。")
    return TrainingFinding(enough, needed, tuple(said))


def due_on(paid_on: date, policy: Policy) -> date:
    """The last day of the training, after the advance was paid."""
    return paid_on + timedelta(days=policy.new_hire.training_within_days)


def check_entry(
    *,
    trained_on: date,
    minutes: int,
    content: str,
    words: str,
    today: date,
    hired_on: date,
    last_on: date | None,
    allowed: Sequence[str],
    minutes_that_day: int,
    policy: Policy,
) -> str:
    """The words of a log entry, trimmed. ``minutes_that_day`` are those the person's log has of that day already.

    Raises ``Invalid`` LOG_DAY_INVALID, LOG_TOO_LATE, LOG_MINUTES_INVALID, LOG_DAY_FULL, LOG_CONTENT_INVALID, LOG_WORDS_INVALID.
    """
    words = words.strip()
    if not hired_on <= trained_on <= today:
        raise Invalid("LOG_DAY_INVALID", "培训日期应在入职之后，且不能晚于今天。")
    if last_on is not None and trained_on > last_on:
        raise Invalid("LOG_DAY_INVALID", f"岗前培训应在{last_on.isoformat()}之前完成，这一天已经超过。")
    if (today - trained_on).days > policy.new_hire.log_within_days:
        raise Invalid("LOG_TOO_LATE", f"请在培训后{policy.new_hire.log_within_days}天内记录，过期不能补记。")
    most = policy.new_hire.log_minutes_a_day
    if not 1 <= minutes <= most:
        raise Invalid("LOG_MINUTES_INVALID", f"培训时长应为1至{most}分钟。")
    if minutes_that_day + minutes > most:
        left = max(0, most - minutes_that_day)
        raise Invalid("LOG_DAY_FULL", f"每天最多记{most}分钟，这一天已记{minutes_that_day}分钟，最多还能记{left}分钟。")
    if content not in allowed:
        named = "、".join(CONTENTS[item] for item in allowed)
        raise Invalid("LOG_CONTENT_INVALID", f"请从确认的培训内容中选择：{named}。")
    if not 4 <= len(words) <= MOST_WORDS:
        raise Invalid("LOG_WORDS_INVALID", f"请写明学了什么，4至{MOST_WORDS}个字。")
    return words


def require_trainable(status: str) -> None:
    """Raises ``Conflict`` TRAINING_CLOSED once the training was checked or the application fell through."""
    if status not in ("held", "payable", "paid"):
        raise Conflict("TRAINING_CLOSED", "这份岗前培训已经结束核查或申请未通过，不能再记录。")
