"""The job that judges the rows of platforms' tables; ``flask platforms import-table``, ``signing-key``, ``end-signing-key``.

A table is read outside transactions, some rows at a time taken in within one: the writer's turn is never held while a file is
read, and what was taken in stays when the process dies.
"""

from __future__ import annotations

import base64
import binascii
from functools import partial
from pathlib import Path
from uuid import UUID

import click
import structlog
from flask.cli import with_appcontext

from backend.imports import services as imports
from backend.imports.services import BatchView
from backend.plans import services as plans
from backend.platforms import services as platforms
from config.database import transaction
from config.errors import Conflict, DomainError, Invalid
from wire.sheets import csv_chunks, xlsx_chunks

ROWS_AT_ONCE = 200
ACTOR = "terminal"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_log = structlog.get_logger("imports")


def take_in_waiting_tables() -> int:
    """Judge every table that waits, from the row it had come to; how many rows were judged.

    One that fails for no reason of its own is logged and left for the next run, and holds up no other.
    """
    judged = 0
    for batch_id in imports.waiting_batches():
        try:
            judged += take_in_table(batch_id)
        except Exception as error:
            _log.error("left for later", batch=str(batch_id), exc_info=error)
    return judged


def take_in_table(batch_id: UUID) -> int:
    """Judge one table that waits to its end; how many rows were judged."""
    judged, failure = 0, ""
    try:
        for rows in imports.read_on(batch_id=batch_id, rows_at_once=ROWS_AT_ONCE):
            transaction(partial(imports.take_in_rows, batch_id=batch_id, rows=rows))
            judged += len(rows)
    except Conflict:
        return judged  # another process finished it meanwhile
    except DomainError as refusal:
        failure = refusal.detail
    transaction(partial(imports.finish, batch_id=batch_id, failure=failure))
    return judged


@click.command("import-table")
@click.argument("file", type=_FILE)
@click.option("--platform", "code", required=True, help="Code of the platform that the records come from.")
@click.option("--class-code", required=True, help="Code of the class that they are for.")
@click.option("--paper", "papers", type=_FILE, multiple=True, required=True, help="The platform's stamped paper.")
@click.option(
    "--result", type=click.Path(dir_okay=False, path_type=Path), help="Give the table back here (.csv, .xlsx)."
)
@with_appcontext
def import_table(file: Path, code: str, class_code: str, papers: tuple[Path, ...], result: Path | None) -> None:
    """Take in the table FILE (.xlsx or .csv) of a platform, row by row. Exit 1 when it could not be read to its end."""
    if result is not None and result.suffix not in (".csv", ".xlsx"):
        raise click.UsageError("--result takes a name that ends in .csv or .xlsx")
    try:
        batch = _received(file, code, class_code, papers)
    except DomainError as error:
        raise click.ClickException(f"{error.detail} [{error.code}]") from error
    take_in_table(batch.batch_id)
    done = imports.batch_of_enterprise(enterprise_id=batch.enterprise_id, batch_id=batch.batch_id)
    click.echo(f"已收录{done.taken}行，以前已收录{done.same}行，未收录{done.refused}行，计入{done.learned_seconds}秒")
    for count in imports.code_counts(batch_row_id=done.id):
        click.echo(f"    {count.code}（{imports.CODE_WORDS.get(count.code, '')}）：{count.rows}行")
    click.echo(f"批次 {done.batch_id}，存证 {done.record_id}")
    if result is not None:
        _give_back(done, result)
    if done.failure:
        raise click.ClickException(done.failure)


def _received(file: Path, code: str, class_code: str, papers: tuple[Path, ...]) -> BatchView:
    view = plans.class_of_code(class_code)
    with file.open("rb") as source:
        kept = imports.keep_table(name=file.name, source=source)
    received = []
    for paper in papers:
        with paper.open("rb") as source:
            received.append(imports.keep_paper(name=paper.name, source=source))
    return transaction(
        lambda: imports.receive_table(
            enterprise_id=view.enterprise_id,
            class_id=view.class_id,
            platform_code=code,
            kept=kept,
            papers=received,
            actor=ACTOR,
        )
    )


def _give_back(batch: BatchView, result: Path) -> None:
    headings, lines = imports.result_table(batch)
    chunks = csv_chunks(headings, lines) if result.suffix == ".csv" else xlsx_chunks("核对结果", headings, lines)
    with result.open("wb") as written:
        written.writelines(chunks)


@click.command("signing-key")
@click.argument("code")
@click.argument("public_key")
@with_appcontext
def signing_key(code: str, public_key: str) -> None:
    """Register PUBLIC_KEY (Ed25519, 32 bytes in Base64) with which the platform CODE signs its statements; print its id."""
    try:
        key = transaction(
            lambda: imports.register_signing_key(
                platform=platforms.find_platform(code), public_key=_decoded(public_key), actor=ACTOR
            )
        )
    except DomainError as error:
        raise click.ClickException(f"{error.detail} [{error.code}]") from error
    click.echo(str(key.key_id))


@click.command("end-signing-key")
@click.argument("code")
@click.argument("key_id", type=click.UUID)
@with_appcontext
def end_signing_key(code: str, key_id: UUID) -> None:
    """Let the key KEY_ID of the platform CODE sign nothing from now on."""
    try:
        transaction(lambda: imports.end_signing_key(platform=platforms.find_platform(code), key_id=key_id, actor=ACTOR))
    except DomainError as error:
        raise click.ClickException(f"{error.detail} [{error.code}]") from error


def _decoded(public_key: str) -> bytes:
    try:
        return base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("SIGNING_KEY_INVALID", "公钥应为Base64。") from None
