"""Pages of the cashier: approved claims into a batch, released by a second person, and the register of what was paid."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.payments import services as payments
from backend.registers import services as registers
from console import access
from console.finance.register_file import workbook
from console.forms import Form
from wire.downloads import attachment
from wire.sheets import XLSX

blueprint = access.console_blueprint("finance", __name__, prefix="/finance", roles=("cashier",))


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """What can be paid, and the batches so far."""
    return _overview_page(Form())


@blueprint.post("/batches")
def create_batch() -> ResponseReturnValue:
    """One batch of everything payable."""
    form = Form(request.form)
    made = form.submit(lambda: payments.create_batch(staff=access.staff()))
    if made is None:
        return _overview_page(form), form.status
    flash("批次已生成，请由另一位经办人员核对后确认付款。")
    return redirect(url_for(".batch", batch_id=made.batch_id))


@blueprint.get("/batches/<uuid:batch_id>")
def batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """A batch, order by order."""
    return render_template("finance/batch.html", batch=payments.batch_view(batch_id), form=Form())


@blueprint.post("/batches/<uuid:batch_id>/pay")
def pay_batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """Release the batch; pressing twice pays once."""
    form = Form(request.form)
    paid = form.submit(lambda: payments.pay_batch(batch_id=batch_id, staff=access.staff()))
    if paid is None:
        return render_template("finance/batch.html", batch=payments.batch_view(batch_id), form=form), form.status
    flash("已确认付款，冻结的学时已核销，并已登记台账。")
    return redirect(url_for(".batch", batch_id=batch_id))


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """The register of payments, and whether the books agree with it."""
    return render_template(
        "finance/register.html",
        register=registers.payments_register(),
        reconciliation=registers.reconcile_payments(),
    )


@blueprint.get("/register.xlsx")
def register_download() -> ResponseReturnValue:
    """The register as a workbook."""
    return attachment(workbook(registers.payments_register()), "线上培训补贴资金发放台账.xlsx", XLSX)


def _overview_page(form: Form) -> str:
    return render_template(
        "finance/overview.html", payable=payments.payable_claims(), batches=payments.batches(), form=form
    )
