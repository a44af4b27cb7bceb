"""Who calls: the enterprise, training center or platform behind the API key.

``PartnerBlueprint`` is where the guard is attached, once for each audience: every route of this door is made with one, and a
key of the other kind gets nowhere.
"""

from collections.abc import Callable
from typing import Any

from flask import g, request

from backend.people import services as people
from backend.people.services import ApiKeyView
from config.errors import NotAllowed
from wire.api import JsonBlueprint, bearer_token, limit_body
from wire.problems import Unauthenticated

PREFIX = "/api/v1/partner"
_AUDIENCES = {"enterprise": "企业", "training_center": "培训中心", "platform": "培训平台"}


def api_key() -> ApiKeyView:
    """The key of this request, which the guard has checked."""
    key: ApiKeyView = g.api_key
    return key


class PartnerBlueprint(JsonBlueprint):
    """Routes for keys of one kind of subject (``enterprise``, ``training_center`` or ``platform``)."""

    def __init__(self, name: str, description: str, *, subject_kind: str) -> None:
        super().__init__(f"partner_{name}", __name__, url_prefix=PREFIX, description=description)
        self.subject_kind = subject_kind
        self.before_request(self._require_key)

    def route(self, rule: str, **options: Any) -> Callable[..., Any]:
        """As of any blueprint; the description says that a key is needed."""
        register = super().route(rule, **options)

        def decorate(function: Callable[..., Any]) -> Any:
            return register(self.doc(security=[{"apiKey": []}])(function))

        return decorate

    def _require_key(self) -> None:
        """Raises Unauthenticated API_KEY_INVALID (missing, unknown or revoked), NotAllowed API_KEY_WRONG_KIND."""
        limit_body(request)
        key = people.authenticate_api_key(_secret())
        if key is None:
            raise _invalid()
        if key.subject_kind != self.subject_kind:
            raise NotAllowed(
                "API_KEY_WRONG_KIND",
                f"这个地址只对{_AUDIENCES[self.subject_kind]}的接口密钥开放，请换用相应的密钥。",
            )
        g.api_key = key


def _secret() -> str:
    try:
        return bearer_token(request)
    except Unauthenticated as error:
        raise _invalid() from error


def _invalid() -> Unauthenticated:
    return Unauthenticated("API_KEY_INVALID", "接口密钥无效或已停用，请在控制台重新生成后再试。")
