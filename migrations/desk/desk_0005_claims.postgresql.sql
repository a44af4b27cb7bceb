-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION subsidy_claim_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'subsidy_claim: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER subsidy_claim_first_status BEFORE INSERT ON subsidy_claim FOR EACH ROW WHEN (NEW.status NOT IN ('submitted')) EXECUTE FUNCTION subsidy_claim_refuse_move()
-- statement
CREATE TRIGGER subsidy_claim_status_move BEFORE UPDATE OF status ON subsidy_claim FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'approved' AND NEW.status = 'on_notice') OR (OLD.status = 'approved' AND NEW.status = 'rejected') OR (OLD.status = 'on_notice' AND NEW.status = 'payable') OR (OLD.status = 'on_notice' AND NEW.status = 'rejected') OR (OLD.status = 'payable' AND NEW.status = 'paid') OR (OLD.status = 'payable' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'approved') OR (OLD.status = 'reviewed' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'sent_back') OR (OLD.status = 'reviewed' AND NEW.status = 'submitted') OR (OLD.status = 'reviewed' AND NEW.status = 'withdrawn') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'reviewed') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION subsidy_claim_refuse_move()
-- statement
CREATE FUNCTION subsidy_claim_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'subsidy_claim: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER subsidy_claim_decided BEFORE UPDATE OF plan_id, enterprise_id, policy_id, policy_version, claimed_on, total_fen, submitted_at ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_decided_refuse()
-- statement
CREATE FUNCTION subsidy_claim_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'subsidy_claim: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER subsidy_claim_kept BEFORE DELETE ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_kept_refuse()
-- statement
CREATE FUNCTION subsidy_claim_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'claim' AND subject = 'claim:' || NEW.public_id::text) THEN RAISE EXCEPTION 'subsidy_claim: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER subsidy_claim_sealed BEFORE INSERT ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_sealed()
-- statement
CREATE FUNCTION subsidy_claim_total_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'approved' AND OLD.status <> 'approved' AND (NEW.total_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE claim_id = NEW.id) OR (SELECT COALESCE(SUM(granted_fen), 0) FROM claim_line WHERE claim_id = NEW.id AND status = 'held') = 0) THEN RAISE EXCEPTION 'subsidy_claim: the total is not what its lines come to, or nothing is left to grant' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER subsidy_claim_total BEFORE UPDATE OF status ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_total_refuse()
-- statement
CREATE FUNCTION subsidy_claim_settled_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'paid' AND OLD.status <> 'paid' AND EXISTS (SELECT 1 FROM claim_line WHERE claim_id = NEW.id AND status = 'held') THEN RAISE EXCEPTION 'subsidy_claim: a line waits for its payment' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER subsidy_claim_settled BEFORE UPDATE OF status ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_settled_refuse()
-- statement
CREATE FUNCTION claim_line_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_line: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER claim_line_first_status BEFORE INSERT ON claim_line FOR EACH ROW WHEN (NEW.status NOT IN ('held', 'refused')) EXECUTE FUNCTION claim_line_refuse_move()
-- statement
CREATE TRIGGER claim_line_status_move BEFORE UPDATE OF status ON claim_line FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'held' AND NEW.status = 'released') OR (OLD.status = 'held' AND NEW.status = 'settled'))) EXECUTE FUNCTION claim_line_refuse_move()
-- statement
CREATE FUNCTION claim_line_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_line: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER claim_line_decided BEFORE UPDATE OF claim_id, worker_id, policy_id, cap_fen, cap_ref, class_hours, seconds, amount_fen, eligible, decision, hold_key, certificate_number ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_decided_refuse()
-- statement
CREATE FUNCTION claim_line_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_line: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER claim_line_kept BEFORE DELETE ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_kept_refuse()
-- statement
CREATE FUNCTION claim_line_cap_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM worker WHERE id = NEW.worker_id FOR NO KEY UPDATE; IF (SELECT COALESCE(SUM(granted_fen), 0) FROM claim_line WHERE worker_id = NEW.worker_id AND policy_id = NEW.policy_id AND cap_ref = NEW.cap_ref AND status IN ('held', 'settled')) > NEW.cap_fen THEN RAISE EXCEPTION 'claim_line: the cap of this person is passed' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $$
-- statement
CREATE TRIGGER claim_line_cap AFTER INSERT ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_cap_refuse()
-- statement
CREATE FUNCTION claim_line_with_claim_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'submitted') THEN RAISE EXCEPTION 'claim_line: the claim is not open to lines' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_with_claim BEFORE INSERT ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_with_claim_refuse()
-- statement
CREATE FUNCTION claim_line_as_claimed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (NEW.granted_class_hours <> CASE NEW.status WHEN 'held' THEN NEW.class_hours ELSE 0 END OR NEW.granted_seconds <> NEW.seconds OR NEW.granted_fen <> NEW.amount_fen OR COALESCE(NEW.granted_hold_key, '') <> COALESCE(NEW.hold_key, '') OR NEW.payable_at IS NOT NULL) THEN RAISE EXCEPTION 'claim_line: a line begins with what was claimed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_as_claimed BEFORE INSERT ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_as_claimed_refuse()
-- statement
CREATE FUNCTION claim_line_cut_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM claim_adjustment a WHERE a.claim_line_id = NEW.id AND a.from_fen = OLD.granted_fen AND a.class_hours = NEW.granted_class_hours AND a.seconds = NEW.granted_seconds AND a.amount_fen = NEW.granted_fen AND COALESCE(a.hold_key, '') = COALESCE(NEW.granted_hold_key, '')) THEN RAISE EXCEPTION 'claim_line: only an adjustment changes what is granted' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_cut BEFORE UPDATE OF granted_class_hours, granted_seconds, granted_fen, granted_hold_key ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_cut_refuse()
-- statement
CREATE FUNCTION claim_line_payable_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (OLD.payable_at IS NOT NULL OR NEW.status <> 'held' OR NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'payable')) THEN RAISE EXCEPTION 'claim_line: a line is payable once its notice has closed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_payable BEFORE UPDATE OF payable_at ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_payable_refuse()
-- statement
CREATE FUNCTION claim_line_settled_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'settled' AND OLD.status <> 'settled' AND NEW.payable_at IS NULL THEN RAISE EXCEPTION 'claim_line: only what is payable is settled' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_settled BEFORE UPDATE OF status ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_settled_refuse()
-- statement
CREATE FUNCTION claim_adjustment_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_adjustment is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER claim_adjustment_no_change BEFORE UPDATE OR DELETE ON claim_adjustment FOR EACH ROW EXECUTE FUNCTION claim_adjustment_append_only()
-- statement
CREATE TRIGGER claim_adjustment_no_truncate BEFORE TRUNCATE ON claim_adjustment FOR EACH STATEMENT EXECUTE FUNCTION claim_adjustment_append_only()
-- statement
CREATE FUNCTION claim_adjustment_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'adjustment' AND subject = 'adjustment:' || NEW.public_id::text) THEN RAISE EXCEPTION 'claim_adjustment: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_adjustment_sealed BEFORE INSERT ON claim_adjustment FOR EACH ROW EXECUTE FUNCTION claim_adjustment_sealed()
-- statement
CREATE FUNCTION claim_adjustment_open_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id WHERE l.id = NEW.claim_line_id AND c.status = 'submitted' AND l.status = 'held' AND l.granted_fen = NEW.from_fen AND NEW.class_hours < l.granted_class_hours AND NEW.seconds < l.granted_seconds) THEN RAISE EXCEPTION 'claim_adjustment: only an open line is cut, and only downward' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_adjustment_open BEFORE INSERT ON claim_adjustment FOR EACH ROW EXECUTE FUNCTION claim_adjustment_open_refuse()
