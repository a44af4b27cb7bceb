"""存证包 of a claim, for the reviewer's file and for auditors."""

from __future__ import annotations

import uuid

from flask.typing import ResponseReturnValue

from backend.registers import bundles
from console import packs
from console.reviewer.door import blueprint
from learning_records.evidence import log
from wire.downloads import ZIP, written


@blueprint.get("/claims/<uuid:claim_id>/evidence.zip")
def claim_bundle(claim_id: uuid.UUID) -> ResponseReturnValue:
    """A claim from its sessions to its money."""
    log.catch_up()
    plan = bundles.claim_bundle(claim_id=claim_id)
    return written(lambda file: bundles.write_bundle(plan, file), plan.file_name, ZIP)


@blueprint.post("/claims/<uuid:claim_id>/documents.zip")
def claim_pack(claim_id: uuid.UUID) -> ResponseReturnValue:
    """The documents that clause 三 asks for; posted, because they name everybody and each making is noted."""
    return packs.claim_pack(claim_id)
