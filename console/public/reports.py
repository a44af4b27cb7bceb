"""Whether an hour report is genuine and still stands: by the QR code on it, or by dropping the file itself."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.study import services as study
from console.forms import Form
from console.public.door import blueprint
from learning_records import verify_report
from wire.downloads import attachment

VERIFIER = Path(verify_report.__file__)
LARGEST_FILE_BYTES = 60_000_000
_PIECE_BYTES = 1 << 20


@blueprint.url_value_preprocessor
def _limit_files(endpoint: str | None, values: object) -> None:
    """Before the form is read: nobody here is signed in, so what they may send is bounded tightly."""
    request.max_content_length = LARGEST_FILE_BYTES


@blueprint.get("/reports")
def report_check() -> ResponseReturnValue:
    """Where the file is dropped."""
    return render_template("public/report_check.html", form=Form())


@blueprint.post("/reports")
def find_report() -> ResponseReturnValue:
    """Whether this very file was given out. Only its SHA-256 is taken, the file is not kept."""
    form = Form(request.form)
    given = form.file("file", "学时报告文件", request.files)
    if given is None:
        return render_template("public/report_check.html", form=form), form.status
    sha256 = sha256_of(given.stream)
    found = form.ask(lambda: study.report_by_file(sha256))
    if found is None:
        return render_template("public/report_check.html", form=form), form.status
    shown, ending = found
    return render_template("public/report.html", shown=shown, same_as=ending)


@blueprint.get("/reports/verify_report.py")
def report_verifier() -> ResponseReturnValue:
    """The one file that verifies the JSON without us."""
    return attachment(VERIFIER.read_bytes(), VERIFIER.name, "text/x-python; charset=utf-8")


def sha256_of(stream: IO[bytes]) -> str:
    """The digest of an upload, read piece by piece."""
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE_BYTES):
        digest.update(piece)
    return digest.hexdigest()


@blueprint.get("/reports/<string(length=32):code>")
def report(code: str) -> ResponseReturnValue:
    """What the report adds up to, its digests, and whether it stands."""
    return render_template("public/report.html", shown=study.report_by_code(code), same_as=None)
