"""The house keeps its shape: contracts of the imports, and the rules no import linter can say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = {"miniprogram_api", "partner_api", "console", "commands", "demonstration"}
OURS = DOORS | {"app", "wire", "backend", "learning_records", "config"}


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for top in sorted(OURS | {"demo", "simulators"}):
        paths = [ROOT / f"{top}.py"] if top == "app" else sorted((ROOT / top).rglob("*.py"))
        for path in paths:
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def test_import_contracts_hold() -> None:
    outcome = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert outcome.returncode == 0, outcome.stdout


def test_nothing_imports_the_one_place_that_knows_every_part() -> None:
    found = [str(path) for path, tree in _modules() for node in ast.walk(tree) if "app" in _imported(node)]
    assert found == []


def test_no_function_imports_our_own_code_inside_itself() -> None:
    found = [
        f"{path}:{getattr(inner, 'lineno', 0)}"
        for path, tree in _modules()
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(function)
        for name in _imported(inner)
        if name.split(".")[0] in OURS
    ]
    assert found == []


def test_another_slice_is_reached_through_its_services_or_types_of_its_rules() -> None:
    found = []
    for path, tree in _modules():
        if path.parts[0] != "backend" or len(path.parts) < 3:
            continue
        slice_name = path.parts[1]
        reads_across = slice_name == "registers" or path.stem.startswith("report")
        for node in ast.walk(tree):
            for name in _imported(node):
                parts = name.split(".")
                foreign = parts[0] == "backend" and len(parts) > 2 and parts[1] != slice_name
                if foreign and parts[2] not in ("services", "rules") and not reads_across:
                    found.append(f"{path}:{node.lineno} imports {name}")  # type: ignore[attr-defined]
                if parts[0] == "learning_records" and parts[-1] == "models" and not reads_across:
                    found.append(f"{path}:{node.lineno} imports {name}")  # type: ignore[attr-defined]
    assert found == []


PURE_LIBRARIES = {"stdnum", "chinese_calendar"}


def test_rules_are_pure() -> None:
    """rules.py imports the standard library, config.errors, and modules of the house that are just as pure."""
    trees = {".".join(path.with_suffix("").parts): tree for path, tree in _modules()}
    impure: list[str] = []

    def visit(module: str, seen: set[str]) -> None:
        for node in ast.walk(trees[module]):
            for name in _imported(node):
                top = name.split(".")[0]
                if top in sys.stdlib_module_names - {"sqlite3", "socket", "subprocess"} or top in PURE_LIBRARIES:
                    continue
                if name.startswith("config.errors"):
                    continue
                inner = name if name in trees else name.rpartition(".")[0]
                if inner in trees and top != "config":
                    if inner not in seen:
                        visit(inner, seen | {inner})
                elif name not in ("backend", "learning_records") and f"{name}.__init__" not in trees:
                    impure.append(f"{module} imports {name}")

    for module in [name for name in trees if name.endswith(".rules")]:
        visit(module, {module})
    assert sorted(set(impure)) == []


@pytest.mark.parametrize("door", ["miniprogram_api", "partner_api", "console", "commands"])
def test_doors_never_reach_into_tables(door: str) -> None:
    found = [
        f"{path} imports {name}"
        for path, tree in _modules()
        if path.parts[0] == door
        for node in ast.walk(tree)
        for name in _imported(node)
        if name.endswith(".models") and name.startswith(("backend", "learning_records"))
    ]
    assert found == []


def test_services_never_commit() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in _modules()
        if path.parts[0] in ("backend", "learning_records") and "http" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert found == []


def test_the_demonstration_imports_nothing_of_the_house() -> None:
    found = [
        f"{path} imports {name}"
        for path, tree in _modules()
        if path.parts[0] in ("demo", "simulators")
        for node in ast.walk(tree)
        for name in _imported(node)
        if name.split(".")[0] in OURS
    ]
    assert found == []


# Copied and run alone by people who trust nobody: in several files it would have to be trusted together.
LONGER_ON_PURPOSE = {Path("learning_records/verify.py")}


def test_no_module_is_longer_than_one_reads_at_once() -> None:
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path, _ in _modules()}
    assert {path for path, count in lines.items() if count > 320} == LONGER_ON_PURPOSE


def test_the_verifier_shares_nothing_with_the_house() -> None:
    tree = ast.parse((ROOT / "learning_records/verify.py").read_text(encoding="utf-8"))
    found = {name.split(".")[0] for node in ast.walk(tree) for name in _imported(node)}
    assert found - sys.stdlib_module_names == {"cryptography"}
