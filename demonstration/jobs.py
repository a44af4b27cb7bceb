"""The jobs of the demonstration: run at each step of the calendar, and by a background thread while it runs with real time.

The log is sequenced by real time in either case, so that what was sealed has its proof two seconds later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from commands.jobs import SEQUENCING, jobs_of, run
from commands.serving import in_background
from config import clock


def run_due() -> None:
    """Run every job whose time has come on the calendar, as the job process would have done by now."""
    last_runs: dict[str, datetime] = current_app.extensions.setdefault("demonstration_jobs", {})
    now = clock.now()
    for job in jobs_of(current_app):
        last = last_runs.get(job.name)
        due = last is None or now - last >= timedelta(seconds=job.every_seconds)
        if due and job is not SEQUENCING:
            last_runs[job.name] = now
            run(job)


def start(app: Flask, *, stepped: bool) -> BackgroundScheduler:
    """Run the jobs in this process; the demonstration has only one. A stepped calendar runs all but one at its steps."""
    return in_background(app, [SEQUENCING] if stepped else jobs_of(app))
