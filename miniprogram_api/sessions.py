"""Learning sessions: open, beat, confirm presence, close, explain, appeal.

Beats go straight to the records floor and their answer is written out as it is: this route is called all day by everybody.
"""

import uuid
from typing import Any

import orjson
from flask import Response

from backend.study import services as study
from backend.study.services import AppealCaseView, StudyClosed
from config.database import transaction
from learning_records.sessions import services as records
from learning_records.sessions.services import Explanation, PresenceAnswer, SessionOpened
from miniprogram_api.guard import WorkerBlueprint, caller
from miniprogram_api.session_schemas import (
    AppealIn,
    AppealOut,
    BeatsIn,
    BeatsOut,
    ClosedOut,
    CloseIn,
    ExplanationOut,
    PresenceIn,
    PresenceOut,
    SessionIn,
    SessionOpenedOut,
)

sessions = WorkerBlueprint("sessions", "学习")

Body = dict[str, Any]


@sessions.post("/sessions")
@sessions.arguments(SessionIn)
@sessions.response(201, SessionOpenedOut)
def post_session(body: Body) -> SessionOpened:
    """开始学习一课；在别处没有结束的学习会先结束"""
    return transaction(
        lambda: study.open_session(
            worker_id=caller().worker_id,
            lesson_id=body["lesson_id"],
            class_id=body["class_id"],
            device=body["device_id"],
        )
    )


@sessions.post("/sessions/<uuid:session_id>/beats")
@sessions.arguments(BeatsIn)
@sessions.response(200, BeatsOut)
def post_beats(body: Body, session_id: uuid.UUID) -> Response:
    """上传心跳

    下一条的 prev 是上一条的哈希：{"position_ms":…,"prev":"…","seq":…,"session":"…"} 按键排序、不留空格、UTF-8 编码后的
    SHA-256（小写十六进制）；第一条的 prev 由 POST /sessions 给出。重发同一批，答复不变。
    """
    person_ref, beats = caller().learner_ref, body["beats"]
    answer = transaction(lambda: records.record_beats(person_ref=person_ref, session_id=session_id, beats=beats))
    return Response(orjson.dumps(answer), mimetype="application/json")


@sessions.post("/sessions/<uuid:session_id>/presence-checks/<uuid:check_id>")
@sessions.arguments(PresenceIn)
@sessions.response(200, PresenceOut)
def post_presence(body: Body, session_id: uuid.UUID, check_id: uuid.UUID) -> PresenceAnswer:
    """回答在线确认

    断网时留存的心跳要先补传、再回答：先回答的话，断网的那段时间算作没有按时确认。
    """
    return transaction(
        lambda: records.answer_presence_check(
            person_ref=caller().learner_ref, session_id=session_id, check_id=check_id, answer=body["answer"]
        )
    )


@sessions.post("/sessions/<uuid:session_id>/close")
@sessions.arguments(CloseIn)
@sessions.response(200, ClosedOut)
def post_close(body: Body, session_id: uuid.UUID) -> StudyClosed:
    """结束学习，带上最后一段心跳；重复结束，答复不变"""
    return transaction(
        lambda: study.close_session(worker_id=caller().worker_id, session_id=session_id, beats=body["beats"])
    )


@sessions.get("/sessions/<uuid:session_id>")
@sessions.response(200, ExplanationOut)
def show_session(session_id: uuid.UUID) -> Explanation:
    """这次学习的每一秒：计入的、等待确认的、没有计入的和原因"""
    return records.explain(person_ref=caller().learner_ref, session_id=session_id)


@sessions.post("/sessions/<uuid:session_id>/appeals")
@sessions.arguments(AppealIn)
@sessions.response(201, AppealOut)
def post_appeal(body: Body, session_id: uuid.UUID) -> AppealCaseView:
    """对没有计入的时间申诉；seq 不填则针对整次学习"""
    return transaction(
        lambda: study.appeal(
            worker_id=caller().worker_id, session_id=session_id, reason=body["reason"], seq=body["seq"]
        )
    )
