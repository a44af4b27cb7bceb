"""What the house may ask of payments: the queue, batches, the bank's files, the fund, recoveries. None of it commits."""

from backend.payments.bank_file import sealed as sealed_file
from backend.payments.batches import cancel_batch, create_batch, order_file, release_batch
from backend.payments.funds import (
    allotments,
    count_sealed_allotments,
    decide_allotment,
    funds,
    propose_allotment,
    sealed_allotments,
)
from backend.payments.queue import queue
from backend.payments.reading import batch_list, batch_view, batches, orders_of_claim
from backend.payments.recounting import payment_problems
from backend.payments.recoveries import (
    decide_recovery,
    demand_recovery,
    receipts,
    receive_recovery,
    recoveries,
    recoveries_due,
    recovery_view,
)
from backend.payments.returns import returns_of, take_return
from backend.payments.sealing import count_sealed_rows, sealed_rows
from backend.payments.sealing_recoveries import (
    count_sealed_receipts,
    count_sealed_recoveries,
    sealed_receipts,
    sealed_recoveries,
)
from backend.payments.views import (
    AllotmentView,
    BatchView,
    FundView,
    OrderView,
    QueueRow,
    ReceiptView,
    RecoveryDue,
    RecoveryView,
    ReturnView,
)

__all__ = [
    "AllotmentView",
    "BatchView",
    "FundView",
    "OrderView",
    "QueueRow",
    "ReceiptView",
    "RecoveryDue",
    "RecoveryView",
    "ReturnView",
    "allotments",
    "batch_list",
    "batch_view",
    "batches",
    "cancel_batch",
    "count_sealed_allotments",
    "count_sealed_receipts",
    "count_sealed_recoveries",
    "count_sealed_rows",
    "create_batch",
    "decide_allotment",
    "decide_recovery",
    "demand_recovery",
    "funds",
    "order_file",
    "orders_of_claim",
    "payment_problems",
    "propose_allotment",
    "queue",
    "receipts",
    "receive_recovery",
    "recoveries",
    "recoveries_due",
    "recovery_view",
    "release_batch",
    "returns_of",
    "sealed_allotments",
    "sealed_file",
    "sealed_receipts",
    "sealed_recoveries",
    "sealed_rows",
    "take_return",
]
