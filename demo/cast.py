"""Who takes part: one line a person, with what they do and in which enterprise's class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo import cheats, honest
from demo.honest import Habits, Place
from demo.people import Person, person
from demo.phone import Learner, Steps

MAIN, SECOND, UNFILED = "main", "second", "unfiled"

Act = Callable[[Place, Learner], Steps[None]]


@dataclass(frozen=True)
class Role:
    key: str
    person: Person
    part: str
    act: Act
    enterprises: tuple[str, ...] = (MAIN,)
    lessons: int = 0

    @property
    def name(self) -> str:
        return self.person.name


def _study(lessons: int, habits: Habits | None = None, enterprise: str = MAIN) -> Act:
    return lambda place, learner: honest.study(place, learner, enterprise, lessons, habits or Habits())


_PARTS: tuple[tuple[str, str, str, Act, tuple[str, ...], int], ...] = (
    ("honest-24", "陈立勤", "学满24课时", _study(24), (MAIN,), 24),
    (
        "honest-28",
        "周满学",
        "学满28课时，确认总是晚55秒",
        _study(28, Habits(attend=honest.answer_late_but_in_time)),
        (MAIN,),
        28,
    ),
    ("honest-23", "吴差一", "只学23课时", _study(23), (MAIN,), 23),
    (
        "quiz-failed",
        "郑未过",
        "学满24课时，三次考核都不合格",
        _study(24, Habits(quiz_attempts=3, knows=lambda place: place % 2 == 0)),
        (MAIN,),
        24,
    ),
    ("no-check-in", "王忘签", "学满24课时，从不签到", _study(24, Habits(checks_in=False)), (MAIN,), 24),
    ("unfiled", "冯无案", "所在企业的计划未通过备案", _study(24, enterprise=UNFILED), (UNFILED,), 24),
    ("outage", "蒋断网", "每课断网五分钟，回来即确认", _study(24, Habits(outage=300_000)), (MAIN,), 24),
    ("overnight", "沈夜挂", "整夜挂机", cheats.alone_overnight, (MAIN,), 12),
    ("jump", "韩跳尾", "跳到片尾，结束时谎报时长", cheats.jump_to_the_end, (MAIN,), 1),
    ("speed-4", "杨四倍", "四倍速", lambda p, w: cheats.fast(p, w, speed=4, lessons=4), (MAIN,), 1),
    ("speed-16", "朱十六", "十六倍速", lambda p, w: cheats.fast(p, w, speed=16, lessons=24), (MAIN,), 1),
    ("speed-1.25", "秦微快", "1.25倍速", lambda p, w: cheats.fast(p, w, speed=1.25, lessons=2), (MAIN,), 2),
    ("scripted", "尤脚本", "脚本三秒发三十个心跳", cheats.scripted, (MAIN,), 1),
    ("ten-phones", "许十机", "十部手机同时学十课", cheats.ten_phones, (MAIN,), 1),
    ("same-minute", "何重看", "同一分钟看五遍", cheats.same_minute, (MAIN,), 1),
    ("replayed", "吕重发", "每十批重发一批", lambda p, w: cheats.replayed(p, w, lessons=24), (MAIN,), 24),
    ("changed", "施改包", "每批都改一个心跳再发", lambda p, w: cheats.changed_batch(p, w, lessons=2), (MAIN,), 2),
    ("silent", "张久默", "静默一小时后补发一小时", cheats.silent_then_all_at_once, (MAIN,), 3),
    (
        "two-enterprises",
        "孔两头",
        "同一时间为两家企业学",
        lambda p, w: honest.two_enterprises(p, w, MAIN, SECOND, 24),
        (MAIN, SECOND),
        24,
    ),
    ("missed-twice", "曹再漏", "一天漏答两次在线确认", lambda p, w: cheats.missed_twice(p, w, lessons=24), (MAIN,), 24),
)

OBJECTED = "replayed"
"""To whom a citizen objects, and the objection is upheld: honest learning, and no money."""

SMALLEST = len(_PARTS)
STORY = ("honest-24", "honest-28", "honest-23", "unfiled", "jump")


def roles(workers: int) -> list[Role]:
    """The whole cast, and honest workers with varied hours up to the number asked for."""
    cast = [
        Role(key, person(place, name), part, act, enterprises, lessons)
        for place, (key, name, part, act, enterprises, lessons) in enumerate(_PARTS)
    ]
    for place in range(SMALLEST, workers):
        lessons = 24 + place % 5
        part_of_last = (place * 7 % 10 + 1) / 10
        at_night = place % 5 == 1
        habits = Habits(last_lesson_until=part_of_last, at_night=at_night, quiz_minutes=5 + place % 20)
        part = f"{'夜班后' if at_night else ''}学{lessons - 1}课又{round(part_of_last * 100)}%"
        cast.append(Role(f"honest-{place:04d}", person(place), part, _study(lessons, habits), (MAIN,), lessons))
    return cast


def story() -> list[Role]:
    """The few people whose learning gives every page something true to show."""
    return [role for role in roles(SMALLEST) if role.key in STORY]


def ticks_of(cast: Sequence[Role]) -> int:
    """About how many instants somebody acts at: 54 batches a lesson, the beats of fast players, a night alone."""
    longest = max(role.lessons for role in cast)
    night = 700 if any(role.key == "overnight" for role in cast) else 0
    return longest * 54 + night + 500
