"""Headers and cookies: nothing from outside, no inline script, the session cookie out of reach of scripts."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from config.settings import Settings
from wire.problems import API_PREFIXES

_SOURCES = {
    "default-src": "'self'",
    "img-src": "'self' data:",  # the stylesheet's own small pictures
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{name} {value}" for name, value in _SOURCES.items())


class PageSessions(SecureCookieSessionInterface):
    """Pages have sessions, the JSON doors none: what they give out varies by no cookie, so a cache may keep it for all."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None, which nothing can be written to, outside the pages."""
        return None if request.path.startswith(API_PREFIXES) else super().open_session(app, request)


def configure(app: Flask, settings: Settings) -> None:
    """Set the session cookie's properties."""
    app.session_interface = PageSessions()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="chuangke_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_base_url.startswith("https://"),
    )


def harden(response: Response) -> Response:
    """Add the security headers; pages that show people's data are never kept by a cache."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    if not response.headers.get("Cache-Control"):
        response.headers["Cache-Control"] = "no-store"
    return response
