"""What waits for a decision, the longest wait first."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from backend.reviews import services as reviews
from console import access
from console.reviewer.door import blueprint


@blueprint.get("/")
def queue() -> ResponseReturnValue:
    """The queue of this reviewer's role, and the rest of it."""
    mine = reviews.queue(role=access.staff().role)
    others = [item for item in reviews.queue() if item not in mine]
    return render_template("reviewer/queue.html", mine=mine, others=others)
