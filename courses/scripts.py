"""The script of a video: slides, the points that appear on them, and what the narrator says meanwhile.

    == Heading of a slide
    A line is one thing said.
    * A point that appears, and stays
    What is said about it.
    ! A point to remember, set in a box

Lines before the first heading are said over the title. Reading time follows from the number of characters.
"""

from __future__ import annotations

from dataclasses import dataclass

POINTS_A_SLIDE = 5
SAID_AT_ONCE = 72  # characters: what fits two lines under a slide
SCENE_STEP_MS = 1000
SCENE_LEAST_MS = 3000
MS_A_CHARACTER = 185
BREAKS_AFTER = "。！？；，、："


class ScriptError(Exception):
    """A script that cannot be set; the message names the line."""


@dataclass(frozen=True)
class Point:
    """One point on a slide; ``boxed`` points are the ones to remember."""

    text: str
    boxed: bool


@dataclass(frozen=True)
class Scene:
    """What is on the screen while one thing is said. ``active`` is the index of the point being spoken of, -1 for none."""

    heading: str
    points: tuple[Point, ...]
    active: int
    said: str
    ms: int


def scene_ms(said: str) -> int:
    """How long a sentence stays, in milliseconds: whole seconds, never under three."""
    wanted = max(SCENE_LEAST_MS, 800 + MS_A_CHARACTER * len(said))
    return -(-wanted // SCENE_STEP_MS) * SCENE_STEP_MS


def split_said(text: str) -> list[str]:
    """Cut a long sentence at its punctuation, so that each part fits under a slide."""
    parts: list[str] = []
    while len(text) > SAID_AT_ONCE:
        half = text[:SAID_AT_ONCE]
        cut = max((half.rfind(mark) for mark in BREAKS_AFTER), default=-1)
        if cut < SAID_AT_ONCE // 3:
            cut = SAID_AT_ONCE - 1
        parts.append(text[: cut + 1])
        text = text[cut + 1 :].lstrip()
    return [*parts, text]


def parse(text: str) -> list[Scene]:
    """Read a script. Raises ``ScriptError`` when a slide has no words, or more points than fit."""
    scenes: list[Scene] = []
    heading, points = "", list[Point]()
    for number, line in enumerate((raw.strip() for raw in text.splitlines()), start=1):
        if not line:
            continue
        if line.startswith("== "):
            heading, points = line[3:].strip(), []
        elif line.startswith(("* ", "! ")):
            points.append(Point(line[2:].strip(), boxed=line[0] == "!"))
            if not heading or len(points) > POINTS_A_SLIDE:
                raise ScriptError(f"line {number}: a slide needs a heading and holds {POINTS_A_SLIDE} points at most")
        else:
            scenes += [
                Scene(heading, tuple(points), len(points) - 1, part, scene_ms(part)) for part in split_said(line)
            ]
    if not scenes:
        raise ScriptError("nothing is said in this script")
    return scenes


def captions(scenes: list[Scene]) -> str:
    """The WebVTT captions of a video made from these scenes."""
    cues, at = ["WEBVTT", ""], 0
    for scene in scenes:
        cues += [f"{_stamp(at)} --> {_stamp(at + scene.ms)}", scene.said, ""]
        at += scene.ms
    return "\n".join(cues)


def _stamp(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
