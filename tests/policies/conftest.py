"""The notice as the tests read it, and a way to change one value of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import config
from backend.policies.reading import parse_policy, read_policy
from backend.policies.rules import Policy

FILE = Path(config.__file__).parent / "policies" / "wuxi-2020-10.toml"


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The notice as shipped."""
    return read_policy(FILE)


@pytest.fixture
def data() -> dict[str, Any]:
    """The parsed file, free to be spoiled."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture
def variant(data: dict[str, Any]) -> Callable[..., Policy]:
    """``variant(cap_fen=("subsidy", 60000))``: the notice with some values changed."""

    def build(**changes: tuple[str, object]) -> Policy:
        for key, (section, value) in changes.items():
            data[section][key]["value"] = value
        return parse_policy(data, name="variant")

    return build
