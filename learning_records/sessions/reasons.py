"""Why time did not count, and why a session is over: stable codes, plain Chinese, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reason:
    """Why time did not count: a stable code, a plain sentence for the worker, and what to do next."""

    code: str
    sentence: str
    next_step: str
    by_kind: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def said_for(self, kind: str) -> tuple[str, str]:
        """Sentence and next step in the words of that kind of lesson."""
        return self.by_kind.get(kind, (self.sentence, self.next_step))


AHEAD_OF_TIME = "AHEAD_OF_TIME"
ALREADY_COUNTED = "ALREADY_COUNTED"
NOT_PLAYING = "NOT_PLAYING"
GAP_TOO_LONG = "GAP_TOO_LONG"
CHECK_WAITING = "CHECK_WAITING"
CHECK_MISSED = "CHECK_MISSED"
CHECK_MISSED_AGAIN = "CHECK_MISSED_AGAIN"
CHECK_UNANSWERED = "CHECK_UNANSWERED"
CHECK_LEFT_OPEN = "CHECK_LEFT_OPEN"
COUNTED_ELSEWHERE = "COUNTED_ELSEWHERE"
SESSION_ENDED = "SESSION_ENDED"
NOT_CHECKED_IN = "NOT_CHECKED_IN"
OVERLAP = "OVERLAP"
DAY_FULL = "DAY_FULL"
TOO_MUCH_A_DAY = "TOO_MUCH_A_DAY"
POSITION_BACK = "POSITION_BACK"
NO_POSITION = "NO_POSITION"
NOT_CONFIRMED = "NOT_CONFIRMED"
NO_END = "NO_END"
OPENED_ONLY = "OPENED_ONLY"
WHILE_STOPPED = "WHILE_STOPPED"
REPEATED = "REPEATED"
REPEATED_OTHERWISE = "REPEATED_OTHERWISE"

REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason(
            AHEAD_OF_TIME,
            "播放位置比实际经过的时间快，快进或倍速的部分不计入学时。",
            "请回到提示的位置，用正常速度继续看，从那里起照常计时。",
            {
                "reading": (
                    "阅读位置比实际经过的时间快，翻得过快的部分不计入学时。",
                    "请回到提示的位置慢慢读，从那里起照常计时。",
                ),
                "simulation": (
                    "操作步骤比规定的最短用时快，做得过快的部分不计入学时。",
                    "请回到提示的步骤，按要求的时间做完再进入下一步。",
                ),
                "import": (
                    "播放的内容比这一段实际经过的时间长出5秒以上，快进或倍速播放的一段不计入学时。",
                    "请核对起止时刻；倍速播放的内容请用正常速度重新学习。",
                ),
            },
        ),
        Reason(
            ALREADY_COUNTED,
            "这一段内容以前已经计过学时，同一分钟只计一次。",
            "可以随意复习；想增加学时，请接着看还没看过的部分。",
            {"import": ("这一段内容以前已经计过学时，同一分钟只计一次。", "不需要处理；没有学过的部分照常计入。")},
        ),
        Reason(
            NOT_PLAYING,
            "这段时间里课程没有往前播放，可能是暂停了，或者切到了别的应用。",
            "请点“继续学习”，播放时会重新计时。",
            {
                "reading": ("这段时间里没有往下阅读，或者页面不在前台。", "请回到课文继续往下读，会重新计时。"),
                "simulation": ("这段时间里操作没有进展，或者页面不在前台。", "请回到当前步骤继续操作，会重新计时。"),
                "import": ("这段时间里没有播放新的内容，可能是暂停了。", "不需要处理；有播放的时间已经计入。"),
            },
        ),
        Reason(
            GAP_TOO_LONG,
            "手机超过10分钟没有传来学习记录，断开后最多补计10分钟。",
            "请检查网络后继续学习；如果当时确实在学，可以在24小时内申诉。",
            {
                "import": (
                    "前后两条播放记录相隔超过一次学习的最长时间，中间是否一直在播放没有依据。",
                    "请平台补充中间的播放记录。",
                )
            },
        ),
        Reason(
            CHECK_WAITING,
            "正在等您点在线确认，这段时间先不计入。",
            "请在倒计时结束前点“我在学习”，点了就计入。",
        ),
        Reason(
            CHECK_MISSED,
            "在线确认没有按时回答，从弹出确认起的这段时间作废。",
            "请点“我在学习”恢复计时，作废的部分重新看一遍仍可计入；有特殊情况可在24小时内申诉。",
        ),
        Reason(
            CHECK_MISSED_AGAIN,
            "今天不止一次没有按时回答在线确认，从上一次确认起的时间作废。",
            "请点“我在学习”恢复计时，作废的部分重新看一遍仍可计入；有特殊情况可在24小时内申诉。",
        ),
        Reason(
            CHECK_UNANSWERED,
            "在线确认还没有回答，回答之前不计时。",
            "请先点“我在学习”，回答后马上恢复计时。",
        ),
        Reason(
            CHECK_LEFT_OPEN,
            "学习结束时在线确认还没有回答，等待确认的这段时间没有计入。",
            "下次学习请先回答确认再退出；没计入的部分重新看一遍仍可计入。",
        ),
        Reason(
            COUNTED_ELSEWHERE,
            "这段时间已经计在测验或其他平台的学习里，同一段时间只计一次。",
            "不需要处理，可以在学时明细里看到另一处的记录。",
        ),
        Reason(
            SESSION_ENDED,
            "学习结束前的最后片刻没有新的播放进度。",
            "不需要处理，下次从上次看到的地方接着看就行。",
        ),
        Reason(
            NOT_CHECKED_IN,
            "这段时间没有签到，计入个人学习时间，但不能用于申领补贴。",
            "请在当天开始学习前先点“签到”。",
            {
                "import": (
                    "这段时间在平台提供的签到时刻之前，计入个人学习时间，但不能用于申领补贴。",
                    "请平台核对签到时刻。",
                )
            },
        ),
        Reason(
            OVERLAP,
            "这段时间已经计在本人的其他学习里，同一段时间只计一次。",
            "不需要处理；没有重叠的部分照常计入。",
        ),
        Reason(
            DAY_FULL,
            "这一天已经过去的时间都已计入，各处学时合计不能超过实际时间。",
            "请核对这一天各平台的记录，改正有误的一份。",
        ),
        Reason(
            TOO_MUCH_A_DAY,
            "只有课时数的证明，每人每天各平台合计有上限，超出的部分不计入。",
            "请核对日期和课时；有起止时刻的记录请按起止时刻提供。",
        ),
        Reason(
            POSITION_BACK,
            "播放位置比前一条记录倒退，又没有拖动的记录，这一段的先后没有依据。",
            "请平台核对时钟和记录的先后，更正后重新提供。",
        ),
        Reason(
            NO_POSITION,
            "记录里没有播放位置，不知道播放到了哪里。",
            "请平台补充播放位置后重新提供。",
        ),
        Reason(
            NOT_CONFIRMED,
            "平台自己列出的已播放片段里没有这一段内容。",
            "请平台核对已播放片段，更正后重新提供。",
        ),
        Reason(
            NO_END,
            "开始播放之后没有别的记录，不知道播放了多久。",
            "请平台补充暂停或退出的记录。",
        ),
        Reason(
            OPENED_ONLY,
            "只说明打开了播放页，没有播放时间。",
            "不需要处理。",
        ),
        Reason(
            WHILE_STOPPED,
            "这条记录之前没有对应的开始播放，播放了多久没有依据。",
            "请平台补充开始播放的记录。",
        ),
        Reason(
            REPEATED,
            "同一条记录重复提供，只用第一次的。",
            "不需要处理。",
        ),
        Reason(
            REPEATED_OTHERWISE,
            "同一编号的记录内容不同，只用第一次的。",
            "请平台核对这条记录的编号和内容。",
        ),
    )
}

FINISHED = "FINISHED"
REPLACED = "REPLACED"
IDLE = "IDLE"
LIMIT = "LIMIT"
MIDNIGHT = "MIDNIGHT"

CLOSE_REASONS: dict[str, str] = {
    FINISHED: "本次学习已结束。",
    REPLACED: "另一台设备或另一门课程已开始学习，这里的学习已自动结束，之前的时间都已保留。请在新打开的课程里继续。",
    IDLE: "超过15分钟没有收到学习记录，本次学习已自动结束，之前的时间都已保留。请重新打开课程继续学习。",
    LIMIT: "单次学习已达到上限，已自动结束，之前的时间都已保留。请休息一下，再重新打开课程。",
    MIDNIGHT: "已过零点，前一天的学习已结束并保留。新的一天请先签到，学习会接着进行。",
}
