"""``flask policies …``: what a policy says about one person, whether the files are sound, what a change would come to.

``explain``, ``check`` and ``notice-window`` need no database.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from backend.policies import services
from backend.policies.differences import differences
from backend.policies.rules import Decision, PersonFacts, Policy, Step, decide
from backend.policies.sentences import named_facts, yuan
from commands import policy_changes, working_days
from config import clock
from config.errors import DomainError

_MARKS = {"pass": "✓", "fail": "✗", "info": "·"}
_LARGEST = 2**53 - 1


class _PolicyId(click.ParamType[Policy]):
    """The id of a policy file."""

    name = "policy"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Policy:
        if isinstance(value, Policy):
            return value
        try:
            return services.get(str(value))
        except DomainError as error:
            self.fail(error.detail, param, ctx)


@click.group("policies")
def policies() -> None:
    """Subsidy policies: explain a decision, check and compare files, try values, count days."""


for command in (*policy_changes.COMMANDS, *working_days.COMMANDS):
    policies.add_command(command)


@policies.command("explain")
@click.option("--policy", required=True, type=_PolicyId(), help="Id of the policy, for instance wuxi-2020-10.")
@click.option("--seconds", required=True, type=click.IntRange(0, _LARGEST), help="Verified, claimable seconds.")
@click.option("--drawn-fen", default=0, type=click.IntRange(0, _LARGEST), help="Already granted to the person, in fen.")
@click.option("--class-starts-on", type=working_days.Day(), help="Day the class started.")
@click.option("--claimed-on", type=working_days.Day(), help="Day the claim was submitted.")
@click.option(
    "--enterprise-kind",
    default="ordinary",
    type=click.Choice(["ordinary", "dispatch_company", "platform_company"]),
    help="Kind of the claiming enterprise.",
)
@click.option(
    "--relation",
    default="contract",
    type=click.Choice(["contract", "dispatched_in", "platform_worker"]),
    help="Relation of the worker to the enterprise.",
)
@click.option("--quiz-failed", is_flag=True, help="The final quiz was not passed.")
@click.option("--unfiled", is_flag=True, help="The plan was not filed before training.")
@click.option("--no-check-in", is_flag=True, help="The worker never checked in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    policy: Policy,
    seconds: int,
    drawn_fen: int,
    class_starts_on: date | None,
    claimed_on: date | None,
    enterprise_kind: str,
    relation: str,
    quiz_failed: bool,
    unfiled: bool,
    no_check_in: bool,
    as_json: bool,
) -> None:
    """One person's decision, each step with its clause and a sentence."""
    facts = PersonFacts(
        seconds=seconds,
        drawn_fen=drawn_fen,
        class_starts_on=class_starts_on,
        claimed_at=clock.start_of_day(claimed_on) if claimed_on else None,
        enterprise_kind=enterprise_kind,
        relation=relation,
        filed=not unfiled,
        checked_in=not no_check_in,
        quiz_passed=not quiz_failed,
    )
    decision = decide(facts, policy)
    click.echo(_as_json(decision) if as_json else _as_text(decision))


def _as_json(decision: Decision) -> str:
    whole = decision.to_dict()
    shown = {key: whole[key] for key in ("eligible", "class_hours", "amount_fen", "steps")}
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _as_text(decision: Decision) -> str:
    lines = [f"{_MARKS[step.outcome]} {step.clause:<5}{step.sentence}{_used(step)}" for step in decision.steps]
    amount = yuan(decision.amount_fen)
    verdict = "符合条件" if decision.eligible else "不发放"
    return "\n".join(
        [*lines, f"结论：{verdict}，{decision.class_hours}课时，{amount}（政策版本 {decision.policy_version}）"]
    )


def _used(step: Step) -> str:
    """The facts under a step and the money that it set, on a line of their own."""
    amount = "" if step.amount_fen is None else f" → {yuan(step.amount_fen)}"
    return f"\n       依据：{named_facts(step.facts)}{amount}"


@policies.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Read FILES, or every policy file in place; exit 1 when one is unsound."""
    unsound = False
    for path in files or services.files():
        try:
            policy = services.read(path)
        except DomainError as error:
            unsound = True
            click.echo(f"✗ {error.detail}", err=True)
            for problem in error.errors:
                click.echo(f"    {problem['key']}：{problem['message']}", err=True)
            continue
        ours = sum(entry.default is True for entry in policy.entries.values())
        click.echo(
            f"✓ {policy.version}：{policy.document_number}，{len(policy.entries)}项，其中{ours}项为通知未写明的默认值"
        )
        if policy.extends is not None:
            click.echo(f"    {policy.jurisdiction}：继承 {policy.extends}，不同之处：")
            for found in differences(services.get(policy.extends), policy):
                click.echo(f"    {found.key}（{found.clause}）：{found.before} → {found.after}")
    if unsound:
        raise SystemExit(1)
