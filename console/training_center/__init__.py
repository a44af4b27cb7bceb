"""Pages of a training center's desk clerk: type the worker's rotating code, read a big yes or no, nothing else; and the keys
with which the center's own booking system asks the same.
"""

from __future__ import annotations

import uuid

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend.training_centers import services as training_centers
from backend.training_centers.services import CenterView
from console import access, api_keys, pages
from console.forms import Form

blueprint = access.console_blueprint("training_center", __name__, prefix="/training-center", roles=("desk_clerk",))


def _center() -> CenterView:
    center = training_centers.center_of_clerk(access.staff().id)
    if center is None:
        abort(403)
    return center


@blueprint.get("/")
def desk() -> ResponseReturnValue:
    """The code field, ready for typing or a hand scanner."""
    return render_template("training_center/desk.html", center=_center(), form=Form(), answer=None)


@blueprint.post("/look-up")
def look_up() -> ResponseReturnValue:
    """One look-up uses the code up; the answer shows no ID number and no claim."""
    center = _center()
    form = Form(request.form)
    code = form.text("code", "动态码", limit=40)
    answer = form.submit(lambda: training_centers.look_up(center_id=center.id, code=code, actor=access.actor()))
    name = "training_center/answer.html" if pages.is_fragment() else "training_center/desk.html"
    return render_template(name, center=center, form=form, answer=answer), form.status if form.refused else 200


def _holder(center: CenterView) -> api_keys.Holder:
    return api_keys.Holder(
        subject_kind="training_center",
        subject_id=center.public_id,
        address=url_for("training_center.show_api_keys"),
        layout="training_center/layout.html",
        purpose="供本中心的预约系统凭劳动者出示的动态码查询优先资格。",
        example="实训预约系统",
        call=f"POST {url_for('start.page', _external=True)}api/v1/partner/balance",
    )


@blueprint.get("/api-keys")
def show_api_keys() -> ResponseReturnValue:
    """The center's keys."""
    center = _center()
    return api_keys.show(_holder(center), center=center)


@blueprint.post("/api-keys")
def create_api_key() -> ResponseReturnValue:
    """Make a key for the center's booking system."""
    center = _center()
    return api_keys.create(_holder(center), center=center)


@blueprint.post("/api-keys/<uuid:key_id>/revoke")
def revoke_api_key(key_id: uuid.UUID) -> ResponseReturnValue:
    """End a key."""
    return api_keys.revoke(_holder(_center()), key_id)
