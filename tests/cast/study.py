"""A class whose people study: a plan at the stage wanted, its worker and its lessons."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.courses.services import CourseView, LessonView
from backend.people.services import StaffView
from backend.plans.services import PlanView
from tests.cast import enterprises as companies
from tests.cast.plans import Person, a_draft, a_long_course, a_person, a_staff, approved, join, on_roster, submitted


@dataclass(frozen=True)
class Schoolroom:
    """A class with one worker in it."""

    worker: Person
    class_id: UUID
    plan: PlanView
    course: CourseView
    reviewer: StaffView

    @property
    def lessons(self) -> tuple[LessonView, ...]:
        """The lessons of its course."""
        return self.course.lessons


def a_schoolroom(*, filed: bool = True) -> Schoolroom:
    """A worker in the class of a plan that is approved, or only submitted."""
    worker, reviewer, course = a_person(1), a_staff("reviewer", "reviewer"), a_long_course()
    enterprise = companies.an_enterprise()
    on_roster(enterprise, [worker])
    draft = a_draft(enterprise, course, head_count=1)
    plan = approved(draft, reviewer) if filed else submitted(draft)
    return Schoolroom(worker, join(plan, [worker]), plan, course, reviewer)
