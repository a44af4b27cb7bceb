-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER subsidy_claim_first_status BEFORE INSERT ON subsidy_claim WHEN NEW.status NOT IN ('submitted') BEGIN SELECT RAISE(ABORT, 'subsidy_claim: this status move is not allowed'); END
-- statement
CREATE TRIGGER subsidy_claim_status_move BEFORE UPDATE OF status ON subsidy_claim WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'approved' AND NEW.status = 'on_notice') OR (OLD.status = 'approved' AND NEW.status = 'rejected') OR (OLD.status = 'on_notice' AND NEW.status = 'payable') OR (OLD.status = 'on_notice' AND NEW.status = 'rejected') OR (OLD.status = 'payable' AND NEW.status = 'paid') OR (OLD.status = 'payable' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'approved') OR (OLD.status = 'reviewed' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'sent_back') OR (OLD.status = 'reviewed' AND NEW.status = 'submitted') OR (OLD.status = 'reviewed' AND NEW.status = 'withdrawn') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'reviewed') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn')) BEGIN SELECT RAISE(ABORT, 'subsidy_claim: this status move is not allowed'); END
-- statement
CREATE TRIGGER subsidy_claim_decided BEFORE UPDATE OF plan_id, enterprise_id, policy_id, policy_version, claimed_on, total_fen, submitted_at ON subsidy_claim BEGIN SELECT RAISE(ABORT, 'subsidy_claim: what was decided is not edited'); END
-- statement
CREATE TRIGGER subsidy_claim_kept BEFORE DELETE ON subsidy_claim BEGIN SELECT RAISE(ABORT, 'subsidy_claim: what was decided is not deleted'); END
-- statement
CREATE TRIGGER subsidy_claim_sealed BEFORE INSERT ON subsidy_claim WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'claim' AND subject = 'claim:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'subsidy_claim: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER subsidy_claim_total BEFORE UPDATE OF status ON subsidy_claim WHEN NEW.status = 'approved' AND OLD.status <> 'approved' AND (NEW.total_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE claim_id = NEW.id) OR (SELECT COALESCE(SUM(granted_fen), 0) FROM claim_line WHERE claim_id = NEW.id AND status = 'held') = 0) BEGIN SELECT RAISE(ABORT, 'subsidy_claim: the total is not what its lines come to, or nothing is left to grant'); END
-- statement
CREATE TRIGGER subsidy_claim_settled BEFORE UPDATE OF status ON subsidy_claim WHEN NEW.status = 'paid' AND OLD.status <> 'paid' AND EXISTS (SELECT 1 FROM claim_line WHERE claim_id = NEW.id AND status = 'held') BEGIN SELECT RAISE(ABORT, 'subsidy_claim: a line waits for its payment'); END
-- statement
CREATE TRIGGER claim_line_first_status BEFORE INSERT ON claim_line WHEN NEW.status NOT IN ('held', 'refused') BEGIN SELECT RAISE(ABORT, 'claim_line: this status move is not allowed'); END
-- statement
CREATE TRIGGER claim_line_status_move BEFORE UPDATE OF status ON claim_line WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'held' AND NEW.status = 'released') OR (OLD.status = 'held' AND NEW.status = 'settled')) BEGIN SELECT RAISE(ABORT, 'claim_line: this status move is not allowed'); END
-- statement
CREATE TRIGGER claim_line_decided BEFORE UPDATE OF claim_id, worker_id, policy_id, cap_fen, cap_ref, class_hours, seconds, amount_fen, eligible, decision, hold_key, certificate_number ON claim_line BEGIN SELECT RAISE(ABORT, 'claim_line: what was decided is not edited'); END
-- statement
CREATE TRIGGER claim_line_kept BEFORE DELETE ON claim_line BEGIN SELECT RAISE(ABORT, 'claim_line: what was decided is not deleted'); END
-- statement
CREATE TRIGGER claim_line_cap AFTER INSERT ON claim_line WHEN (SELECT COALESCE(SUM(granted_fen), 0) FROM claim_line WHERE worker_id = NEW.worker_id AND policy_id = NEW.policy_id AND cap_ref = NEW.cap_ref AND status IN ('held', 'settled')) > NEW.cap_fen BEGIN SELECT RAISE(ABORT, 'claim_line: the cap of this person is passed'); END
-- statement
CREATE TRIGGER claim_line_with_claim BEFORE INSERT ON claim_line WHEN NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'submitted') BEGIN SELECT RAISE(ABORT, 'claim_line: the claim is not open to lines'); END
-- statement
CREATE TRIGGER claim_line_as_claimed BEFORE INSERT ON claim_line WHEN (NEW.granted_class_hours <> CASE NEW.status WHEN 'held' THEN NEW.class_hours ELSE 0 END OR NEW.granted_seconds <> NEW.seconds OR NEW.granted_fen <> NEW.amount_fen OR COALESCE(NEW.granted_hold_key, '') <> COALESCE(NEW.hold_key, '') OR NEW.payable_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'claim_line: a line begins with what was claimed'); END
-- statement
CREATE TRIGGER claim_line_cut BEFORE UPDATE OF granted_class_hours, granted_seconds, granted_fen, granted_hold_key ON claim_line WHEN NOT EXISTS (SELECT 1 FROM claim_adjustment a WHERE a.claim_line_id = NEW.id AND a.from_fen = OLD.granted_fen AND a.class_hours = NEW.granted_class_hours AND a.seconds = NEW.granted_seconds AND a.amount_fen = NEW.granted_fen AND COALESCE(a.hold_key, '') = COALESCE(NEW.granted_hold_key, '')) BEGIN SELECT RAISE(ABORT, 'claim_line: only an adjustment changes what is granted'); END
-- statement
CREATE TRIGGER claim_line_payable BEFORE UPDATE OF payable_at ON claim_line WHEN (OLD.payable_at IS NOT NULL OR NEW.status <> 'held' OR NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'payable')) BEGIN SELECT RAISE(ABORT, 'claim_line: a line is payable once its notice has closed'); END
-- statement
CREATE TRIGGER claim_line_settled BEFORE UPDATE OF status ON claim_line WHEN NEW.status = 'settled' AND OLD.status <> 'settled' AND NEW.payable_at IS NULL BEGIN SELECT RAISE(ABORT, 'claim_line: only what is payable is settled'); END
-- statement
CREATE TRIGGER claim_adjustment_no_update BEFORE UPDATE ON claim_adjustment BEGIN SELECT RAISE(ABORT, 'claim_adjustment is append-only'); END
-- statement
CREATE TRIGGER claim_adjustment_no_delete BEFORE DELETE ON claim_adjustment BEGIN SELECT RAISE(ABORT, 'claim_adjustment is append-only'); END
-- statement
CREATE TRIGGER claim_adjustment_sealed BEFORE INSERT ON claim_adjustment WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'adjustment' AND subject = 'adjustment:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'claim_adjustment: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER claim_adjustment_open BEFORE INSERT ON claim_adjustment WHEN NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id WHERE l.id = NEW.claim_line_id AND c.status = 'submitted' AND l.status = 'held' AND l.granted_fen = NEW.from_fen AND NEW.class_hours < l.granted_class_hours AND NEW.seconds < l.granted_seconds) BEGIN SELECT RAISE(ABORT, 'claim_adjustment: only an open line is cut, and only downward'); END
