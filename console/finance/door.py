"""The guard of every finance page, and the one way amounts are typed there."""

from __future__ import annotations

import re

from console import access
from console.forms import Form

blueprint = access.console_blueprint("finance", __name__, prefix="/finance", roles=("cashier",))

_YUAN = re.compile(r"(-?)([0-9]{1,11})(?:\.([0-9]{1,2}))?")


def fen_of(form: Form, name: str, label: str) -> int:
    """An amount typed in yuan with at most two decimals, thousands apart or not, as whole fen."""
    found = _YUAN.fullmatch(form[name].strip().replace(",", "").replace("，", "").removesuffix("元").strip())
    if found is None:
        form.note(name, f"{label}应以元为单位，最多两位小数，例如 50000.00")
        return 0
    sign, yuan, cents = found.groups()
    fen = int(yuan) * 100 + int((cents or "0").ljust(2, "0"))
    return -fen if sign else fen
