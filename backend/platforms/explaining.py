"""What a file of statements counts, explained session by session: from when to when, by which statements, and why not more.

Pure. As text for people and as JSON values for programs; instants in local time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend.platforms.statement_files import StatementFile
from config.clock import SHANGHAI, from_epoch_ms
from learning_records.sessions.services import REASONS, CountedSession, CountingRules, count_statements

UNKNOWN_PERSON = "UNKNOWN_PERSON"


@dataclass(frozen=True)
class Outcome:
    """What became of a session here: a code and a sentence. ``stored_seconds``: what of it counts for the person now."""

    code: str
    detail: str
    stored_seconds: int = 0


NOBODY = Outcome(UNKNOWN_PERSON, "没有对应到本系统的人员，只作说明，没有存入任何内容")


@dataclass(frozen=True)
class Explained:
    """A file with its sessions counted, and the statements that came twice (id and reason)."""

    file: StatementFile
    sessions: tuple[CountedSession, ...]
    repeated: tuple[tuple[str, str], ...]


def explain_statements(file: StatementFile, rules: CountingRules) -> Explained:
    """Count what the statements of a file prove by themselves."""
    sessions, repeated = count_statements(file.observations, rules)
    return Explained(file, tuple(sessions), tuple(repeated))


def totals(explained: Explained) -> dict[str, Any]:
    """The sums of a file. Every line is in ``used``, ``unused``, ``repeated`` or ``refused``."""
    lost_ms: Counter[str] = Counter()
    for session in explained.sessions:
        for span in session.spans:
            lost_ms[span.code] += span.ended_ms - span.started_ms
    return {
        "lines": explained.file.lines,
        "used": sum(len(session.played.used) for session in explained.sessions),
        "unused": dict(Counter(code for session in explained.sessions for _, code in session.played.unused)),
        "repeated": len(explained.repeated),
        "refused": dict(Counter(line.code for line in explained.file.refused)),
        "persons": len({session.played.person for session in explained.sessions}),
        "sessions": len(explained.sessions),
        "sessions_counted": sum(session.counted_ms > 0 for session in explained.sessions),
        "counted_ms": sum(session.counted_ms for session in explained.sessions),
        "uncounted_ms": dict(lost_ms),
    }


def as_values(explained: Explained, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """JSON values; ``outcomes`` in the order of the sessions."""
    return {
        "sessions": [
            _session_values(session, outcome) for session, outcome in zip(explained.sessions, outcomes, strict=True)
        ],
        "repeated": [{"statement": statement, **_said(code)} for statement, code in explained.repeated],
        "refused": [dict(line.__dict__) for line in explained.file.refused],
        "totals": totals(explained) | {"stored_seconds": sum(outcome.stored_seconds for outcome in outcomes)},
    }


def _session_values(session: CountedSession, outcome: Outcome) -> dict[str, Any]:
    played = session.played
    return {
        "session": played.session,
        "actor": played.person,
        "lesson": played.lesson,
        "from": _time(played.started_ms),
        "to": _time(played.ended_ms),
        "outcome": dict(outcome.__dict__),
        "counted_ms": session.counted_ms,
        "counted_seconds": session.counted_ms // 1000,
        "counted": [
            {
                "from": _time(part.started_ms),
                "to": _time(part.ended_ms),
                "media_from_ms": part.media_from_ms,
                "media_to_ms": part.media_to_ms,
            }
            for part in session.stretches
        ],
        "uncounted": [
            {
                "from": _time(span.started_ms),
                "to": _time(span.ended_ms),
                "ms": span.ended_ms - span.started_ms,
                **_said(span.code),
            }
            for span in session.spans
        ],
        "open_end": played.open_end,
        "used": list(played.used),
        "unused": [{"statement": statement, **_said(code)} for statement, code in played.unused],
    }


def as_text(explained: Explained, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Line by line, the sums last."""
    for session, outcome in zip(explained.sessions, outcomes, strict=True):
        yield from _session_text(session, outcome)
    for statement, code in explained.repeated:
        yield f"重复 {statement} {code} {_said(code)['detail']}"
    for line in explained.file.refused:
        yield f"拒收 第{line.line}行 {line.statement} {line.code} {line.detail}"
    sums = totals(explained)
    yield (
        f"合计 {sums['lines']}条记录：用于计时{sums['used']}条，未用{sum(sums['unused'].values())}条，"
        f"重复{sums['repeated']}条，拒收{sum(sums['refused'].values())}条"
    )
    yield (
        f"合计 {sums['persons']}人{sums['sessions']}次播放，其中{sums['sessions_counted']}次有计入，"
        f"计入{_length(sums['counted_ms'])}秒，存入{sum(outcome.stored_seconds for outcome in outcomes)}秒"
    )
    for code, lost_ms in sorted(sums["uncounted_ms"].items()):
        yield f"合计 未计入 {code} {_length(lost_ms)}秒 {_said(code)['detail']}"


def _session_text(session: CountedSession, outcome: Outcome) -> Iterator[str]:
    played = session.played
    yield (
        f"播放 {played.session or '（无编号）'} 学习者 {played.person} 课程 {played.lesson} "
        f"{_time(played.started_ms)} 至 {_time(played.ended_ms)}"
    )
    statements = f"记录{len(played.used) + len(played.unused)}条，用于计时{len(played.used)}条"
    yield f"  计入{_length(session.counted_ms)}秒；{statements}；{outcome.detail} [{outcome.code}]"
    for span in session.spans:
        lost = f"{_time(span.started_ms)} 至 {_time(span.ended_ms)} {_length(span.ended_ms - span.started_ms)}秒"
        yield f"  未计入 {lost} {span.code} {_said(span.code)['detail']}"
    for statement, code in played.unused:
        yield f"  未用 {statement} {code} {_said(code)['detail']}"
    if played.open_end:
        yield "  最后一条记录之后视频仍在播放，没有结束记录，之后的时间不计入"


def _said(code: str) -> dict[str, str]:
    return {"code": code, "detail": REASONS[code].said_for("import")[0]}


def _time(at_ms: int) -> str:
    return from_epoch_ms(at_ms).astimezone(SHANGHAI).isoformat(sep=" ", timespec="milliseconds")


def _length(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".")
