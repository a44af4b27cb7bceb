"""The demonstration: a settable calendar, a small cast with printed sign-ins, and what `make run` serves.

Installed by ``app.py`` only when the settings say ``demonstration``; otherwise none of its routes exist. ``app.py`` also hangs
the command ``flask demonstrate``.
"""

from __future__ import annotations

from flask import Flask

from demonstration import cast, control, phone


def install(app: Flask) -> None:
    """Hang the calendar control and the phone on ``app`` and tell the console which sign-ins it may show."""
    app.register_blueprint(control.blueprint)
    app.register_blueprint(phone.blueprint)
    app.config["DEMONSTRATION_SIGN_INS"] = cast.sign_ins()
    app.config["DEMONSTRATION_PAGES"] = (phone.CARD,)
