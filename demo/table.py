"""What the demonstration shows at its end: one row a person, the totals to the fen, the center's answers, differences."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from demo.notice import class_hours, yuan
from demo.play import Play
from demo.verdict import Difference, reason, totals


def show(screen: Console, play: Play, found: Sequence[Difference], seconds: float, calls: int) -> None:
    screen.print(_people(play))
    money = totals(play)
    words = {"claimed": "申领合计", "expected": "应付合计", "paid": "拨付合计", "register": "台账合计"}
    screen.print("  ".join(f"{words[name]} {yuan(fen)} 元" for name, fen in money.items()), style="bold")
    answered = [outcome for outcome in play.outcomes if outcome.center is not None]
    first = [outcome for outcome in answered if outcome.center and outcome.center.has_priority]
    screen.print(f"培训中心：查询 {len(answered)} 人，可优先 {len(first)} 人")
    for key, proved in play.proofs.items():
        screen.print(
            f"脱机核验（{key}）：{proved.records} 条存证，{proved.bundle_bytes / 1e6:.1f} MB，"
            f"重算 {proved.recounted_seconds} 秒，{proved.class_hours} 课时，"
            f"{yuan(proved.amount_fen)} 元，已拨付 {yuan(proved.paid_fen)} 元，"
            + ("通过" if proved.ok else f"{len(proved.findings)} 处不符")
        )
    refused = sum(len(outcome.learner.refusals) for outcome in play.outcomes)
    screen.print(f"{calls} 次手机请求，其中 {refused} 次作弊请求被拒；共 {seconds:.0f} 秒")
    if found:
        screen.print(f"有 {len(found)} 处不符：", style="bold red")
        for item in found:
            screen.print(f"  {item}", style="red", markup=False)
    else:
        screen.print("每一个数都与驱动程序自己的账一致。", style="bold green")


def _people(play: Play) -> Table:
    shown = Table(title="逐人核对", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    shown.add_column("姓名", no_wrap=True)
    shown.add_column("角色", overflow="fold", min_width=12)
    shown.add_column("原因", overflow="fold", min_width=16)
    for heading in ("学习 秒", "计入 课时/秒", "应得 元", "系统 元", "培训中心"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for outcome in play.outcomes:
        claimable = outcome.counted.claimable_total
        center = outcome.center
        shown.add_row(
            outcome.role.name,
            outcome.role.part,
            reason(outcome),
            str(outcome.counted.learned),
            f"{class_hours(claimable)}/{claimable}",
            yuan(outcome.due_fen),
            yuan(outcome.system_fen),
            f"{'优先' if center.has_priority else '不优先'} 第{center.rank}" if center else "—",
            style="" if outcome.due_fen == outcome.system_fen else "red",
        )
    return shown
