"""Whatever the OpenAPI description allows, and much that it does not, is answered without a server error."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from backend.people import services as people
from config.database import transaction

EXAMPLES = 12


@pytest.fixture
def described(app: Flask) -> schemathesis.BaseSchema:
    """The description of the house as it is served."""
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture
def tokens(app: Flask) -> dict[str, str]:
    """A consenting worker's token for the phone, an API key of an enterprise and one of a training center."""
    signed_in = transaction(lambda: people.sign_in_with_openid(openid="openid-schemathesis", device="device-1"))
    return {"phone": signed_in.token}


described_api = schemathesis.pytest.from_fixture("described")


@described_api.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True)
def test_no_operation_breaks_the_server(case: schemathesis.Case, tokens: dict[str, str]) -> None:
    token = tokens["phone"]
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        checks=[not_a_server_error, status_code_conformance, content_type_conformance],
    )
