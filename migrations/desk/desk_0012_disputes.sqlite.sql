-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER number_series_counts_up BEFORE UPDATE ON number_series WHEN NEW.last <> OLD.last + 1 BEGIN SELECT RAISE(ABORT, 'number_series: numbers are counted up one by one'); END
-- statement
CREATE TRIGGER public_notice_first_status BEFORE INSERT ON public_notice WHEN NEW.status NOT IN ('draft') BEGIN SELECT RAISE(ABORT, 'public_notice: this status move is not allowed'); END
-- statement
CREATE TRIGGER public_notice_status_move BEFORE UPDATE OF status ON public_notice WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'discarded') OR (OLD.status = 'draft' AND NEW.status = 'posted') OR (OLD.status = 'posted' AND NEW.status = 'closed')) BEGIN SELECT RAISE(ABORT, 'public_notice: this status move is not allowed'); END
-- statement
CREATE TRIGGER public_notice_decided BEFORE UPDATE OF year, sequence, policy_id, policy_version, people, total_fen, sha256, made_by_id, made_at ON public_notice BEGIN SELECT RAISE(ABORT, 'public_notice: what was decided is not edited'); END
-- statement
CREATE TRIGGER public_notice_kept BEFORE DELETE ON public_notice BEGIN SELECT RAISE(ABORT, 'public_notice: what was decided is not deleted'); END
-- statement
CREATE TRIGGER public_notice_sealed BEFORE UPDATE OF status ON public_notice WHEN NEW.status = 'posted' AND OLD.status = 'draft' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'notice' AND subject = 'notice:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'public_notice: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER public_notice_as_posted BEFORE UPDATE OF posted_on, posted_at, posted_by_id, url, opens_on ON public_notice WHEN OLD.status <> 'draft' BEGIN SELECT RAISE(ABORT, 'public_notice: what was posted is not edited'); END
-- statement
CREATE TRIGGER public_notice_deadline BEFORE UPDATE OF closes_on, closes_at, provisional ON public_notice WHEN OLD.status <> 'draft' AND (NEW.closes_at <> OLD.closes_at OR NEW.closes_on <> OLD.closes_on OR NEW.provisional <> OLD.provisional) AND (OLD.status <> 'posted' OR NEW.closes_at < OLD.closes_at OR NOT EXISTS (SELECT 1 FROM notice_redating r WHERE r.notice_id = NEW.id AND r.from_closes_at = OLD.closes_at AND r.closes_at = NEW.closes_at AND r.closes_on = NEW.closes_on AND r.provisional = NEW.provisional)) BEGIN SELECT RAISE(ABORT, 'public_notice: a deadline only moves later'); END
-- statement
CREATE TRIGGER notice_entry_decided BEFORE UPDATE OF notice_id, position, claim_ref, line_ref, enterprise_name, masked_name, class_hours, amount_fen ON notice_entry BEGIN SELECT RAISE(ABORT, 'notice_entry: what was decided is not edited'); END
-- statement
CREATE TRIGGER notice_entry_kept BEFORE DELETE ON notice_entry BEGIN SELECT RAISE(ABORT, 'notice_entry: what was decided is not deleted'); END
-- statement
CREATE TRIGGER notice_entry_draft BEFORE INSERT ON notice_entry WHEN NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'draft') BEGIN SELECT RAISE(ABORT, 'notice_entry: the notice is not open to entries'); END
-- statement
CREATE TRIGGER notice_entry_granted BEFORE INSERT ON notice_entry WHEN NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id WHERE l.public_id = NEW.line_ref AND c.public_id = NEW.claim_ref AND c.status = 'approved' AND l.status = 'held' AND l.granted_fen = NEW.amount_fen AND l.granted_class_hours = NEW.class_hours) BEGIN SELECT RAISE(ABORT, 'notice_entry: only what was granted and waits for its notice'); END
-- statement
CREATE TRIGGER notice_entry_discarded BEFORE UPDATE OF live ON notice_entry WHEN (NEW.live OR NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'discarded')) BEGIN SELECT RAISE(ABORT, 'notice_entry: only a discarded notice lets go'); END
-- statement
CREATE TRIGGER notice_redating_no_update BEFORE UPDATE ON notice_redating BEGIN SELECT RAISE(ABORT, 'notice_redating is append-only'); END
-- statement
CREATE TRIGGER notice_redating_no_delete BEFORE DELETE ON notice_redating BEGIN SELECT RAISE(ABORT, 'notice_redating is append-only'); END
-- statement
CREATE TRIGGER notice_redating_sealed BEFORE INSERT ON notice_redating WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'redating' AND subject = 'redating:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'notice_redating: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER objection_first_status BEFORE INSERT ON objection WHEN NEW.status NOT IN ('open') BEGIN SELECT RAISE(ABORT, 'objection: this status move is not allowed'); END
-- statement
CREATE TRIGGER objection_status_move BEFORE UPDATE OF status ON objection WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'open' AND NEW.status = 'dismissed') OR (OLD.status = 'open' AND NEW.status = 'upheld') OR (OLD.status = 'open' AND NEW.status = 'withdrawn')) BEGIN SELECT RAISE(ABORT, 'objection: this status move is not allowed'); END
-- statement
CREATE TRIGGER objection_decided BEFORE UPDATE OF year, sequence, notice_id, claim_ref, line_ref, text, code_digest, received_at, due_on ON objection BEGIN SELECT RAISE(ABORT, 'objection: what was decided is not edited'); END
-- statement
CREATE TRIGGER objection_kept BEFORE DELETE ON objection BEGIN SELECT RAISE(ABORT, 'objection: what was decided is not deleted'); END
-- statement
CREATE TRIGGER objection_on_notice BEFORE INSERT ON objection WHEN NOT EXISTS (SELECT 1 FROM public_notice n JOIN notice_entry e ON e.notice_id = n.id WHERE n.id = NEW.notice_id AND n.status = 'posted' AND e.claim_ref = NEW.claim_ref AND (NEW.line_ref IS NULL OR e.line_ref = NEW.line_ref)) BEGIN SELECT RAISE(ABORT, 'objection: nothing of this is on a posted notice'); END
-- statement
CREATE TRIGGER objection_reviewed BEFORE UPDATE OF status ON objection WHEN NEW.status IN ('upheld', 'dismissed') AND OLD.status <> NEW.status AND NOT EXISTS (SELECT 1 FROM review r WHERE r.subject_kind = 'objection' AND r.subject_id = NEW.public_id AND r.verdict = CASE NEW.status WHEN 'upheld' THEN 'approve' ELSE 'reject' END) BEGIN SELECT RAISE(ABORT, 'objection: a review decides an objection'); END
-- statement
CREATE TRIGGER dispute_first_status BEFORE INSERT ON dispute WHEN NEW.status NOT IN ('open') BEGIN SELECT RAISE(ABORT, 'dispute: this status move is not allowed'); END
-- statement
CREATE TRIGGER dispute_status_move BEFORE UPDATE OF status ON dispute WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'open' AND NEW.status = 'dismissed') OR (OLD.status = 'open' AND NEW.status = 'upheld') OR (OLD.status = 'open' AND NEW.status = 'withdrawn')) BEGIN SELECT RAISE(ABORT, 'dispute: this status move is not allowed'); END
-- statement
CREATE TRIGGER dispute_decided BEFORE UPDATE OF year, sequence, kind, worker_id, enrollment_id, class_ref, reporter_id, opened_by_staff_id, text, opened_at, due_on ON dispute BEGIN SELECT RAISE(ABORT, 'dispute: what was decided is not edited'); END
-- statement
CREATE TRIGGER dispute_kept BEFORE DELETE ON dispute BEGIN SELECT RAISE(ABORT, 'dispute: what was decided is not deleted'); END
-- statement
CREATE TRIGGER dispute_reviewed BEFORE UPDATE OF status ON dispute WHEN NEW.status IN ('upheld', 'dismissed') AND OLD.status <> NEW.status AND NOT EXISTS (SELECT 1 FROM review r WHERE r.subject_kind = 'dispute' AND r.subject_id = NEW.public_id AND r.verdict = CASE NEW.status WHEN 'upheld' THEN 'approve' ELSE 'reject' END) BEGIN SELECT RAISE(ABORT, 'dispute: a review decides a dispute'); END
-- statement
CREATE TRIGGER dispute_outcome_decided BEFORE UPDATE OF dispute_id, claim_ref, line_ref, outcome, amount_fen, at ON dispute_outcome BEGIN SELECT RAISE(ABORT, 'dispute_outcome: what was decided is not edited'); END
-- statement
CREATE TRIGGER dispute_outcome_kept BEFORE DELETE ON dispute_outcome BEGIN SELECT RAISE(ABORT, 'dispute_outcome: what was decided is not deleted'); END
-- statement
CREATE TRIGGER dispute_outcome_upheld BEFORE INSERT ON dispute_outcome WHEN NOT EXISTS (SELECT 1 FROM dispute WHERE id = NEW.dispute_id AND status = 'upheld') BEGIN SELECT RAISE(ABORT, 'dispute_outcome: only an upheld dispute has outcomes'); END
-- statement
CREATE TRIGGER escalation_no_update BEFORE UPDATE ON escalation BEGIN SELECT RAISE(ABORT, 'escalation is append-only'); END
-- statement
CREATE TRIGGER escalation_no_delete BEFORE DELETE ON escalation BEGIN SELECT RAISE(ABORT, 'escalation is append-only'); END
