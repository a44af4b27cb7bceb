"""What can be paid and what it waits for; a batch from its making to the bank's return."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.payments import services as payments
from console import access
from console.finance.door import blueprint
from console.forms import Form
from wire.downloads import attachment
from wire.sheets import CSV


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """The queue with what each waits for, and the batches so far."""
    return _overview_page(Form())


@blueprint.post("/batches")
def create_batch() -> ResponseReturnValue:
    """One batch of everything due, as far as the fund goes."""
    form = Form(request.form)
    made = form.submit(lambda: payments.create_batch(staff=access.staff()))
    if made is None:
        return _overview_page(form), form.status
    flash("批次已生成，请由另一位经办人员核对后确认放款。")
    return redirect(url_for(".batch", batch_id=made.batch_id))


@blueprint.get("/batches/<uuid:batch_id>")
def batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """A batch, order by order, with what the bank returned."""
    return _batch_page(batch_id, Form())


@blueprint.post("/batches/<uuid:batch_id>/release")
def release_batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """The second person lets the batch go to the bank; pressing twice releases once."""
    form = Form(request.form)
    if form.submit(lambda: payments.release_batch(batch_id=batch_id, staff=access.staff())) is None:
        return _batch_page(batch_id, form), form.status
    flash("已确认放款，请下载银行文件交银行付款，付款后上传银行回单。")
    return redirect(url_for(".batch", batch_id=batch_id))


@blueprint.post("/batches/<uuid:batch_id>/cancel")
def cancel_batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a batch that was not released."""
    form = Form(request.form)
    if form.submit(lambda: payments.cancel_batch(batch_id=batch_id, staff=access.staff())) is None:
        return _batch_page(batch_id, form), form.status
    flash("批次已作废，其中的款项回到待拨付清单。")
    return redirect(url_for(".overview"))


@blueprint.post("/batches/<uuid:batch_id>/bank-file")
def bank_file(batch_id: uuid.UUID) -> ResponseReturnValue:
    """The order file for the bank; who takes it is noted."""
    form = Form(request.form)
    content = form.submit(lambda: payments.order_file(batch_id=batch_id, staff=access.staff()))
    if content is None:
        return _batch_page(batch_id, form), form.status
    return attachment(content, f"{payments.batch_view(batch_id).number}.csv", CSV)


@blueprint.post("/batches/<uuid:batch_id>/returns")
def take_return(batch_id: uuid.UUID) -> ResponseReturnValue:
    """Take in what the bank returned, whole or not at all."""
    form = Form(request.form)
    taken = form.submit_file(
        "return_file",
        "银行回单文件",
        request.files,
        lambda content: payments.take_return(batch_id=batch_id, content=content, staff=access.staff()),
    )
    if taken is None:
        return _batch_page(batch_id, form), form.status
    counted = f"付款成功 {taken.paid_orders} 笔，失败 {taken.failed_orders} 笔。"
    flash(f"这份回单此前已登记，没有变化：{counted}" if taken.again else f"银行回单已登记：{counted}")
    return redirect(url_for(".batch", batch_id=batch_id))


def _overview_page(form: Form) -> str:
    rows = payments.queue()
    return render_template(
        "finance/overview.html",
        queue=rows,
        ready_fen=sum(row.amount_fen for row in rows if not row.waits_for),
        funds=payments.funds(),
        batches=payments.batch_list(),
        form=form,
    )


def _batch_page(batch_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "finance/batch.html",
        batch=payments.batch_view(batch_id),
        returns=payments.returns_of(batch_id),
        form=form,
    )
