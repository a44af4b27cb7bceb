"""Keys with which other systems call us: one page for whoever may hold one, an enterprise or a training center."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from backend.people import services as people
from config.database import transaction
from console.forms import Form


@dataclass(frozen=True)
class Holder:
    """Whose keys these are, and what the page says of them. ``address`` is the page itself."""

    subject_kind: str
    subject_id: uuid.UUID
    address: str
    layout: str
    purpose: str
    example: str
    call: str


def show(holder: Holder, form: Form | None = None, **shown: Any) -> str:
    """The holder's keys, revoked ones too, and the form for a new one."""
    keys = people.api_keys_of(subject_kind=holder.subject_kind, subject_id=holder.subject_id)
    return render_template("api_keys.html", holder=holder, keys=keys, form=form or Form(), **shown)


def create(holder: Holder, **shown: Any) -> ResponseReturnValue:
    """Make a key; its secret is on this answer and never again."""
    form = Form(request.form)
    name = form.text("name", "密钥名称", limit=100)
    made = form.submit(
        lambda: people.create_api_key(subject_kind=holder.subject_kind, subject_id=holder.subject_id, name=name)
    )
    if made is None:
        return show(holder, form, **shown), form.status
    key, secret = made
    return render_template("api_key_created.html", holder=holder, key=key, secret=secret, **shown), 201


def revoke(holder: Holder, key_id: uuid.UUID) -> ResponseReturnValue:
    """End a key at once."""
    key = transaction(
        lambda: people.revoke_api_key(public_id=key_id, subject_kind=holder.subject_kind, subject_id=holder.subject_id)
    )
    flash(f"密钥“{key.name}”已停用，使用它的系统不能再调用。")
    return redirect(holder.address)
