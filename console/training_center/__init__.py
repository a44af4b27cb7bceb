"""Pages of a training center's desk clerk: type the worker's rotating code, read a big yes or no, nothing else."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from backend.training_centers import services as training_centers
from backend.training_centers.services import CenterView
from console import access, pages
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
