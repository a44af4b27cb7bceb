"""How a command serves an application on this machine: gunicorn with one process, and jobs in a thread beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from gunicorn.app.base import BaseApplication

from commands.jobs import Job, schedule

HOST = "127.0.0.1"
_OPTIONS = {
    "workers": 1,
    "worker_class": "gthread",
    "threads": 8,
    "keepalive": 75,
    "timeout": 120,
    "graceful_timeout": 5,
    "loglevel": "warning",
    "control_socket_disable": True,
}


class _Server(BaseApplication):  # type: ignore[misc]
    """One process and threads, so that SQLite has one writer and a settable calendar one owner."""

    def __init__(self, build: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._build = build
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._build()


def serve_until_stopped(build: Callable[[], Flask], *, host: str, port: int, **hooks: Callable[..., None]) -> None:
    """Serve what ``build`` makes in the serving process, until interrupted. ``hooks`` are gunicorn's."""
    _Server(build, {**_OPTIONS, "bind": f"{host}:{port}", **hooks}).run()


def in_background(app: Flask, jobs: Sequence[Job]) -> BackgroundScheduler:
    """Run ``jobs`` by real time in a thread of this process, until the process ends or the scheduler is shut down."""
    scheduler = BackgroundScheduler(timezone="UTC")
    schedule(app, scheduler, jobs)
    scheduler.start()
    return scheduler
