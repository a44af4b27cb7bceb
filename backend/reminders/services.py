"""Reminders of workers (a job that queues messages) and the countdown of an enterprise (a list to show)."""

from backend.reminders import report_tasks, rules
from backend.reminders.rules import Task
from backend.reminders.telling import queue_reminders
from config import clock

__all__ = ["Task", "queue_reminders", "tasks"]


def tasks(enterprise_id: int) -> tuple[Task, ...]:
    """What the enterprise has to do next: claim deadline, corrections, missing documents, classes and notices that end, and
    payments that came back; late ones first. Days are counted from the present local day."""
    return rules.in_order(list(report_tasks.tasks_of(enterprise_id, clock.today())))
