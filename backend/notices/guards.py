"""What the database itself keeps of notices and objections, as SQL for their triggers."""

from __future__ import annotations

NOT_GRANTED = (
    "NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id "
    "WHERE l.public_id = NEW.line_ref AND c.public_id = NEW.claim_ref AND c.status = 'approved' AND l.status = 'held' "
    "AND l.granted_fen = NEW.amount_fen AND l.granted_class_hours = NEW.class_hours)"
)
"""A row of a notice says what two persons granted, of a claim that waits for its notice."""

NOT_DRAFT = "NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'draft')"
NOT_DISCARDED = (
    "(NEW.live OR NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'discarded'))"
)

NOT_ON_NOTICE = (
    "NOT EXISTS (SELECT 1 FROM public_notice n JOIN notice_entry e ON e.notice_id = n.id WHERE n.id = NEW.notice_id "
    "AND n.status = 'posted' AND e.claim_ref = NEW.claim_ref AND (NEW.line_ref IS NULL OR e.line_ref = NEW.line_ref))"
)
"""An objection is about a claim, or a person, that is on this notice now."""

NOT_RECORDED = (
    "NOT EXISTS (SELECT 1 FROM notice_redating r WHERE r.notice_id = NEW.id AND r.from_closes_at = OLD.closes_at "
    "AND r.closes_at = NEW.closes_at AND r.closes_on = NEW.closes_on AND r.provisional = NEW.provisional)"
)
RE_DATED = (
    "OLD.status <> 'draft' AND (NEW.closes_at <> OLD.closes_at OR NEW.closes_on <> OLD.closes_on "
    f"OR NEW.provisional <> OLD.provisional) AND (OLD.status <> 'posted' OR NEW.closes_at < OLD.closes_at OR {NOT_RECORDED})"
)
"""A deadline that was posted moves only later, and only as a recorded change says."""
