"""Personal fields at rest, blind indexes, tokens, canonical JSON and signatures."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from config import crypto

pytestmark = pytest.mark.usefixtures("keys")

canonical_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.text())
def test_a_field_comes_back_under_its_own_purpose_only(text: str) -> None:
    sealed = crypto.encrypt(text, purpose="name")
    assert crypto.decrypt(sealed, purpose="name") == text
    assert crypto.encrypt(text, purpose="name") != sealed
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed, purpose="phone")
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]), purpose="name")


def test_indexes_and_digests_depend_on_their_purpose() -> None:
    number = "320200199001010013"
    assert crypto.blind_index(number, purpose="id_number") == crypto.blind_index(number, purpose="id_number")
    assert crypto.blind_index(number, purpose="id_number") != crypto.blind_index(number, purpose="phone")
    assert crypto.blind_index(number, purpose="id_number") != crypto.digest(number)


@given(canonical_values)
def test_canonical_json_is_rfc_8785(value: Any) -> None:
    assert crypto.canonical_json(value) == rfc8785.dumps(value)
    assert json.loads(crypto.canonical_json(value)) == value


@pytest.mark.parametrize("value", [1.5, float("nan"), 2**53, "\ud800", {"键": 1}, {1: 2}, b"bytes", [{"a": 0.1}]])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        crypto.canonical_json(value)


@given(st.binary(), st.binary(min_size=1))
def test_a_signature_holds_for_its_message_only(message: bytes, more: bytes) -> None:
    signature = crypto.sign(message)
    assert crypto.verify(message, signature)
    assert not crypto.verify(message + more, signature)
    assert not crypto.verify(message, crypto.Signature("0" * 16, signature.signature_b64))
    assert not crypto.verify(message, crypto.Signature(signature.key_id, "AAAA"))
