"""The enterprise's bank account for subsidies (三): named by one person, confirmed by a second."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.enterprises import services as enterprises
from console import access
from console.enterprise.door import blueprint, enterprise
from console.forms import Form


@blueprint.get("/<uuid:enterprise_id>/bank-account")
def bank_account(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The account in use, the one that waits for its confirmation, and those before."""
    return _page(Form(given={"holder_name": enterprise().name}))


@blueprint.post("/<uuid:enterprise_id>/bank-account")
def propose_account(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Name an account; it is used once a second person has confirmed it."""
    form = Form(request.form)
    holder_name = form.text("holder_name", "账户户名", limit=100)
    bank_name = form.text("bank_name", "开户银行", limit=100)
    number = form.text("number", "银行账号", limit=60)
    made = form.submit(
        lambda: enterprises.propose_account(
            enterprise_id=enterprise().id,
            holder_name=holder_name,
            bank_name=bank_name,
            number=number,
            staff=access.staff(),
        )
    )
    if made is None:
        return _page(form), form.status
    flash(f"账户{made.masked_number}已提交，请本企业另一位经办人或审核人员确认。")
    return redirect(url_for(".bank_account", enterprise_id=enterprise_id))


@blueprint.post("/<uuid:enterprise_id>/bank-account/<uuid:account_id>/decision")
def decide_account(enterprise_id: uuid.UUID, account_id: uuid.UUID) -> ResponseReturnValue:
    """The second person of the enterprise confirms the account that waits, or does not."""
    if enterprises.bank_account(account_id).enterprise_id != enterprise().id:
        abort(404)
    form = Form(request.form)
    decision = form.choice("decision", "确认结果", ("confirm", "refuse"))
    reason = form.text("reason", "不使用的理由", limit=500, required=decision == "refuse")
    decide = enterprises.confirm_account if decision == "confirm" else enterprises.refuse_account
    decided = form.submit(lambda: decide(account_id=account_id, staff=access.staff(), reason=reason))
    if decided is None:
        return _page(form), form.status
    flash(f"账户{decided.masked_number}：{decided.status_words}。")
    return redirect(url_for(".bank_account", enterprise_id=enterprise_id))


def _page(form: Form) -> str:
    accounts = enterprises.bank_accounts_of(enterprise().id)
    return render_template(
        "enterprise/bank_account.html",
        active=next((account for account in accounts if account.status == "active"), None),
        waiting=next((account for account in accounts if account.status == "proposed"), None),
        accounts=accounts,
        me=access.staff().id,
        form=form,
    )
