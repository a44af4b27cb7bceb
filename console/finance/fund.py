"""The fund: its figures, and the allotments that two persons put into it."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.payments import services as payments
from console import access
from console.finance.door import blueprint, fen_of
from console.forms import Form


@blueprint.get("/fund")
def fund() -> ResponseReturnValue:
    """What is in the fund, and who put it there."""
    return _page(Form())


@blueprint.post("/fund/allotments")
def propose_allotment() -> ResponseReturnValue:
    """Propose that money is put into the fund, or taken out of it."""
    form = Form(request.form)
    name = form.choice("fund", "专账", [known.name for known in payments.funds()])
    amount_fen = fen_of(form, "amount", "金额")
    document = form.text("document", "预算文件", limit=100)
    note = form.text("note", "说明", required=False)
    made = form.submit(
        lambda: payments.propose_allotment(
            fund=name, amount_fen=amount_fen, document=document, note=note, staff=access.staff()
        )
    )
    if made is None:
        return _page(form), form.status
    flash("预算已登记，请由另一位人员确认后入账。")
    return redirect(url_for(".fund"))


@blueprint.post("/fund/allotments/<uuid:allotment_id>/decision")
def decide_allotment(allotment_id: uuid.UUID) -> ResponseReturnValue:
    """The second person confirms or refuses."""
    form = Form(request.form)
    decision = form.choice("decision", "办理意见", ("confirm", "refuse"))
    decided = form.submit(
        lambda: payments.decide_allotment(
            allotment_id=allotment_id, confirm=decision == "confirm", staff=access.staff()
        )
    )
    if decided is None:
        return _page(form), form.status
    flash(f"预算{decided.status_words}。")
    return redirect(url_for(".fund"))


def _page(form: Form) -> str:
    return render_template("finance/fund.html", funds=payments.funds(), allotments=payments.allotments(), form=form)
