"""The end of the story: the claim's evidence leaves the house and is checked by a program that knows nothing of the house."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from demo.desk import Agent, ClaimSeen
from demo.wire import Broken, Call, Connection, Json

VERIFY_WITHIN_SECONDS = 300


@dataclass(frozen=True)
class Proved:
    """What the verifier found in a claim's bundle, in a process of its own."""

    ok: bool
    findings: tuple[str, ...]
    records: int
    bundle_bytes: int
    recounted_seconds: int
    drawn_seconds: int
    class_hours: int
    amount_fen: int
    paid_fen: int


def prove(base_url: str, agent: Agent, claim: ClaimSeen) -> Proved:
    """Download the bundle from the claim's page, the verifier and the public keys from the log; run it apart."""
    page = agent.browser.open(claim.address)
    bundle = agent.browser.fetch(page.link(text="下载存证包"))
    if not bundle.ok:
        raise Broken(f"存证包没有下载成：{bundle.describe()}")
    verifier = _public(base_url, "/log/verify.py")
    keys = json.loads(_public(base_url, "/log/keys"))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "verify.py").write_bytes(verifier)
        (place / "claim.zip").write_bytes(bundle.content)
        found = _run(place, [*keys["verifiers"], *keys["receipt_keys"].values()])
    totals = found["totals"]
    return Proved(
        ok=bool(found["ok"]),
        findings=tuple(str(finding["zh"]) for finding in found["findings"]),
        records=int(totals["records"]),
        bundle_bytes=len(bundle.content),
        recounted_seconds=int(totals["recounted_seconds"]),
        drawn_seconds=int(totals["drawn_seconds"]),
        class_hours=int(totals["class_hours"]),
        amount_fen=int(totals["amount_fen"]),
        paid_fen=int(totals["paid_fen"]),
    )


def _public(base_url: str, path: str) -> bytes:
    answer = Connection(base_url).ask(Call("GET", path))
    if not answer.ok:
        raise Broken(f"{path} 没有取到：{answer.describe()}")
    return answer.content


def _run(place: Path, keys: list[str]) -> Json:
    """``-I``: no path of this project, no environment; the folder holds the verifier and the bundle, nothing else."""
    pinned = [word for key in keys for word in ("--key", key)]
    command = [sys.executable, "-I", "verify.py", "claim.zip", "--json", *pinned]
    done = subprocess.run(
        command, cwd=place, env={}, capture_output=True, text=True, check=False, timeout=VERIFY_WITHIN_SECONDS
    )
    if done.returncode not in (0, 1):
        raise Broken(f"核验程序没有运行成：{done.stdout[-2_000:]}{done.stderr[-2_000:]}")
    found: Json = json.loads(done.stdout)
    return found
