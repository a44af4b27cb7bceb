"""``flask evidence audit``: is everything still as it was sealed and signed, and if not, which row differs first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
from flask.cli import with_appcontext

from backend.certificates import services as certificates
from backend.claims import services as claims
from backend.credit_bank import services as credit_bank
from backend.enterprises import services as enterprises
from backend.imports import services as imports
from backend.new_hires import services as new_hires
from backend.notices import services as notices
from backend.payments import services as payments
from backend.plans import services as plans
from backend.reviews import services as reviews
from backend.study import services as study
from commands import auditing
from learning_records.evidence.audit import Recount, RowSource

SOURCES = (
    *auditing.SOURCES,
    RowSource(("quiz",), study.sealed_quizzes, study.count_sealed_quizzes),
    RowSource(("appeal",), study.sealed_appeals, study.count_sealed_appeals),
    RowSource(("import", "attested"), study.sealed_imports, study.count_sealed_imports),
    RowSource(("import_batch",), imports.sealed_rows, imports.count_sealed_rows),
    RowSource(("transfer",), credit_bank.sealed_rows, credit_bank.count_sealed_rows, old_table="transfer"),
    RowSource(("report",), study.sealed_reports, study.count_sealed_reports),
    RowSource(("certificate",), certificates.sealed_rows, certificates.count_sealed_rows),
    RowSource(("amendment",), plans.sealed_rows, plans.count_sealed_rows),
    RowSource(("new_hire",), new_hires.sealed_rows, new_hires.count_sealed_rows),
    RowSource(("new_hire_log",), new_hires.sealed_logs, new_hires.count_sealed_logs),
    RowSource(("new_hire_answer",), new_hires.sealed_answers, new_hires.count_sealed_answers),
    RowSource(("new_hire_check",), new_hires.sealed_checks, new_hires.count_sealed_checks),
    RowSource(("claim",), claims.sealed_rows, claims.count_sealed_rows, old_table="subsidy_claim"),
    RowSource(("adjustment",), claims.sealed_adjustments, claims.count_sealed_adjustments),
    RowSource(("bank_account",), enterprises.sealed_accounts, enterprises.count_sealed_accounts),
    RowSource(("notice",), notices.sealed_rows, notices.count_sealed_rows),
    RowSource(("redating",), notices.sealed_redatings, notices.count_sealed_redatings),
    RowSource(("review",), reviews.sealed_rows, reviews.count_sealed_rows, old_table="review"),
    RowSource(("payment",), payments.sealed_rows, payments.count_sealed_rows, old_table="fund_entry"),
    RowSource(("allotment",), payments.sealed_allotments, payments.count_sealed_allotments),
    RowSource(("recovery",), payments.sealed_recoveries, payments.count_sealed_recoveries),
    RowSource(("recovery_receipt",), payments.sealed_receipts, payments.count_sealed_receipts),
)
"""Every table of which records are sealed. A slice that seals decisions adds its line."""


def _books(advance: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    yield from (("credit bank", problem) for problem in credit_bank.discrepancies())
    advance(1)


RECOUNTS = (
    *auditing.RECOUNTS,
    Recount("banked time", study.count_banked, study.banking_problems),
    Recount("deposits", credit_bank.count_deposits, study.deposit_problems),
    Recount("claim lines", claims.count_sealed_rows, claims.line_problems),
    Recount("decisions", reviews.count_decided, reviews.decision_problems),
    Recount("adjustments", claims.count_sealed_adjustments, reviews.adjustment_problems),
    Recount("amendments", plans.count_sealed_rows, reviews.amendment_problems),
    Recount("certificates", certificates.count_sealed_rows, reviews.certificate_problems),
    Recount("new hires", reviews.count_new_hires, reviews.new_hire_problems),
    Recount("payments", claims.count_sealed_rows, payments.payment_problems),
    Recount("notices", notices.count_sealed_rows, notices.notice_problems),
    Recount("objections and disputes", reviews.count_answered, reviews.answer_problems),
    Recount("books", lambda: 1, _books),
)
"""What follows from those rows and is kept beside them."""


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
def audit_command(as_json: bool) -> None:
    """Re-derive the log from the tables; hold tiles, checkpoints and every sealed row against it.

    Names the first row that differs. Exit 0 when all agrees, 1 when something differs, 2 when it could not be done.
    """
    auditing.run(SOURCES, RECOUNTS, as_json=as_json)
