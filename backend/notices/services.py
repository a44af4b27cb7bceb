"""Public notices and objections: ``making`` the notices, ``objecting`` to them, ``reading``, ``papers`` for publishing them."""

from __future__ import annotations

from backend.notices.erasing import erase_objectors, objectors_due
from backend.notices.making import (
    Granted,
    close_notice,
    discard_notice,
    make_notice,
    post_notice,
    redate_notice,
)
from backend.notices.numbering import next_number
from backend.notices.objecting import (
    answer_objection,
    objection_case,
    objection_view,
    objections_by,
    objections_of,
    objections_of_claim,
    open_objections,
    raise_objection,
    withdraw_objection,
)
from backend.notices.publishing import notice_html, notice_pdf, notice_xlsx, public_html
from backend.notices.reading import (
    due_notice_ids,
    notice_view,
    noticed_claims,
    notices,
    notices_of_lines,
    objected_lines,
    posted_notice_ids,
    public_notice_view,
    public_notices,
    redatings_of,
)
from backend.notices.scanning import require_publishable
from backend.notices.sealing import (
    AnswerState,
    count_objections,
    count_sealed_redatings,
    count_sealed_rows,
    notice_problems,
    objection_states,
    sealed_redatings,
    sealed_rows,
)
from backend.notices.views import (
    EntryView,
    FiledObjection,
    NoticeView,
    ObjectionCase,
    ObjectionView,
    RedatingView,
)

__all__ = [
    "AnswerState",
    "EntryView",
    "FiledObjection",
    "Granted",
    "NoticeView",
    "ObjectionCase",
    "ObjectionView",
    "RedatingView",
    "answer_objection",
    "close_notice",
    "count_objections",
    "count_sealed_redatings",
    "count_sealed_rows",
    "discard_notice",
    "due_notice_ids",
    "erase_objectors",
    "make_notice",
    "next_number",
    "notice_html",
    "notice_pdf",
    "notice_problems",
    "notice_view",
    "notice_xlsx",
    "noticed_claims",
    "notices",
    "notices_of_lines",
    "objected_lines",
    "objection_case",
    "objection_states",
    "objection_view",
    "objections_by",
    "objections_of",
    "objections_of_claim",
    "objectors_due",
    "open_objections",
    "post_notice",
    "posted_notice_ids",
    "public_html",
    "public_notice_view",
    "public_notices",
    "raise_objection",
    "redate_notice",
    "redatings_of",
    "require_publishable",
    "sealed_redatings",
    "sealed_rows",
    "withdraw_objection",
]
