"""By what the rows of a batch are judged: its class, the filed plan's lessons, the policy. Read once a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.courses import services as courses
from backend.imports.rules import folded
from backend.plans.services import ClassView
from backend.platforms.services import PlatformView
from backend.policies import services as policies
from backend.policies.rules import Policy
from learning_records.sessions.services import AttestedLimits, CountingRules


@dataclass(frozen=True)
class LessonOfPlan:
    """A lesson of the filed plan: watched on another platform it is the same lesson, and the same minute earns once."""

    lesson_ref: UUID
    media_ms: int


@dataclass(frozen=True)
class Setting:
    """What is the same for all rows of a batch. ``lessons``: by folded title of the course, then of the lesson."""

    batch_ref: UUID
    platform: PlatformView
    class_view: ClassView
    policy: Policy
    rules: CountingRules
    limits: AttestedLimits
    lessons: Mapping[str, Mapping[str, LessonOfPlan]]

    @property
    def course_titles(self) -> str:
        """The filed plan's courses, as a sentence names them."""
        return "、".join(course.title for course in self.class_view.courses)


def setting_of(*, batch_ref: UUID, platform: PlatformView, class_view: ClassView) -> Setting:
    """As of now. Raises ``NotFound`` for a policy or a course that is not there."""
    policy = policies.of_version(class_view.policy_id, class_view.policy_version)
    return Setting(
        batch_ref=batch_ref,
        platform=platform,
        class_view=class_view,
        policy=policy,
        rules=policies.counting_rules(policy),
        limits=AttestedLimits(policy.class_hour.seconds, policy.imported.attested_class_hours_a_day),
        lessons={
            folded(course.title): {
                folded(lesson.title): LessonOfPlan(lesson.public_id, lesson.media_ms)
                for lesson in courses.course_view(course.course_id, version=course.version).lessons
            }
            for course in class_view.courses
        },
    )
