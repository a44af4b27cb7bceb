"""Confirming the bank account that an enterprise named (三)."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.enterprises import services as enterprises
from backend.reviews import services as reviews
from console import access
from console.forms import Form
from console.reviewer.door import blueprint, read_decision

_DECIDE = {"approve": reviews.confirm_bank_account, "reject": reviews.refuse_bank_account}


@blueprint.get("/bank-accounts/<uuid:account_id>")
def bank_account(account_id: uuid.UUID) -> ResponseReturnValue:
    """The account, without its number, and the one it would replace."""
    return _page(account_id, Form())


@blueprint.post("/bank-accounts/<uuid:account_id>/decision")
def decide_bank_account(account_id: uuid.UUID) -> ResponseReturnValue:
    """Put it to use, or not."""
    form = Form(request.form)
    decision, reason, clause = read_decision(form, tuple(_DECIDE))
    decided = form.submit(
        lambda: _DECIDE[decision](account_id=account_id, staff=access.staff(), reason=reason, clause=clause)
    )
    if decided is None:
        return _page(account_id, form), form.status
    flash(f"已办理：{decided.enterprise_name}的银行账户{decided.masked_number}，{decided.status_words}。")
    return redirect(url_for(".queue"))


def _page(account_id: uuid.UUID, form: Form) -> str:
    shown = enterprises.bank_account(account_id)
    return render_template(
        "reviewer/bank_account.html",
        shown=shown,
        active=enterprises.bank_account_of(shown.enterprise_id),
        history=reviews.history(subject="bank_account", subject_id=account_id),
        form=form,
    )
