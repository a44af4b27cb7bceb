"""Signing in with a user name and a password, and signing out."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.people import services as people
from console import access
from console.forms import Form

blueprint = access.open_blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def page() -> ResponseReturnValue:
    """The sign-in form; someone already signed in goes straight to work."""
    view = access.signed_in_staff()
    if view is not None and "wanted" not in request.args:
        return redirect(access.home_of(view))
    return render_template("sign_in.html", form=Form(given={"wanted": request.args.get("wanted", "")}))


@blueprint.post("/sign-in")
def submit() -> ResponseReturnValue:
    """Check the password; a wrong one keeps the user name typed."""
    form = Form(request.form)
    username = form.text("username", "用户名", limit=64)
    password = form["password"]
    view = form.submit(lambda: people.check_password(username, password))
    if view is None:
        if not form.refused:
            form.note("password", "用户名或密码不正确，请重新输入")
        return render_template("sign_in.html", form=form), form.status
    access.sign_in(view)
    return redirect(_local_address(form["wanted"]) or access.home_of(view))


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session and return to the start page."""
    access.sign_out()
    return redirect(url_for("start.page"))


def _local_address(text: str) -> str | None:
    """``text`` when it is a path of this site (never ``//elsewhere``), else None."""
    if text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text and text.isprintable():
        return text
    return None
