"""My certificates: what I earned, whether it still stands, and the paper itself."""

import uuid
from typing import Any

from flask import Response
from marshmallow import fields

from backend.certificates import services as certificates_slice
from backend.certificates.services import CertificateView
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.addresses import public_address
from wire.downloads import attachment
from wire.schemas import StrictSchema

certificates = WorkerBlueprint("certificates", "我的合格证书")


class CertificateOut(StrictSchema):
    certificate_id = fields.UUID(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    status_words = fields.String(required=True)
    ended_reason = fields.String(required=True)
    name = fields.String(required=True)
    issuer = fields.String(required=True)
    class_title = fields.String(required=True)
    courses = fields.List(fields.String(), required=True)
    class_hours = fields.Integer(required=True)
    attendance_percent = fields.Integer(required=True)
    score = fields.Integer(required=True)
    issued_at = fields.DateTime(required=True)
    replaces = fields.String(required=True, allow_none=True)
    replaced_by = fields.String(required=True, allow_none=True)
    check_url = fields.String(required=True)


class CertificatesOut(StrictSchema):
    items = fields.List(fields.Nested(CertificateOut), required=True)


@certificates.get("/certificates")
@certificates.response(200, CertificatesOut)
def list_mine() -> dict[str, list[dict[str, Any]]]:
    """我的合格证书，新的在前，含已撤销和已更正的"""
    return {"items": [_shown(found) for found in certificates_slice.of_worker(caller().worker_id)]}


@certificates.get("/certificates/<uuid:certificate_id>/pdf")
@certificates.response(
    200, {"type": "string", "format": "binary"}, content_type="application/pdf", description="A4 横版，带核验二维码"
)
def paper(certificate_id: uuid.UUID) -> Response:
    """一张合格证书的 PDF"""
    found = certificates_slice.certificate(certificate_id=certificate_id, worker_id=caller().worker_id)
    content = certificates_slice.certificate_pdf(found, address=_address(found))
    return attachment(content, certificates_slice.file_name(found), "application/pdf")


def _shown(found: CertificateView) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in CertificateOut().fields if hasattr(found, name)},
        "check_url": _address(found),
    }


def _address(found: CertificateView) -> str:
    return public_address(f"/public/certificates/{found.code}")
