"""The certificates of a class: who has one, what the others lack, issuing, and taking them as files."""

from __future__ import annotations

import uuid
from functools import partial

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.certificates import services as certificates
from backend.certificates.services import CertificateView
from config.database import transaction
from console import access
from console.enterprise.door import blueprint
from console.enterprise.plans import own_plan
from wire.addresses import public_address
from wire.downloads import ZIP, attachment, written

PDF = "application/pdf"


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/certificates")
def certificate_list(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Everybody who joined the class."""
    plan = own_plan(plan_id)
    places = certificates.standings(plan.training_class.class_id)
    return render_template(
        "enterprise/certificates.html",
        plan=plan,
        places=places,
        ready=sum(place.ready for place in places),
        valid=sum(place.certificate is not None and place.certificate.status == "valid" for place in places),
    )


@blueprint.post("/<uuid:enterprise_id>/plans/<uuid:plan_id>/certificates")
def issue_certificates(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """Issue to whoever has earned one."""
    class_id = own_plan(plan_id).training_class.class_id
    issued = transaction(partial(certificates.issue_due, class_id=class_id, actor=access.actor()))
    flash(f"已核发 {len(issued)} 张合格证书。" if issued else "暂时没有可以核发的合格证书，请看各人还差什么。")
    return redirect(url_for(".certificate_list", enterprise_id=enterprise_id, plan_id=plan_id))


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/certificates.zip")
def certificate_zip(enterprise_id: uuid.UUID, plan_id: uuid.UUID) -> ResponseReturnValue:
    """The valid certificates of the class, each as PDF, in the order of the class list."""
    plan = own_plan(plan_id)
    shown = certificates.of_class(plan.training_class.class_id).values()
    in_order = sorted(shown, key=lambda certificate: certificate.enrollment_id)
    if not in_order:
        abort(404)
    write = partial(certificates.write_zip, in_order, address_of=address_of)
    return written(write, f"合格证书-{plan.fields.title}.zip".replace("/", "-"), ZIP)


@blueprint.get("/<uuid:enterprise_id>/plans/<uuid:plan_id>/certificates/<uuid:certificate_id>.pdf")
def certificate_pdf(enterprise_id: uuid.UUID, plan_id: uuid.UUID, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """One certificate of the class."""
    places = certificates.standings(own_plan(plan_id).training_class.class_id)
    shown = next(
        (
            place.certificate
            for place in places
            if place.certificate and place.certificate.certificate_id == certificate_id
        ),
        None,
    )
    if shown is None:
        abort(404)
    return as_pdf(shown)


def as_pdf(shown: CertificateView) -> ResponseReturnValue:
    """The certificate as a file."""
    content = certificates.certificate_pdf(shown, address=address_of(shown))
    return attachment(content, certificates.file_name(shown), PDF)


def address_of(shown: CertificateView) -> str:
    """What the QR code on the certificate holds."""
    return public_address(url_for("public.certificate", code=shown.code))
