"""``flask --app app:create_records_app records serve``: the records floor alone, with its log and its sequencer."""

from __future__ import annotations

from collections.abc import Callable

import click
import flask_migrate
from flask import Flask
from flask.cli import with_appcontext

from commands import log as log_commands
from commands.auditing import audit_records
from commands.jobs import jobs_of
from commands.receipts import follow
from commands.serving import HOST, in_background, serve_until_stopped
from config import clock
from config.database import db, transaction
from learning_records.evidence import log
from learning_records.evidence import services as evidence
from learning_records.evidence.log import LogRefused
from learning_records.evidence.sequencer import configured

STARTED = "log_started"


def commands(create_records_app: Callable[[], Flask]) -> click.Group:
    """The group ``records``; ``app.py`` gives the application's builder."""

    @click.group()
    def records() -> None:
        """The records floor alone: its evidence log, served and followed."""

    @records.command()
    @click.option("--host", default=HOST, show_default=True, help="address to listen on")
    @click.option("--port", default=8000, show_default=True, help="port of the web server")
    @with_appcontext
    def serve(host: str, port: int) -> None:
        """Migrate the records, then serve the log under /log/ and sequence it, until interrupted."""
        flask_migrate.upgrade(revision="records@head")
        begin_log()
        db.session.remove()
        db.engine.dispose()  # the serving process opens connections of its own

        def build() -> Flask:
            app = create_records_app()
            in_background(app, jobs_of(app))
            return app

        def say_where(_: object) -> None:
            address = f"http://{host}:{port}"
            click.echo(f"存证日志 {address}/log/checkpoint   接口说明 {address}/api-docs   按 Ctrl+C 停止")

        serve_until_stopped(build, host=host, port=port, when_ready=say_where)

    for command in (audit_records, follow, log_commands.restart_log, log_commands.keep_checkpoint):
        records.add_command(command)
    return records


def begin_log() -> None:
    """Let a log that has nothing yet begin with a record of when it started and by which keys: then it has a checkpoint.

    Where the log refuses to go on, that is said, and what was signed is served all the same.
    """
    try:
        log.sequence()
        if log.latest_checkpoint() is None:
            transaction(_seal_start)
            log.sequence()
    except LogRefused as refused:
        click.echo(refused.detail, err=True)


def _seal_start() -> None:
    origin = configured().origin
    body = {"at_ms": clock.epoch_ms(clock.now()), "origin": origin, "verifiers": log.verifier_keys()}
    evidence.seal(kind=STARTED, subject=origin, body=body)
