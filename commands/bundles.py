"""``flask evidence bundle``: pack a session, a worker, an hour report or a claim for the offline verifier."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click
from flask.cli import with_appcontext

from backend.enterprises import services as enterprises
from backend.people import services as people
from backend.registers import bundles
from backend.registers.bundles import BundlePlan
from config.errors import DomainError, NotFound
from learning_records.evidence import log


def _worker(public_id: UUID) -> BundlePlan:
    worker_id = people.find_by_public_id(public_id)
    if worker_id is None:
        raise NotFound("WORKER_UNKNOWN", "没有找到这名劳动者，请核对编号。")
    return bundles.worker_bundle(worker_id=worker_id)


_CHOOSE: dict[str, Callable[[UUID], BundlePlan]] = {
    "session": lambda public_id: bundles.session_bundle(session_id=public_id),
    "worker": _worker,
    "report": lambda public_id: bundles.report_bundle(enterprise_id=enterprises.get_enterprise(public_id).id),
    "claim": lambda public_id: bundles.claim_bundle(claim_id=public_id),
}


@click.command("bundle")
@click.argument("kind", type=click.Choice(list(_CHOOSE)))
@click.argument("public_id", type=click.UUID)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="where the ZIP goes")
@with_appcontext
def bundle(kind: str, public_id: UUID, out: Path) -> None:
    """Pack the evidence under PUBLIC_ID: a session, a worker, an enterprise's hour report, or a claim."""
    try:
        log.catch_up()
        plan = _CHOOSE[kind](public_id)
        with tempfile.TemporaryFile() as packed:  # a refusal half-way leaves nothing behind, nor over an older bundle
            bundles.write_bundle(plan, packed)
            packed.seek(0)
            with out.open("wb") as file:
                shutil.copyfileobj(packed, file)
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    click.echo(f"{out}：{plan.title}，{len(plan.record_ids)}份存证")
