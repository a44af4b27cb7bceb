"""Signed notes, checkpoints and proof files: what we write is read back, and nothing else passes."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_records.evidence import tree
from learning_records.evidence.notes import (
    Checkpoint,
    NoteError,
    Signer,
    Verifier,
    open_checkpoint,
    open_note,
    sign_note,
)
from learning_records.evidence.proofs import Proof, check_proof, format_proof, parse_proof
from learning_records.evidence.tree import ProofError
from tests.learning_records.log.plain import Shelf

ORIGIN = "log.example/wuxi"
OURS, NEXT, OTHER = (Signer(ORIGIN, bytes([number] * 32)) for number in (1, 2, 3))
LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(300)]
SHELF = Shelf(LEAVES)
HEAD = Checkpoint(ORIGIN, 300, tree.root_of(300, SHELF.read))
NOTE = sign_note(HEAD.text, [OURS])
# From the specification of signed notes: the verifier key of its example, read by Go's package as well.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


def test_a_note_signed_elsewhere_opens() -> None:
    key = Verifier.parse(PETER)
    assert key.vkey == PETER
    assert open_note(PETER_NOTE, [key]).startswith("If you think")
    with pytest.raises(NoteError, match="PeterNeumann does not hold"):
        open_note(PETER_NOTE.replace("cryptography", "Cryptography"), [key])


def test_both_keys_sign_while_they_change_and_either_one_is_enough_to_read() -> None:
    note = sign_note(HEAD.text, [OURS, NEXT])
    assert note.count("\n— ") == 2
    for key in (OURS, NEXT):
        assert open_checkpoint(note, [key.verifier], origin=ORIGIN) == HEAD
    with pytest.raises(NoteError, match="none of the known keys"):
        open_note(note, [OTHER.verifier])


def test_a_known_key_with_a_wrong_signature_refuses_the_whole_note() -> None:
    forged = NEXT.sign("something else\n")
    with pytest.raises(NoteError, match="does not hold"):
        open_note(NOTE + forged, [OURS.verifier, NEXT.verifier])
    assert open_note(NOTE + forged, [OURS.verifier]) == HEAD.text


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(NoteError, match=r"not of log\.example/jiangyin"):
        open_checkpoint(NOTE, [OURS.verifier], origin="log.example/jiangyin")


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_single_changed_byte_of_a_note_passes(at: int, change: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[at] ^= change
    with pytest.raises(NoteError):
        open_checkpoint(raw.decode("utf-8", errors="surrogateescape"), [OURS.verifier], origin=ORIGIN)


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: "",
        lambda note: note[:-1],
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.split("\n\n")[0] + "\n\n",
        lambda note: note.replace("— ", "- "),
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note + "\n",
        lambda note: note + "— only-a-name\n",
        lambda note: note + "— name AAAA\n",
        lambda note: note + "— name !!!!\n",
        lambda note: note + "— a+b AAAAAAAA\n",
        lambda note: note + "— x AAAAAAAA\n" * 200,
        lambda note: "x" * 2_000_000,
    ],
)
def test_what_is_no_note_is_refused(damage: Callable[[str], str]) -> None:
    with pytest.raises(NoteError):
        open_note(damage(NOTE), [OURS.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "log.example/wuxi\n300\n",
        "log.example/wuxi\n0300\n" + "A" * 43 + "=\n",
        "log.example/wuxi\n-1\n" + "A" * 43 + "=\n",
        "log.example/wuxi\n9223372036854775808\n" + "A" * 43 + "=\n",
        "log.example/wuxi\n300\nAAAA\n",
        "log.example/wuxi\n300\n" + "A" * 42 + "B=\n",  # bits that belong to no byte
        "\n300\n" + "A" * 43 + "=\n",
        "log.example/wuxi\n300\n" + "A" * 43 + "=\n\nextension\n",
        "log.example/wuxi\n300\n" + "A" * 43 + "=",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_extension_lines_of_a_checkpoint_are_passed_over() -> None:
    assert Checkpoint.parse(HEAD.text + "an extension\n") == HEAD


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER.replace("PeterNeumann", "PeterNewmann"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER[:-4],
        PETER.replace("+ARpc", "+AhpcA"),
    ],
)
def test_what_is_no_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        Verifier.parse(vkey)


def _proof(index: int) -> Proof:
    return Proof(index, tuple(tree.inclusion_proof(index, 300, SHELF.read)), NOTE)


@given(st.integers(0, 299))
def test_a_proof_file_proves_its_entry_without_the_log(index: int) -> None:
    text = format_proof(_proof(index))
    assert text.startswith(f"c2sp.org/tlog-proof@v1\nindex {index}\n")
    assert text.endswith("\n\n" + NOTE)
    found = parse_proof(text)
    assert found == _proof(index)
    assert check_proof(found, leaf=LEAVES[index], verifiers=[OURS.verifier], origin=ORIGIN) == HEAD
    with pytest.raises(ProofError):
        check_proof(found, leaf=LEAVES[index - 1], verifiers=[OURS.verifier], origin=ORIGIN)
    with pytest.raises(NoteError):
        check_proof(found, leaf=LEAVES[index], verifiers=[OTHER.verifier], origin=ORIGIN)


def test_extra_data_in_a_proof_are_passed_over() -> None:
    text = _proof(7).text.replace("index 7", f"extra {base64.b64encode(b'whatever').decode()}\nindex 7")
    assert parse_proof(text) == _proof(7)


@given(st.integers(0, len(_proof(7).text.encode()) - 1), st.integers(1, 255))
def test_no_single_changed_byte_of_a_proof_passes(at: int, change: int) -> None:
    raw = bytearray(_proof(7).text.encode())
    raw[at] ^= change
    text = raw.decode("utf-8", errors="surrogateescape")
    with pytest.raises((NoteError, ProofError)):
        check_proof(parse_proof(text), leaf=LEAVES[7], verifiers=[OURS.verifier], origin=ORIGIN)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("index 7\n", ""),
        lambda text: text.replace("index 7", "index 07"),
        lambda text: text.replace("index 7", "extra ???\nindex 7"),
        lambda text: text.split("\n\n")[0],
        lambda text: text.replace("index 7\n", "index 7\nAAAA\n"),
        lambda text: text.replace("index 7\n", "index 7\n" + ("A" * 43 + "=\n") * 64),
    ],
)
def test_what_is_no_proof_file_is_refused(damage: Callable[[str], str]) -> None:
    with pytest.raises(NoteError):
        parse_proof(damage(_proof(7).text))
