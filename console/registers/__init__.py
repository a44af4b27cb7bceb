"""Registers (台账) and performance figures for those who keep and supervise the books; read-only, as XLSX, PDF, CSV."""

from __future__ import annotations

from datetime import date

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from backend.policies import services as policies
from backend.registers import books, performance, tables
from backend.registers.replay import ReplayReport, replay
from backend.registers.services import reconcile_payments
from backend.registers.tables import Register
from config import clock
from config.errors import Invalid, NotFound
from console import access
from console.forms import Form
from learning_records.evidence import log
from wire.downloads import attachment
from wire.sheets import CSV, XLSX

blueprint = access.console_blueprint(
    "registers", __name__, prefix="/registers", roles=("reviewer", "second_reviewer", "cashier", "bureau")
)
_PDF = "application/pdf"
_SHOWN = 200


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """Every register, and whether the books of money and seconds agree."""
    return _overview(None)


@blueprint.post("/replay")
def replay_payments() -> ResponseReturnValue:
    """Every payment worked out again from the evidence log; the first difference is named."""
    log.catch_up()
    return _overview(replay())


@blueprint.get("/<key>")
def register(key: str) -> ResponseReturnValue:
    """One register: its first rows, its totals, its files."""
    return render_template("registers/register.html", register=_book(key), shown=_SHOWN, query={})


@blueprint.get("/<key>/file.<ending>")
def register_file(key: str, ending: str) -> ResponseReturnValue:
    """The whole register as a file."""
    return _file(_book(key), ending)


@blueprint.get("/performance/<by>")
def performance_page(by: str) -> ResponseReturnValue:
    """Performance figures of a period."""
    form = _period()
    starts_on, ends_on = _days(form)
    found = form.submit(lambda: _performance(by, starts_on, ends_on))
    query = {"starts_on": form["starts_on"], "ends_on": form["ends_on"]}
    return render_template(
        "registers/performance.html", register=found, by=by, kinds=performance.BY, form=form, shown=_SHOWN, query=query
    ), form.status if form.refused else 200


@blueprint.get("/performance/<by>/file.<ending>")
def performance_file(by: str, ending: str) -> ResponseReturnValue:
    """The same figures as a file."""
    form = _period()
    starts_on, ends_on = _days(form)
    if form.refused:
        raise Invalid("PERIOD_INVALID", "请填写正确的起止日期。")
    return _file(_performance(by, starts_on, ends_on), ending)


def _overview(report: ReplayReport | None) -> str:
    return render_template(
        "registers/overview.html",
        titles=books.TITLES,
        by=performance.BY,
        reconciliation=reconcile_payments(),
        report=report,
    )


def _book(key: str) -> Register:
    if key not in books.BOOKS:
        raise NotFound("REGISTER_UNKNOWN", "没有这种台账，请从列表重新打开。")
    return books.BOOKS[key]()


def _performance(by: str, starts_on: date, ends_on: date) -> Register:
    chosen = next((known for known in performance.BY if known == by), None)
    if chosen is None:
        raise NotFound("REGISTER_UNKNOWN", "没有这种统计，请从列表重新打开。")
    return performance.performance_register(by=chosen, starts_on=starts_on, ends_on=ends_on)


def _period() -> Form:
    """The days asked for, or from the first day of the policy to today."""
    first: date = policies.current().effective.starts_on
    given = {"starts_on": first.isoformat(), "ends_on": clock.today().isoformat()}
    return Form(request.args or None, given=given)


def _days(form: Form) -> tuple[date, date]:
    return form.day("starts_on", "起始日期"), form.day("ends_on", "截止日期")


def _file(register: Register, ending: str) -> ResponseReturnValue:
    office, at = current_app.config["SETTINGS"].office_contact, clock.now()
    made = {
        "xlsx": lambda: (tables.as_workbook(register, office=office, at=at), XLSX),
        "pdf": lambda: (tables.as_pdf(register, office=office, at=at), _PDF),
        "csv": lambda: (tables.as_csv(register), CSV),
    }
    if ending not in made:
        raise NotFound("FILE_KIND_UNKNOWN", "台账可以导出为 Excel、PDF 或 CSV。")
    content, mimetype = made[ending]()
    return attachment(content, f"{register.title}.{ending}", mimetype)
