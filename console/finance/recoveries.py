"""Money asked back: the cases that wait, what was demanded by two persons, and what came back."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.payments import services as payments
from backend.registers import services as registers
from backend.reviews import services as reviews
from console import access, words
from console.finance.door import blueprint, fen_of
from console.forms import Form


@blueprint.get("/recoveries")
def recoveries() -> ResponseReturnValue:
    """Open recoveries first, and decided cases for which nothing was asked back yet."""
    return render_template("finance/recoveries.html", recoveries=payments.recoveries(), due=payments.recoveries_due())


@blueprint.get("/recoveries/lines/<uuid:line_id>")
def recoverable(line_id: uuid.UUID) -> ResponseReturnValue:
    """What was paid for one line, and the form to ask it back."""
    due = next((case for case in payments.recoveries_due() if case.subject_ref == line_id), None)
    given = {"reason": due.reason, "clause": due.clause} if due is not None else {"clause": "四.5"}
    return _line_page(line_id, Form(given=given))


@blueprint.post("/recoveries/lines/<uuid:line_id>")
def demand_recovery(line_id: uuid.UUID) -> ResponseReturnValue:
    """Propose to ask money back; without an amount, all of it."""
    form = Form(request.form)
    amount_fen = None if form.blank("amount") else fen_of(form, "amount", "追回金额")
    reason = form.text("reason", "理由", limit=500)
    made = form.submit(
        lambda: payments.demand_recovery(
            subject_ref=line_id, amount_fen=amount_fen, reason=reason, clause=form["clause"], staff=access.staff()
        )
    )
    if made is None:
        return _line_page(line_id, form), form.status
    flash("追回已发起，请由另一位人员确认。")
    return redirect(url_for(".recovery", recovery_id=made.recovery_id))


@blueprint.get("/recoveries/<uuid:recovery_id>")
def recovery(recovery_id: uuid.UUID) -> ResponseReturnValue:
    """One recovery with its decisions and what came back."""
    return _page(recovery_id, Form(given={"clause": "四.5"}))


@blueprint.post("/recoveries/<uuid:recovery_id>/decision")
def decide_recovery(recovery_id: uuid.UUID) -> ResponseReturnValue:
    """The second person demands the money or refuses to."""
    form = Form(request.form)
    decision = form.choice("decision", "办理意见", ("approve", "reject"))
    reason = form.text("reason", "理由", limit=500, required=False)
    decided = form.submit(
        lambda: payments.decide_recovery(
            recovery_id=recovery_id,
            approve=decision == "approve",
            reason=reason,
            clause=form["clause"],
            staff=access.staff(),
        )
    )
    if decided is None:
        return _page(recovery_id, form), form.status
    flash(f"已办理，这笔追回目前是“{decided.status_words}”。")
    return redirect(url_for(".recovery", recovery_id=recovery_id))


@blueprint.post("/recoveries/<uuid:recovery_id>/receipts")
def receive_recovery(recovery_id: uuid.UUID) -> ResponseReturnValue:
    """Note money that came back."""
    form = Form(request.form)
    amount_fen = fen_of(form, "amount", "退回金额")
    received_on = form.day("received_on", "到账日期")
    voucher = form.text("voucher", "收款回单号", limit=60)
    received = form.submit(
        lambda: payments.receive_recovery(
            recovery_id=recovery_id,
            amount_fen=amount_fen,
            received_on=received_on,
            voucher=voucher,
            staff=access.staff(),
        )
    )
    if received is None:
        return _page(recovery_id, form), form.status
    flash(f"已登记退回 {words.yuan(received.amount_fen)}。")
    return redirect(url_for(".recovery", recovery_id=recovery_id))


def _line_page(line_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "finance/recoverable.html", row=registers.payment_of(line_id), form=form, clauses=reviews.CLAUSES
    )


def _page(recovery_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "finance/recovery.html",
        recovery=payments.recovery_view(recovery_id),
        receipts=payments.receipts(recovery_id),
        history=reviews.history(subject="recovery", subject_id=recovery_id),
        form=form,
        clauses=reviews.CLAUSES,
    )
