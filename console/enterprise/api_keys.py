"""Keys with which the enterprise's own systems pull its hour report."""

from __future__ import annotations

import uuid

from flask import url_for
from flask.typing import ResponseReturnValue

from console import api_keys as keys
from console.enterprise.door import blueprint, enterprise


def _holder() -> keys.Holder:
    mine = enterprise().public_id
    return keys.Holder(
        subject_kind="enterprise",
        subject_id=mine,
        address=url_for("enterprise.api_keys", enterprise_id=mine),
        layout="enterprise/layout.html",
        purpose="供本企业的人事或考勤系统拉取学时报告。",
        example="人事系统",
        call=f"GET {url_for('start.page', _external=True)}api/v1/partner/hour-report",
    )


@blueprint.get("/<uuid:enterprise_id>/api-keys")
def api_keys(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """The enterprise's keys."""
    return keys.show(_holder())


@blueprint.post("/<uuid:enterprise_id>/api-keys")
def create_api_key(enterprise_id: uuid.UUID) -> ResponseReturnValue:
    """Make a key for one of its systems."""
    return keys.create(_holder())


@blueprint.post("/<uuid:enterprise_id>/api-keys/<uuid:key_id>/revoke")
def revoke_api_key(enterprise_id: uuid.UUID, key_id: uuid.UUID) -> ResponseReturnValue:
    """End a key."""
    return keys.revoke(_holder(), key_id)
