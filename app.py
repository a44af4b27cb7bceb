"""The one place that knows every part: settings are read here and handed down, and doors are hung.

``create_app()`` builds the whole house; ``create_records_app()`` the records floor alone. Flask finds this file by itself.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider
from flask_migrate import Migrate
from sqlalchemy import text

import console
import demonstration
import miniprogram_api
import partner_api
from backend.courses import services as courses
from backend.people import services as people
from backend.policies import services as policies
from commands import courses as course_commands
from commands import evidence as evidence_commands
from commands import jobs as job_commands
from commands import lists as list_commands
from commands import platforms as platform_commands
from commands import policies as policy_commands
from commands import records as record_commands
from commands import registers as register_commands
from commands import retention as retention_commands
from commands import rosters as roster_commands
from config import blobs, clock, crypto, database, logs
from config.settings import Settings, load
from demonstration import serve
from learning_records import http as records_door
from learning_records.evidence import log as evidence_log
from learning_records.evidence.notes import Signer
from miniprogram_api import outbox
from wire import api as wire_api
from wire import pages, problems, requests

MIGRATIONS = Path(__file__).with_name("migrations")
COMMANDS = (
    policy_commands.policies,
    roster_commands.rosters,
    course_commands.courses,
    platform_commands.platforms,
    list_commands.lists,
    evidence_commands.evidence,
    retention_commands.retention_commands,
    register_commands.registers,
    job_commands.jobs,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product as one WSGI application."""
    settings = settings or load()
    app = _foundation(settings)
    people.configure(cheap_passwords=settings.cheap_passwords)
    policies.configure(policy_id=settings.policy_id, directory=settings.policies_dir)
    courses.configure(media_dir=settings.media_dir)
    api = wire_api.create_api(app)
    problems.register(app)
    miniprogram_api.configure(settings)
    for door in (*miniprogram_api.blueprints, *partner_api.blueprints, *records_door.blueprints):
        api.register_blueprint(door)
    console.configure(app, settings)
    for page in (*console.blueprints, pages.blueprint):
        app.register_blueprint(page)
    messages = job_commands.Job("send messages", 60, outbox.send_due_messages, in_transaction=False)
    job_commands.hand_over(app, *job_commands.JOBS, messages)
    if settings.demonstration:
        demonstration.install(app)
    for command in (*COMMANDS, serve.commands(create_app)):
        app.cli.add_command(command)
    return app


def create_records_app(settings: Settings | None = None) -> Flask:
    """The records floor alone: no plan, no claim, no yuan."""
    app = _foundation(settings or load())
    api = wire_api.create_api(app)
    problems.register(app)
    for door in records_door.blueprints:
        api.register_blueprint(door)
    app.register_blueprint(pages.blueprint)
    job_commands.hand_over(app, job_commands.SEQUENCING)
    for command in (record_commands.commands(create_records_app), job_commands.jobs):
        app.cli.add_command(command)
    return app


def _foundation(settings: Settings) -> Flask:
    logs.configure(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    crypto.configure(
        crypto.Keys(settings.encryption_key, settings.index_key, settings.token_key, settings.signing_key),
        retired=settings.receipt_retired_keys,
    )
    blobs.configure(settings.blobs_dir)
    signing = [settings.log_key, *([settings.log_next_key] if settings.log_next_key else [])]
    evidence_log.configure(
        origin=settings.log_origin,
        signers=[Signer(settings.log_origin, key) for key in signing],
        retired=settings.log_retired_verifiers,
        folder=settings.log_dir,
    )
    app = Flask(__name__, static_folder=None)
    if settings.demonstration:
        app.config["CALENDAR"] = clock.SteppedCalendar(settings.calendar_starts_at)
        clock.configure(app.config["CALENDAR"])
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},  # a failed statement is logged without the values in it
        MAX_CONTENT_LENGTH=settings.upload_limit_bytes,
        SETTINGS=settings,
    )
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = False
    database.db.init_app(app)
    with app.app_context():
        database.prepare_engine(database.db.engine)
    Migrate(app, database.db, directory=str(MIGRATIONS))
    requests.register(app, log_requests=settings.log_level in ("DEBUG", "INFO"))
    _health(app)
    return app


def _health(app: Flask) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        """The process is alive."""
        return Response('{"status":"ok"}', mimetype="application/json")

    @app.get("/readyz")
    def readyz() -> Response:
        """The database answers."""
        database.db.session.execute(text("SELECT 1"))
        return Response('{"status":"ready"}', mimetype="application/json")
