"""What is sealed of claims, reviews, payments and appeals: enough to follow the money back to the beats, and no names."""

from __future__ import annotations

import json
import uuid
from typing import Any

import sqlalchemy as sa
from flask import Flask

from config.database import db
from learning_records.evidence.models import EvidenceRecord
from tests.cast.enterprises import id_number


def records(kind: str) -> list[EvidenceRecord]:
    query = sa.select(EvidenceRecord).where(EvidenceRecord.kind == kind).order_by(EvidenceRecord.id)
    return list(db.session.scalars(query))


def body(record: EvidenceRecord) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(record.body)
    return said


def paid(app: Flask) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sealed payment and the sealed claim it pays."""
    (payment,) = (body(record) for record in records("payment"))
    (claim,) = (said for said in map(body, records("claim")) if said["claim"] == payment["claim"])
    return payment, claim


def test_a_payment_leads_to_its_claim_the_claim_to_holds_and_the_holds_to_deposits(app: Flask) -> None:
    payment, claim = paid(app)
    transfers = {said["key"]: said for said in map(body, records("transfer"))}
    assert payment["amount_fen"] == sum(line["amount_fen"] for line in payment["lines"]) == claim["total_fen"] == 90_650
    for paid_line, line in zip(payment["lines"], claim["lines"], strict=True):
        hold, settle = transfers[line["hold"]], transfers[paid_line["settle"]]
        assert (paid_line["line"], paid_line["amount_fen"]) == (line["line"], line["amount_fen"])
        assert (settle["transfer"], settle["hold"], settle["amount_seconds"]) == (
            "settle",
            hold["key"],
            line["seconds"],
        )
        assert hold["person"] == line["person"]
        assert hold["context"] == line["class"]
        assert hold["draws"] == settle["draws"]
        assert sum(seconds for _, seconds in hold["draws"]) == line["seconds"]
        assert all(transfers[key]["evidence"] for key, _ in hold["draws"])
        assert line["amount_fen"] == min(
            line["cap_fen"] - line["drawn_fen"], line["class_hours"] * claim["rates"]["rate_fen"]
        )
    assert claim["rates"] == {
        "rate_fen": 1_850,
        "class_hour_seconds": 2_700,
        "minimum_class_hours": 24,
        "cap_fen": 50_000,
    }
    assert payment["created_by"] != payment["released_by"]
    assert payment["fund"] == "职业技能提升行动专账资金"


def test_the_decisions_about_a_claim_name_their_people_by_id(app: Flask) -> None:
    _, claim = paid(app)
    reviews = [said for said in map(body, records("review")) if said["subject_id"] == claim["claim"]]
    assert [(said["stage"], said["verdict"], said["clause"]) for said in reviews] == [
        ("first", "approve", "三"),
        ("second", "approve", "三"),
    ]
    assert len({uuid.UUID(said["staff"]) for said in reviews}) == 2
    kinds = {said["subject_kind"] for said in map(body, records("review"))}
    assert kinds == {"plan", "claim", "appeal", "bank_account"}


def test_decisions_are_gathered_by_their_class_and_person(app: Flask) -> None:
    _, claim = paid(app)
    class_id = uuid.UUID(claim["lines"][0]["class"])
    gathered = {record.kind for kind in ("claim", "payment", "review", "transfer", "session", "quiz", "appeal")
                for record in records(kind) if record.context_ref == class_id}  # fmt: skip
    assert gathered == {"claim", "payment", "review", "transfer", "session", "quiz", "appeal"}
    (appealed,) = (record for record in records("review") if body(record)["subject_kind"] == "appeal")
    assert appealed.person_ref is not None
    subjects = [
        record.subject for kind in ("session", "quiz", "appeal", "transfer", "claim") for record in records(kind)
    ]
    assert all(subject is not None for subject in subjects)
    assert len(set(subjects)) == len(subjects)


def test_no_name_and_no_number_of_a_person_is_sealed_with_a_decision(app: Flask) -> None:
    for kind in ("transfer", "claim", "review", "payment", "appeal", "session", "quiz"):
        for record in records(kind):
            text = record.body.decode()
            assert "王小明" not in text
            assert "李小红" not in text
            assert not any(id_number(serial) in text for serial in (1, 2, 3))
