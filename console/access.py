"""Who may open which page: one table of roles, one guard for each blueprint, attached when the blueprint is made."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import flask_login
from flask import Blueprint, Flask, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from backend.people import services as people
from backend.people.services import StaffView
from config.errors import DomainError
from console import pages, security

HOMES = {
    "agent": "enterprise.home",
    "reviewer": "reviewer.queue",
    "second_reviewer": "reviewer.queue",
    "cashier": "finance.overview",
    "desk_clerk": "training_center.desk",
    "author": "institution.course_list",
    "bureau": "registers.overview",
}
ROLE_NAMES = {
    "agent": "企业经办人",
    "reviewer": "审核员",
    "second_reviewer": "复审员",
    "cashier": "拨付经办",
    "desk_clerk": "培训中心前台",
    "author": "课程作者",
    "bureau": "人社局",
}

csrf = CSRFProtect()
_login = flask_login.LoginManager()


@dataclass(frozen=True)
class SignedInStaff:
    """What flask-login keeps of a signed-in account; read again from the database on every request."""

    view: StaffView
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """The text kept in the session cookie."""
        return str(self.view.public_id)


def configure(app: Flask) -> None:
    """Attach sign-in and CSRF; CSRF is checked by the console's guards only (the JSON doors have no cookie)."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # a token lives as long as its session
    csrf.init_app(app)
    _login.init_app(app)
    _login.user_loader(_load)
    app.context_processor(_context)


def _context() -> dict[str, object]:
    return {"staff_here": signed_in_staff(), "role_names": ROLE_NAMES}


def _load(text: str) -> SignedInStaff | None:
    try:
        view = people.get_staff(uuid.UUID(text))
    except (ValueError, DomainError):
        return None
    return SignedInStaff(view) if view is not None else None


def signed_in_staff() -> StaffView | None:
    """The account signed in at this browser, or None."""
    user = flask_login.current_user
    return user.view if user.is_authenticated else None


def staff() -> StaffView:
    """The account signed in; only for pages behind a guard."""
    view = signed_in_staff()
    if view is None:
        abort(401)
    return view


def actor() -> str:
    """The signed-in account as the audit trail names it."""
    return f"staff:{staff().public_id}"


def sign_in(view: StaffView) -> None:
    """Begin a session for this account."""
    flask_login.login_user(SignedInStaff(view))


def sign_out() -> None:
    """End this browser's session."""
    flask_login.logout_user()


def home_of(view: StaffView) -> str:
    """The address of the page where this role begins its day."""
    return url_for(HOMES.get(view.role, "start.page"))


def console_blueprint(name: str, module: str, *, prefix: str, roles: tuple[str, ...]) -> Blueprint:
    """A blueprint that only ``roles`` may enter, with CSRF checked, security headers, and errors shown as pages."""
    blueprint = Blueprint(name, module, url_prefix=prefix)

    def guard() -> ResponseReturnValue | None:
        view = signed_in_staff()
        if view is None:
            return _ask_to_sign_in()
        if view.role not in roles:
            abort(403)
        csrf.protect()
        return None

    blueprint.before_request(guard)
    blueprint.after_request(security.harden)
    pages.show_errors_as_pages(blueprint)
    return blueprint


def open_blueprint(name: str, module: str, *, prefix: str = "") -> Blueprint:
    """A blueprint anyone may enter, otherwise like ``console_blueprint``."""
    blueprint = Blueprint(name, module, url_prefix=prefix or None)
    blueprint.before_request(csrf.protect)
    blueprint.after_request(security.harden)
    pages.show_errors_as_pages(blueprint)
    return blueprint


def _ask_to_sign_in() -> ResponseReturnValue:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    address = url_for("sign_in.page", wanted=wanted or None)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address)
