"""From counted stretches to whole seconds: check-ins, the lesson's progress, completeness and its allowance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning_records.sessions.coverage import length, uncovered
from learning_records.sessions.rules import CountingRules, Interval, Piece, Stretch, day_start_ms, local_day, split_at


def complete(covered_ms: int, media_ms: int, rules: CountingRules) -> bool:
    """Whether enough of the media is covered (98 % by default) for the lesson to be complete."""
    return covered_ms * 1000 >= media_ms * rules.complete_per_mille


def pieces_of(stretches: tuple[Stretch, ...], check_ins: Mapping[int, int]) -> tuple[Piece, ...]:
    """Stretches as pieces, cut at local midnight and at the check-in of their day.

    ``check_ins`` maps a local day to the instant of its check-in. Only wall time from that instant on is under the
    check-in (counting.md, "check-in"): the rest is learned, never claimable.
    """
    pieces: list[Piece] = []
    for stretch in stretches:
        rest: Stretch | None = stretch
        while rest is not None:
            day = local_day(rest.started_ms)
            today, rest = split_at(rest, day_start_ms(day + 1))
            assert today is not None
            before, after = split_at(today, check_ins.get(day, day_start_ms(day + 1)))
            pieces += [Piece(*part, under) for part, under in ((before, False), (after, True)) if part is not None]
    return tuple(pieces)


@dataclass(frozen=True)
class Progress:
    """What a person has of one lesson, over all closed sessions. Sums in ms; remainders below a second wait here."""

    coverage: tuple[Interval, ...] = ()
    counted_ms: int = 0
    checked_in_ms: int = 0
    learned_rest_ms: int = 0
    checked_in_rest_ms: int = 0
    completed: bool = False
    allowance_ms: int = 0


@dataclass(frozen=True)
class Earned:
    """What closing a session earns in whole seconds, beside the new progress.

    The allowance is the separate, named rest of a completed lesson, given once a lesson;
    ``allowance_checked_in_seconds`` is 0 unless the lesson's time up to then was under check-ins too.
    """

    progress: Progress
    learned_seconds: int
    checked_in_seconds: int
    completed: bool
    allowance_ms: int
    allowance_seconds: int
    allowance_checked_in_seconds: int


def earn(
    progress: Progress,
    coverage: tuple[Interval, ...],
    pieces: tuple[Piece, ...],
    media_ms: int,
    rules: CountingRules,
    *,
    may_complete: bool = True,
) -> Earned:
    """Add a session's pieces to the lesson's progress. ``may_complete`` is False while another session of it is open.

    ``coverage`` is the lesson's covered media with this session's pieces in it. Deposits are whole seconds, the remainder
    stays with the progress; at 98 % the missing rest is the allowance (counting.md, "lesson complete").
    """
    counted = sum(piece.counted_ms for piece in pieces)
    checked_in = sum(piece.counted_ms for piece in pieces if piece.under_check_in)
    learned_seconds, learned_rest = divmod(progress.learned_rest_ms + counted, 1000)
    checked_in_seconds, checked_in_rest = divmod(progress.checked_in_rest_ms + checked_in, 1000)
    checked_in_total = progress.checked_in_ms + checked_in
    missing_ms = length(uncovered(coverage, 0, media_ms))
    completed = may_complete and not progress.completed and complete(media_ms - missing_ms, media_ms, rules)
    allowance_ms = allowance_seconds = allowance_checked_in_seconds = 0
    if completed:
        allowance_ms = missing_ms
        # The waiting remainders join the allowance, so that a lesson of whole seconds comes out whole.
        allowance_seconds, learned_rest = divmod(learned_rest + missing_ms, 1000)
        if complete(checked_in_total, media_ms, rules):
            allowance_checked_in_seconds, checked_in_rest = divmod(checked_in_rest + missing_ms, 1000)
        coverage = (Interval(0, media_ms),)
    after = Progress(
        coverage,
        progress.counted_ms + counted,
        checked_in_total,
        learned_rest,
        checked_in_rest,
        progress.completed or completed,
        progress.allowance_ms + allowance_ms,
    )
    return Earned(
        after,
        learned_seconds,
        checked_in_seconds,
        completed,
        allowance_ms,
        allowance_seconds,
        allowance_checked_in_seconds,
    )
