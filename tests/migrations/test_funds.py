"""An installation that paid before there were funds and bank files: what was paid stays, what was only prepared begins anew."""

from __future__ import annotations

import flask_migrate
from flask import Flask

from backend.payments import services as payments
from backend.registers import services as registers
from config.database import db
from learning_records.evidence import log
from tests.cast.claims import a_class, an_office, hours, learn, submitted_claim
from tests.cast.payments import FUND, a_batch, allotted, an_account, paid, payable
from tests.cast.plans import a_person
from tests.evidence_audit.asking import audit, value


def test_old_payments_become_items_and_an_open_batch_is_cancelled(app: Flask) -> None:
    office = an_office()
    allotted(office)
    groups = [a_class([a_person(serial)], office, serial=serial) for serial in (1, 2)]
    for group in groups:
        learn(group.persons[0], group.class_id, hours(24))
    payable(submitted_claim(groups[0].plan), office)
    before = paid(office)
    payable(submitted_claim(groups[1].plan), office)
    a_batch(office)
    register = registers.payments_register()
    db.session.remove()
    flask_migrate.downgrade(revision="desk_0012")
    assert value("SELECT COUNT(*) FROM payment_batch WHERE status = 'created'") == 1
    flask_migrate.upgrade(revision="heads")

    open_batch, old = payments.batches()
    assert (open_batch.status, {order.status for order in open_batch.orders}) == ("cancelled", {"cancelled"})
    assert (old.batch_id, old.status, old.paid_fen, old.paid_at) == (
        before.batch_id,
        "paid",
        44_400,
        before.paid_at,
    )
    (order,) = old.orders
    assert (order.payee_name, order.fund, order.people) == (groups[0].enterprise.name, FUND, 1)
    after = registers.payments_register()
    assert [(row.entry_id, row.line_id, row.amount_fen) for row in after.rows] == [
        (row.entry_id, row.line_id, row.amount_fen) for row in register.rows
    ]
    (fund,) = payments.funds()
    assert (fund.opening_fen, fund.paid_fen, fund.balance_fen) == (44_400, 44_400, 0)
    log.sequence()
    _, report = audit(app)
    assert not [one for one in report["differences"] if one["sentence"].startswith(("payment", "fund"))]

    an_account(groups[1].enterprise, office)
    allotted(office, 44_400)
    assert paid(office).paid_fen == 44_400
    assert registers.reconcile_payments().agrees
    assert payments.recoveries() == []
