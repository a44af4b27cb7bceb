"""Disputes of workers: ``reporting`` and ending them, ``reading``, and ``escalating`` what was not answered in time."""

from __future__ import annotations

from backend.disputes.erasing import contacts_due, erase_contacts
from backend.disputes.escalating import escalate_overdue, is_escalated
from backend.disputes.reading import (
    count_disputes,
    dispute_case,
    dispute_states,
    dispute_view,
    disputed_people,
    disputes_of,
    escalated_refs,
    open_disputes,
    recoveries_due,
)
from backend.disputes.reporting import (
    add_outcomes,
    end_dispute,
    recovery_demanded,
    report_absence,
    report_misuse,
    withdraw_dispute,
)
from backend.disputes.views import DisputeCase, DisputeView, LineOutcome, OutcomeView

__all__ = [
    "DisputeCase",
    "DisputeView",
    "LineOutcome",
    "OutcomeView",
    "add_outcomes",
    "contacts_due",
    "count_disputes",
    "dispute_case",
    "dispute_states",
    "dispute_view",
    "disputed_people",
    "disputes_of",
    "end_dispute",
    "erase_contacts",
    "escalate_overdue",
    "escalated_refs",
    "is_escalated",
    "open_disputes",
    "recoveries_due",
    "recovery_demanded",
    "report_absence",
    "report_misuse",
    "withdraw_dispute",
]
