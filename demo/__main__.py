"""python -m demo: the whole job once, over HTTP, against a fresh server; exit 0 only if every figure is as it should be."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demo import calendar_loop, cast, documents, table, verdict
from demo.play import Play
from demo.serving import SERVE_COMMAND, Server, ServerCalendar
from demo.wire import Broken, Json

WORK_FOLDER = Path("var")
PLAIN_WIDTH = 160  # where the output goes to a file or a pipe, lines are as long as the table needs


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _options(arguments)
    screen = Console(stderr=bool(options.story))
    if not screen.is_terminal:
        screen.width = PLAIN_WIDTH
    roles = cast.story() if options.story else cast.roles(options.workers)
    try:
        if options.against:
            return _play(screen, options.against, roles, options)
        with Server(options.serve_command, WORK_FOLDER, keep=options.keep) as server:
            try:
                code = _play(screen, server.base_url, roles, options)
            except Broken:
                screen.print(server.log_tail(), style="dim", markup=False)
                raise
            server.keep = server.keep or code != 0
            return code
    except (Broken, OSError, HTTPException) as reason:
        screen.print(f"演示没有走完：{reason}", style="bold red", markup=False)
        return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--workers", type=int, default=cast.SMALLEST, help=f"how many workers (at least {cast.SMALLEST})"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file")
    parser.add_argument(
        "--serve-command", default=SERVE_COMMAND, help="starts the server; {port} and {data} are filled in"
    )
    parser.add_argument("--against", metavar="URL", help="a demonstration server that runs already")
    parser.add_argument("--story", action="store_true", help="only a few people; leaves the calendar running")
    parser.add_argument("--in-flight", type=int, default=2, help="how many phones wait for an answer at once (2)")
    parser.add_argument("--keep", action="store_true", help="keep the server's data folder")
    options = parser.parse_args(arguments)
    if options.workers < cast.SMALLEST:
        parser.error(f"the cast alone has {cast.SMALLEST} workers")
    return options


def _play(screen: Console, base_url: str, roles: Sequence[cast.Role], options: argparse.Namespace) -> int:
    began = time.monotonic()
    clock = ServerCalendar(base_url)
    play = Play(base_url, clock.stop(), roles, lambda line: screen.print(f"· {line}", style="dim"))
    courses = documents.make_courses(WORK_FOLDER / "courses")
    play.file_papers(courses)
    answers = {stem: right for course in courses for stem, right in course.answers().items()}
    progress = _learn(screen, play, answers, in_flight=options.in_flight)
    play.expect()
    play.claim()
    play.publish()
    play.pay()
    play.prove_claims()
    play.report_hours()
    play.ask_center()
    if options.story:
        clock.run()
    found = verdict.differences(play)
    seconds = time.monotonic() - began
    table.show(screen, play, found, seconds, progress.calls)
    if options.json:
        written: Json = verdict.as_json(play, found, seconds, progress.calls)
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 1 if found else 0


def _learn(screen: Console, play: Play, answers: documents.AnswerKey, *, in_flight: int) -> calendar_loop.Progress:
    """Let everybody learn under a progress bar: days of the calendar on the left, requests on the right."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%  {task.fields[calls]:>6} 次请求"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen) as bar:
        task = bar.add_task("学习", total=cast.ticks_of(play.roles), calls=0)

        def on_tick(progress: calendar_loop.Progress, now: int) -> None:
            if progress.ticks % 20 == 0:
                day = calendar_loop.show(now)[:16].replace("T", " ")
                bar.update(task, completed=progress.ticks, calls=progress.calls, description=f"学习 {day}")

        done = play.learn(answers, on_tick, in_flight=in_flight)
        bar.update(task, total=done.ticks, completed=done.ticks, calls=done.calls)
    return done


if __name__ == "__main__":
    sys.exit(main())
