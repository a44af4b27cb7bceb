"""My own copy of the evidence: everything sealed about me, or one session, to be checked without this system."""

import uuid
from collections.abc import Callable

from flask import Response

from backend.registers import bundles
from backend.registers.bundles import BundlePlan
from backend.study import services as study
from config.database import transaction
from learning_records.evidence import log
from miniprogram_api.guard import WorkerBlueprint, caller
from wire.downloads import ZIP, written

evidence = WorkerBlueprint("evidence", "我的学习存证")
_FILE = {"type": "string", "format": "binary"}


@evidence.get("/evidence")
@evidence.alt_response(200, schema=_FILE, content_type=ZIP, success=True)
def my_evidence() -> Response:
    """我的全部存证，一个 ZIP 文件；用其中说明的核验程序可脱机核验"""
    worker_id = caller().worker_id
    transaction(lambda: study.bank_closed_sessions(worker_id=worker_id))
    return _packed(lambda: bundles.worker_bundle(worker_id=worker_id))


@evidence.get("/sessions/<uuid:session_id>/evidence")
@evidence.alt_response(200, schema=_FILE, content_type=ZIP, success=True)
def session_evidence(session_id: uuid.UUID) -> Response:
    """一次学习的存证；学习结束后才有"""
    worker_id = caller().worker_id
    transaction(lambda: study.bank_closed_sessions(worker_id=worker_id))
    return _packed(lambda: bundles.own_session_bundle(worker_id=worker_id, session_id=session_id))


def _packed(choose: Callable[[], BundlePlan]) -> Response:
    log.catch_up()
    plan = choose()
    return written(lambda file: bundles.write_bundle(plan, file), plan.file_name, ZIP)
