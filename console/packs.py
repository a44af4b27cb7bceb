"""申领材料: the documents of clause 三 of one claim as a ZIP, for whoever may see them in full. Every download is audited."""

from __future__ import annotations

import uuid
from functools import partial

from flask import url_for
from flask.typing import ResponseReturnValue

from backend.certificates.services import CertificateView
from backend.registers import pack
from config.database import transaction
from console import access
from learning_records.evidence import log
from wire.addresses import public_address
from wire.downloads import ZIP, written


def claim_pack(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Make the documents, note who asked, send them."""
    log.catch_up()
    make = partial(pack.claim_pack, claim_id=claim_id, actor=access.actor(), address_of=_address_of)
    made = transaction(make)
    return written(partial(pack.write_pack, made), made.file_name, ZIP)


def _address_of(shown: CertificateView) -> str:
    return public_address(url_for("public.certificate", code=shown.code))
