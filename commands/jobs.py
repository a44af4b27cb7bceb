"""``flask jobs``: the one process that runs what falls due. The deadlines are stored, so a missed run catches up.

Jobs are plain functions of the floors and slices; which runs how often stands here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app

from backend.certificates import services as certificates
from backend.disputes import services as disputes
from backend.new_hires import services as new_hires
from backend.people import services as people
from backend.quizzes import services as quizzes
from backend.reminders import services as reminders
from backend.retention import services as retention
from backend.reviews import services as reviews
from backend.study import services as study
from commands.imports import take_in_waiting_tables
from commands.lists import forget_superseded
from config import blobs
from config.database import transaction
from config.errors import DomainError
from learning_records import keeping
from learning_records.evidence import log
from learning_records.sessions import services as sessions

_log = structlog.get_logger("jobs")
BATCH = 200
DAY = 86_400  # seconds
REPEATED_SECONDS = 600
_said: dict[str, tuple[str, float]] = {}  # the last failure of a job, and when it was logged


@dataclass(frozen=True)
class Job:
    """Runs ``work`` every ``every_seconds``; ``work`` returns how many things it did.

    In a transaction of its own, unless the work keeps its own (``in_transaction`` False) because it asks somebody outside.
    """

    name: str
    every_seconds: int
    work: Callable[[], int]
    in_transaction: bool = True


SEQUENCING = Job("sequence the log", 2, log.sequence, in_transaction=False)
JOBS = (
    SEQUENCING,
    Job("close sessions left alone", 60, lambda: len(sessions.close_idle_sessions(limit=BATCH))),
    Job("bank sessions that closed by themselves", 60, lambda: study.bank_closed_sessions(limit=BATCH)),
    Job("close quizzes whose time is over", 60, lambda: quizzes.close_expired_attempts(limit=BATCH)),
    Job("judge tables of other platforms", 5, take_in_waiting_tables, in_transaction=False),
    Job("issue certificates that are due", 3_600, certificates.issue_due_by_itself),
    Job("check the training of new hires", 3_600, new_hires.check_due),
    Job("close notices whose days are over", 60, lambda: reviews.close_due_notices(limit=BATCH)),
    Job("hand what is overdue to a second reviewer", 3_600, disputes.escalate_overdue),
    Job("queue reminders", 300, reminders.queue_reminders, in_transaction=False),
    Job("forget expired tokens", 3_600, lambda: people.forget_expired_tokens(limit=BATCH)),
    Job("erase personal fields past their time", DAY, retention.erase_personal, in_transaction=False),
    Job("forget lists that were replaced", DAY, forget_superseded),
    Job("forget contacts after the answer", DAY, lambda: retention.erase_answered_contacts(limit=BATCH)),
    Job("remove files of destroyed evidence", 3_600, keeping.remove_files, in_transaction=False),
    Job(
        "clear files half received", 3_600, lambda: blobs.clear_unfinished(older_than_seconds=DAY), in_transaction=False
    ),
)


def hand_over(app: Flask, *jobs: Job) -> None:
    """Give ``app`` its jobs, which ``app.py`` knows: the floors' and slices' own and those of other doors."""
    app.extensions["jobs"] = jobs


def jobs_of(app: Flask) -> tuple[Job, ...]:
    """The jobs ``app.py`` handed over."""
    found: tuple[Job, ...] = app.extensions["jobs"]
    return found


def run(job: Job) -> None:
    """Run one job, again while it finds a full batch; a failure is logged and the next run tries again.

    The same failure is logged again after ``REPEATED_SECONDS`` only: the log is tried every two seconds, and what was
    written before must not be lost under it. A refusal says in one sentence what to do.
    """
    try:
        while (transaction(job.work) if job.in_transaction else job.work()) >= BATCH:
            pass
    except DomainError as refused:
        if _to_be_said(job, str(refused)):
            _log.error("job refused", job=job.name, refusal=refused.code, detail=refused.detail)
    except Exception as error:
        if _to_be_said(job, repr(error)):
            _log.error("job failed", job=job.name, exc_info=error)
    else:
        if _said.pop(job.name, None):
            _log.warning("job goes on again", job=job.name)


def _to_be_said(job: Job, failure: str) -> bool:
    """Whether this failure of the job is another one than the last, or the last was said long ago."""
    last, at = _said.get(job.name, ("", 0.0))
    if failure == last and time.monotonic() - at < REPEATED_SECONDS:
        return False
    _said[job.name] = failure, time.monotonic()
    return True


def schedule(app: Flask, scheduler: BackgroundScheduler | BlockingScheduler, jobs: Sequence[Job]) -> None:
    """Put ``jobs`` on ``scheduler``; each run has its own application context."""

    def _in_context(job: Job) -> None:
        with app.app_context():
            run(job)

    for job in jobs:
        scheduler.add_job(
            _in_context,
            "interval",
            args=[job],
            seconds=job.every_seconds,
            name=job.name,
            max_instances=1,
            coalesce=True,
        )


@click.command("jobs")
@click.option("--once", is_flag=True, help="run every job once and stop")
def jobs(once: bool) -> None:
    """Run what falls due, until stopped. Start exactly one such process."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        for job in jobs_of(app):
            run(job)
        return
    scheduler = BlockingScheduler(timezone="UTC")
    schedule(app, scheduler, jobs_of(app))
    scheduler.start()
