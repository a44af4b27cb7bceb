"""存证包: the evidence under a claim or an hour report, for anybody to check with the verifier, without this system."""

from __future__ import annotations

import uuid

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from backend.registers import bundles
from console import packs
from console.enterprise.claims import own_claim
from console.enterprise.door import blueprint, enterprise
from console.enterprise.reports import days_asked
from console.forms import Form
from learning_records.evidence import log
from wire.downloads import ZIP, written


@blueprint.get("/<uuid:enterprise_id>/claims/<uuid:claim_id>/evidence.zip")
def claim_bundle(enterprise_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """A claim from its sessions to its money."""
    own_claim(claim_id)
    log.catch_up()
    plan = bundles.claim_bundle(claim_id=claim_id)
    return written(lambda file: bundles.write_bundle(plan, file), plan.file_name, ZIP)


@blueprint.post("/<uuid:enterprise_id>/claims/<uuid:claim_id>/documents.zip")
def claim_pack(enterprise_id: uuid.UUID, claim_id: uuid.UUID) -> ResponseReturnValue:
    """The documents that clause 三 asks for; posted, because they name everybody and each making is noted."""
    return packs.claim_pack(own_claim(claim_id).claim_id)


@blueprint.get("/<uuid:enterprise_id>/hour-report.zip")
def report_bundle(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """What the hour report rests on; the days may be narrowed as on the page."""
    starts_on, ends_on = days_asked(Form(MultiDict(request.args)))
    log.catch_up()
    plan = bundles.report_bundle(enterprise_id=enterprise().id, starts_on=starts_on, ends_on=ends_on)
    return written(lambda file: bundles.write_bundle(plan, file), plan.file_name, ZIP)
