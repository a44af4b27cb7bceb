"""The demonstration: a settable calendar, a small cast with printed sign-ins, and one command that serves it all.

Installed by ``app.py`` only when the settings say ``demonstration``; otherwise none of its routes and commands exist.
"""

from __future__ import annotations

from flask import Flask

from config.settings import Settings
from demonstration import cast, control, serve


def install(app: Flask, settings: Settings) -> None:
    """Hang the calendar control on ``app`` and tell the console which sign-ins it may show."""
    app.register_blueprint(control.blueprint)
    app.config["DEMONSTRATION_SIGN_INS"] = cast.sign_ins()


command = serve.group
