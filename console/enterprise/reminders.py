"""What the enterprise has to do next, with the days that are left: as a page and as JSON."""

from __future__ import annotations

import uuid
from typing import Any

from flask import jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from backend.reminders import services as reminders
from backend.reminders.services import Task
from console.enterprise.door import blueprint, enterprise

_PAGES = {
    "plan": (".plan", "plan_id"),
    "claim": (".claim", "claim_id"),
    "new_hires": (".new_hires_page", "application_id"),
}


@blueprint.get("/<uuid:enterprise_id>/tasks")
def task_list(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The countdown, late ones first."""
    found = [(task, _address(task)) for task in reminders.tasks(enterprise().id)]
    return render_template("enterprise/tasks.html", tasks=found)


@blueprint.get("/<uuid:enterprise_id>/tasks.json")
def task_list_json(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The same list for a screen of the enterprise's own."""
    items = [
        {
            "kind": task.kind,
            "sentence": task.sentence,
            "due_on": task.due_on.isoformat() if task.due_on else None,
            "days_left": task.days_left,
            "urgency": task.urgency,
            "address": _address(task),
        }
        for task in reminders.tasks(enterprise().id)
    ]
    return jsonify({"items": items})


def _address(task: Task) -> str | None:
    """The page on which the task is done; None where it has none of its own."""
    if task.subject not in _PAGES:
        return None
    endpoint, name = _PAGES[task.subject]
    values: dict[str, Any] = {"enterprise_id": enterprise().public_id, name: task.subject_id}
    return url_for(endpoint, **values)
