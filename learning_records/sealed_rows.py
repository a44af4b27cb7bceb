"""What a slice hands to the audit: a row as its table has it now, to be held against the record that was sealed of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

BEFORE_ALL = -(2**63)
"""An id below every id, the odd ones too that somebody wrote by hand: where reading by pages begins."""


class CanonicalText(str):
    """A list in a body that the database itself wrote in canonical form, which is quicker than building it here."""


class SealedRow(NamedTuple):
    """One row, in the words of its record.

    ``id`` orders the rows of a source; ``name`` is how a finding calls the row (``transfer session:…:claimable``); ``body`` is
    the body of its record as the tables would give it now, without what they do not hold; its lists may be
    ``CanonicalText``. The record is found by ``subject`` (of the source's kinds), or by its inner id where the row cites it;
    then an empty ``subject`` is not compared. ``old_id`` is the id in the table in which rows are older than sealing; None
    where every row was always sealed. ``contradiction``: what rows of other tables, which follow from this one, say instead.
    """

    id: int
    name: str
    body: Mapping[str, Any]
    subject: str
    record_id: int | None = None
    old_id: int | None = None
    contradiction: str | None = None
