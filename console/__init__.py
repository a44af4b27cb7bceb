"""The door of people at a browser: enterprise, reviewer, training center, cashier, author, the public, the start page.

Routes are thin: read the form, one ``transaction(work)`` around one service call, then a redirect or a page. No rule
lives here. Each visitor has one blueprint whose guard is attached once (``access.console_blueprint``). Imported by
``app.py`` only.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from config.settings import Settings
from console import (
    access,
    enterprise,
    finance,
    institution,
    pages,
    public,
    registers,
    reviewer,
    security,
    sign_in,
    start,
    training_center,
)

blueprints: list[Blueprint] = [
    start.blueprint,
    sign_in.blueprint,
    enterprise.blueprint,
    reviewer.blueprint,
    finance.blueprint,
    training_center.blueprint,
    institution.blueprint,
    public.blueprint,
    registers.blueprint,
]


def configure(app: Flask, settings: Settings) -> None:
    """Give the application sessions, CSRF tokens, sign-in and the words and helpers of the templates."""
    security.configure(app, settings)
    access.configure(app)
    pages.configure(app, settings)
