"""The driver knows nothing of the house but its doors."""

import ast
import sys
from pathlib import Path

DEMO = Path(__file__).parents[2] / "demo"
LIBRARIES = {"openpyxl", "rich", "xlsxwriter"}


def test_the_driver_imports_nothing_of_the_house() -> None:
    imported: set[str] = set()
    for path in DEMO.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])

    assert imported - set(sys.stdlib_module_names) == {"demo", *LIBRARIES}
