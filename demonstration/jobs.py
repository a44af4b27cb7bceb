"""The jobs of the demonstration: run at each step of the calendar, and by a background thread while it runs with real time."""

from __future__ import annotations

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from commands.jobs import jobs_of, run, schedule


def run_due() -> None:
    """Run every job once, as the job process would have done by now."""
    for job in jobs_of(current_app):
        run(job)


def start(app: Flask) -> BackgroundScheduler:
    """Run the jobs in this process; the demonstration has only one."""
    scheduler = BackgroundScheduler(timezone="UTC")
    schedule(app, scheduler)
    scheduler.start()
    return scheduler
