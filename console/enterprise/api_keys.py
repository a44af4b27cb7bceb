"""Keys with which the enterprise's own systems pull its hour report."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.people import services as people
from config.database import transaction
from console.enterprise.door import blueprint, enterprise
from console.forms import Form


@blueprint.get("/<uuid:enterprise_id>/api-keys")
def api_keys(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The enterprise's keys, revoked ones too."""
    return _page(Form())


@blueprint.post("/<uuid:enterprise_id>/api-keys")
def create_api_key(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Make a key; its secret is on this answer and never again."""
    form = Form(request.form)
    name = form.text("name", "密钥名称", limit=100)
    made = form.submit(
        lambda: people.create_api_key(subject_kind="enterprise", subject_id=enterprise().public_id, name=name)
    )
    if made is None:
        return _page(form), form.status
    key, secret = made
    return render_template("enterprise/api_key_created.html", key=key, secret=secret), 201


@blueprint.post("/<uuid:enterprise_id>/api-keys/<uuid:key_id>/revoke")
def revoke_api_key(enterprise_id: uuid.UUID, key_id: uuid.UUID) -> ResponseReturnValue:
    """End a key at once."""
    key = transaction(
        lambda: people.revoke_api_key(public_id=key_id, subject_kind="enterprise", subject_id=enterprise().public_id)
    )
    flash(f"密钥“{key.name}”已停用，使用它的系统不能再取数。")
    return redirect(url_for(".api_keys", enterprise_id=enterprise_id))


def _page(form: Form) -> str:
    keys = people.api_keys_of(subject_kind="enterprise", subject_id=enterprise().public_id)
    return render_template("enterprise/api_keys.html", keys=keys, form=form)
