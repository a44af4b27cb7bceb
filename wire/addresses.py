"""Addresses that are printed on papers: whole, because they are read far from this server."""

from flask import current_app

from config.settings import Settings


def public_address(path: str) -> str:
    """``/public/certificates/…`` as anybody outside types it."""
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings.public_base_url.rstrip("/") + path
