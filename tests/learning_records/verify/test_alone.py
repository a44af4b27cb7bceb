"""The verifier as somebody gets it: one file, in an empty folder, run by itself."""

from __future__ import annotations

import ast
import json
import re
import string
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from flask import Flask

from config.clock import FixedCalendar
from learning_records import verify
from learning_records.evidence import log
from tests.learning_records.verify.bundled import bundle_of, seal_sessions, studied
from tests.learning_records.verify.zips import closed, manifest_of, opened

SOURCE = Path(verify.__file__)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the copied verifier, isolated: no user site, no environment, nothing of the working folder on the path."""
    command = [sys.executable, "-I", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", env={})


@pytest.fixture
def folder(app: Flask, clock: FixedCalendar, tmp_path: Path) -> Path:
    """A folder with the verifier, a bundle, a changed one and a receipt, and nothing else."""
    place = tmp_path / "alone"
    place.mkdir()
    (place / "verify.py").write_bytes(SOURCE.read_bytes())
    phone = studied(clock)
    data = bundle_of(seal_sessions(phone.person), [phone.person])
    (place / "bundle.zip").write_bytes(data)
    files = opened(data)
    record = next(name for name in files if name.startswith("records/"))
    changed = files[record].replace(b'"learned_seconds":70', b'"learned_seconds":71')
    (place / "changed.zip").write_bytes(closed({**files, record: changed}))
    (place / "receipt.json").write_text(json.dumps(asdict(phone.answers[-1].receipt)), encoding="utf-8")
    return place


def test_it_runs_from_an_empty_folder_without_the_project(folder: Path) -> None:
    done = run(folder, "bundle.zip")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "核验通过 / verified"
    assert "重新计算70秒" in done.stdout
    assert "KEY_NOT_PINNED" in done.stdout


def test_keys_receipts_and_one_language(folder: Path, app: Flask) -> None:
    service = list(manifest_of(opened((folder / "bundle.zip").read_bytes()))["receipt_keys"].values())
    keys = [part for key in [*log.verifier_keys(), *service] for part in ("--key", key)]
    done = run(folder, "bundle.zip", *keys, "--receipt", "receipt.json", "--lang", "zh")
    assert done.returncode == 0
    assert "NOT_PINNED" not in done.stdout
    assert "回执receipt.json与存证记录一致" in done.stdout
    assert "verified" not in done.stdout
    other = "log.example+c7d14d8f+AcNp4kSyFbJQ2XuDMPWSC5IcNYtwCcYQPwx8HP8R5dDS"
    for wrong in (other, "x", f"{log.verifier_keys()[0]}x"):
        assert run(folder, "bundle.zip", "--key", wrong).returncode != 0
    assert run(folder, "bundle.zip", "--receipt", "none.json").returncode == 1


def test_the_exit_status_and_json_say_what_is_wrong_and_where(folder: Path) -> None:
    done = run(folder, "changed.zip", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["ok"]) == (1, False)
    found = {finding["code"]: finding for finding in said["findings"]}
    assert {"FILE_CHANGED", "NOT_IN_LOG", "SUM_DIFFERS"} <= set(found)
    assert all(finding["zh"] and finding["en"] for finding in said["findings"])
    assert re.fullmatch(r"[0-9a-f-]{36}", found["NOT_IN_LOG"]["record"])
    assert said["totals"]["recounted_seconds"] == 70
    assert set(said["checkpoint"]) == {"origin", "size", "root"}
    assert said["keys"]["pinned"] is False
    (folder / "text.zip").write_text("not a zip")
    assert run(folder, "text.zip").returncode == 2
    assert run(folder, "none.zip").returncode == 2
    assert run(folder).returncode == 2


def test_it_imports_the_standard_library_and_cryptography_only() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert found - sys.stdlib_module_names == {"cryptography"}
    assert not found & {"socket", "urllib", "http", "subprocess", "pickle", "zipfile"}


def test_every_message_has_both_languages_and_is_said_with_what_it_needs() -> None:
    for code, (zh, en) in verify.MESSAGES.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
        assert names[0] == names[1], code
        assert re.search("[一-鿿]", zh), code
        assert not re.search("[一-鿿]", en), code
    assert set(verify.MESSAGES) >= verify.NOTES
    said = set(re.findall(r'"([A-Z][A-Z_]{5,})"', SOURCE.read_text(encoding="utf-8").split("class Refused")[1]))
    unsaid = set(verify.MESSAGES) - said
    assert unsaid == set()
