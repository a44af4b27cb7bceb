"""The jobs of the demonstration: run at each step of the calendar, and by a background thread while it runs with real time."""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from commands.jobs import jobs_of, run, schedule
from config import clock


def run_due() -> None:
    """Run every job whose time has come on the calendar, as the job process would have done by now."""
    last_runs: dict[str, datetime] = current_app.extensions.setdefault("demonstration_jobs", {})
    now = clock.now()
    for job in jobs_of(current_app):
        last = last_runs.get(job.name)
        if last is None or now - last >= timedelta(seconds=job.every_seconds):
            last_runs[job.name] = now
            run(job)


def start(app: Flask) -> BackgroundScheduler:
    """Run the jobs in this process; the demonstration has only one."""
    scheduler = BackgroundScheduler(timezone="UTC")
    schedule(app, scheduler)
    scheduler.start()
    return scheduler
