"""Whether a certificate is genuine and still stands: by the QR code on it, or by its number and the name."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.certificates import services as certificates
from console import words
from console.forms import Form
from console.public.door import blueprint


@blueprint.get("/certificates")
def certificate_check() -> ResponseReturnValue:
    """The form."""
    return render_template("public/certificate_check.html", form=Form())


@blueprint.post("/certificates")
def find_certificate() -> ResponseReturnValue:
    """Look up by number and name; posted, so that no name stands in an address or a log."""
    form = Form(request.form)
    number = form.text("number", "证书编号", limit=60)
    name = form.text("name", "姓名", limit=60)
    found = form.ask(lambda: certificates.look_up(number=number, name=name))
    if found is None:
        return render_template("public/certificate_check.html", form=form), form.status
    return redirect(url_for(".certificate", code=found.code))


@blueprint.get("/certificates/<string(length=32):code>")
def certificate(code: str) -> ResponseReturnValue:
    """Every field of the certificate but the ID number, and its state now."""
    shown = certificates.by_code(code)
    return render_template("public/certificate.html", shown=shown, state=words.CERTIFICATE_STATUS[shown.status])
