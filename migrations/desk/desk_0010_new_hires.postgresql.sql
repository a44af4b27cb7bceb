-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION new_hire_application_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'new_hire_application: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER new_hire_application_first_status BEFORE INSERT ON new_hire_application FOR EACH ROW WHEN (NEW.status NOT IN ('draft')) EXECUTE FUNCTION new_hire_application_refuse_move()
-- statement
CREATE TRIGGER new_hire_application_status_move BEFORE UPDATE OF status ON new_hire_application FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'submitted') OR (OLD.status = 'draft' AND NEW.status = 'withdrawn') OR (OLD.status = 'reviewed' AND NEW.status = 'approved') OR (OLD.status = 'reviewed' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'sent_back') OR (OLD.status = 'reviewed' AND NEW.status = 'withdrawn') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'reviewed') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION new_hire_application_refuse_move()
-- statement
CREATE FUNCTION new_hire_application_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'submitted' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'new_hire' AND subject = 'new_hire:' || NEW.public_id::text) THEN RAISE EXCEPTION 'new_hire_application: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_application_sealed BEFORE UPDATE OF status ON new_hire_application FOR EACH ROW EXECUTE FUNCTION new_hire_application_sealed()
-- statement
CREATE FUNCTION new_hire_application_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'new_hire_application: what was submitted is not deleted' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$
-- statement
CREATE TRIGGER new_hire_application_kept BEFORE DELETE ON new_hire_application FOR EACH ROW EXECUTE FUNCTION new_hire_application_kept_refuse()
-- statement
CREATE FUNCTION new_hire_application_named_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF COALESCE(CAST(NEW.enterprise_id AS TEXT), '') <> COALESCE(CAST(OLD.enterprise_id AS TEXT), '') OR COALESCE(CAST(NEW.policy_id AS TEXT), '') <> COALESCE(CAST(OLD.policy_id AS TEXT), '') OR COALESCE(CAST(NEW.policy_version AS TEXT), '') <> COALESCE(CAST(OLD.policy_version AS TEXT), '') OR COALESCE(CAST(NEW.created_at AS TEXT), '') <> COALESCE(CAST(OLD.created_at AS TEXT), '') OR COALESCE(CAST(NEW.public_id AS TEXT), '') <> COALESCE(CAST(OLD.public_id AS TEXT), '') THEN RAISE EXCEPTION 'new_hire_application: what was submitted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_application_named BEFORE UPDATE OF enterprise_id, policy_id, policy_version, created_at, public_id ON new_hire_application FOR EACH ROW EXECUTE FUNCTION new_hire_application_named_refuse()
-- statement
CREATE FUNCTION new_hire_application_submitted_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' AND (COALESCE(CAST(NEW.submitted_at AS TEXT), '') <> COALESCE(CAST(OLD.submitted_at AS TEXT), '') OR COALESCE(CAST(NEW.promise_version AS TEXT), '') <> COALESCE(CAST(OLD.promise_version AS TEXT), '') OR COALESCE(CAST(NEW.promise_sha256 AS TEXT), '') <> COALESCE(CAST(OLD.promise_sha256 AS TEXT), '') OR COALESCE(CAST(NEW.total_fen AS TEXT), '') <> COALESCE(CAST(OLD.total_fen AS TEXT), '')) THEN RAISE EXCEPTION 'new_hire_application: what was submitted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_application_submitted BEFORE UPDATE OF submitted_at, promise_version, promise_sha256, total_fen ON new_hire_application FOR EACH ROW EXECUTE FUNCTION new_hire_application_submitted_refuse()
-- statement
CREATE FUNCTION new_hire_application_granted_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'approved' AND OLD.status <> 'approved' AND NEW.granted_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM new_hire_line WHERE application_id = NEW.id AND status = 'held') THEN RAISE EXCEPTION 'new_hire_application: not what its lines come to' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_application_granted BEFORE UPDATE OF status ON new_hire_application FOR EACH ROW EXECUTE FUNCTION new_hire_application_granted_refuse()
-- statement
CREATE FUNCTION new_hire_application_granted_once_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status = 'approved' AND COALESCE(NEW.granted_fen, -1) <> COALESCE(OLD.granted_fen, -1) THEN RAISE EXCEPTION 'new_hire_application: what was granted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_application_granted_once BEFORE UPDATE OF granted_fen ON new_hire_application FOR EACH ROW EXECUTE FUNCTION new_hire_application_granted_once_refuse()
-- statement
CREATE FUNCTION new_hire_line_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'new_hire_line: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER new_hire_line_first_status BEFORE INSERT ON new_hire_line FOR EACH ROW WHEN (NEW.status NOT IN ('draft')) EXECUTE FUNCTION new_hire_line_refuse_move()
-- statement
CREATE TRIGGER new_hire_line_status_move BEFORE UPDATE OF status ON new_hire_line FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'held') OR (OLD.status = 'draft' AND NEW.status = 'refused') OR (OLD.status = 'held' AND NEW.status = 'payable') OR (OLD.status = 'held' AND NEW.status = 'released') OR (OLD.status = 'paid' AND NEW.status = 'trained') OR (OLD.status = 'paid' AND NEW.status = 'untrained') OR (OLD.status = 'payable' AND NEW.status = 'paid') OR (OLD.status = 'untrained' AND NEW.status = 'recovered'))) EXECUTE FUNCTION new_hire_line_refuse_move()
-- statement
CREATE FUNCTION new_hire_line_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status = 'draft' AND NEW.status IN ('held', 'refused') AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'new_hire' AND subject = 'new_hire:' || (SELECT a.public_id::text FROM new_hire_application a WHERE a.id = NEW.application_id)) THEN RAISE EXCEPTION 'new_hire_line: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_sealed BEFORE UPDATE OF status ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_sealed()
-- statement
CREATE FUNCTION new_hire_line_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'new_hire_line: what was submitted is not deleted' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$
-- statement
CREATE TRIGGER new_hire_line_kept BEFORE DELETE ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_kept_refuse()
-- statement
CREATE FUNCTION new_hire_line_named_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF COALESCE(CAST(NEW.public_id AS TEXT), '') <> COALESCE(CAST(OLD.public_id AS TEXT), '') OR COALESCE(CAST(NEW.application_id AS TEXT), '') <> COALESCE(CAST(OLD.application_id AS TEXT), '') OR COALESCE(CAST(NEW.enterprise_id AS TEXT), '') <> COALESCE(CAST(OLD.enterprise_id AS TEXT), '') THEN RAISE EXCEPTION 'new_hire_line: what was submitted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_named BEFORE UPDATE OF public_id, application_id, enterprise_id ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_named_refuse()
-- statement
CREATE FUNCTION new_hire_line_submitted_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' AND (COALESCE(CAST(NEW.roster_entry_id AS TEXT), '') <> COALESCE(CAST(OLD.roster_entry_id AS TEXT), '') OR COALESCE(CAST(NEW.mentor_entry_id AS TEXT), '') <> COALESCE(CAST(OLD.mentor_entry_id AS TEXT), '') OR COALESCE(CAST(NEW.hired_on AS TEXT), '') <> COALESCE(CAST(OLD.hired_on AS TEXT), '') OR COALESCE(CAST(NEW.contract_on AS TEXT), '') <> COALESCE(CAST(OLD.contract_on AS TEXT), '') OR COALESCE(CAST(NEW.contract_renewed AS TEXT), '') <> COALESCE(CAST(OLD.contract_renewed AS TEXT), '') OR COALESCE(CAST(NEW.hire_registered AS TEXT), '') <> COALESCE(CAST(OLD.hire_registered AS TEXT), '') OR COALESCE(CAST(NEW.insured_on AS TEXT), '') <> COALESCE(CAST(OLD.insured_on AS TEXT), '') OR COALESCE(CAST(NEW.left_on AS TEXT), '') <> COALESCE(CAST(OLD.left_on AS TEXT), '') OR COALESCE(CAST(NEW.other_subsidy_fen AS TEXT), '') <> COALESCE(CAST(OLD.other_subsidy_fen AS TEXT), '') OR COALESCE(CAST(NEW.form AS TEXT), '') <> COALESCE(CAST(OLD.form AS TEXT), '') OR COALESCE(CAST(NEW.contents AS TEXT), '') <> COALESCE(CAST(OLD.contents AS TEXT), '') OR COALESCE(CAST(NEW.amount_fen AS TEXT), '') <> COALESCE(CAST(OLD.amount_fen AS TEXT), '') OR COALESCE(CAST(NEW.decision AS TEXT), '') <> COALESCE(CAST(OLD.decision AS TEXT), '')) THEN RAISE EXCEPTION 'new_hire_line: what was submitted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_submitted BEFORE UPDATE OF roster_entry_id, mentor_entry_id, hired_on, contract_on, contract_renewed, hire_registered, insured_on, left_on, other_subsidy_fen, form, contents, amount_fen, decision ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_submitted_refuse()
-- statement
CREATE FUNCTION new_hire_line_once_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (OLD.payable_at IS NOT NULL AND COALESCE(CAST(NEW.payable_at AS TEXT), '') <> COALESCE(CAST(OLD.payable_at AS TEXT), '')) OR (OLD.paid_at IS NOT NULL AND COALESCE(CAST(NEW.paid_at AS TEXT), '') <> COALESCE(CAST(OLD.paid_at AS TEXT), '')) OR (OLD.training_due_on IS NOT NULL AND COALESCE(CAST(NEW.training_due_on AS TEXT), '') <> COALESCE(CAST(OLD.training_due_on AS TEXT), '')) OR (OLD.recovered_at IS NOT NULL AND COALESCE(CAST(NEW.recovered_at AS TEXT), '') <> COALESCE(CAST(OLD.recovered_at AS TEXT), '')) THEN RAISE EXCEPTION 'new_hire_line: what was submitted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_once BEFORE UPDATE OF payable_at, paid_at, training_due_on, recovered_at ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_once_refuse()
-- statement
CREATE FUNCTION new_hire_line_person_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.person_index <> OLD.person_index AND substr(NEW.person_index, 1, 7) <> 'erased:' THEN RAISE EXCEPTION 'new_hire_line: a line does not change its person' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_person BEFORE UPDATE OF person_index ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_person_refuse()
-- statement
CREATE FUNCTION new_hire_line_of_draft_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM new_hire_application a WHERE a.id = NEW.application_id AND a.status = 'draft' AND a.enterprise_id = NEW.enterprise_id) THEN RAISE EXCEPTION 'new_hire_line: the application is not open to lines' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_of_draft BEFORE INSERT ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_of_draft_refuse()
-- statement
CREATE FUNCTION new_hire_line_approved_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'payable' AND OLD.status <> 'payable' AND NOT EXISTS (SELECT 1 FROM new_hire_application a WHERE a.id = NEW.application_id AND a.status = 'approved') THEN RAISE EXCEPTION 'new_hire_line: not approved by two persons' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_approved BEFORE UPDATE OF status ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_approved_refuse()
-- statement
CREATE FUNCTION new_hire_line_checked_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status IN ('trained', 'untrained') AND OLD.status = 'paid' AND NOT EXISTS (SELECT 1 FROM new_hire_check c WHERE c.line_id = NEW.id AND c.outcome = NEW.status) THEN RAISE EXCEPTION 'new_hire_line: not what the check found' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_line_checked BEFORE UPDATE OF status ON new_hire_line FOR EACH ROW EXECUTE FUNCTION new_hire_line_checked_refuse()
-- statement
CREATE FUNCTION new_hire_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'new_hire_log is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER new_hire_log_no_change BEFORE UPDATE OR DELETE ON new_hire_log FOR EACH ROW EXECUTE FUNCTION new_hire_log_append_only()
-- statement
CREATE TRIGGER new_hire_log_no_truncate BEFORE TRUNCATE ON new_hire_log FOR EACH STATEMENT EXECUTE FUNCTION new_hire_log_append_only()
-- statement
CREATE FUNCTION new_hire_log_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'new_hire_log' AND subject = 'new_hire_log:' || NEW.public_id::text) THEN RAISE EXCEPTION 'new_hire_log: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_log_sealed BEFORE INSERT ON new_hire_log FOR EACH ROW EXECUTE FUNCTION new_hire_log_sealed()
-- statement
CREATE FUNCTION new_hire_log_of_line_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM new_hire_line l WHERE l.id = NEW.line_id AND l.form = NEW.form AND l.status IN ('held', 'payable', 'paid') AND NEW.trained_on >= l.hired_on) THEN RAISE EXCEPTION 'new_hire_log: the line takes no such entry' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_log_of_line BEFORE INSERT ON new_hire_log FOR EACH ROW EXECUTE FUNCTION new_hire_log_of_line_refuse()
-- statement
CREATE FUNCTION new_hire_log_answer_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'new_hire_log_answer is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER new_hire_log_answer_no_change BEFORE UPDATE OR DELETE ON new_hire_log_answer FOR EACH ROW EXECUTE FUNCTION new_hire_log_answer_append_only()
-- statement
CREATE TRIGGER new_hire_log_answer_no_truncate BEFORE TRUNCATE ON new_hire_log_answer FOR EACH STATEMENT EXECUTE FUNCTION new_hire_log_answer_append_only()
-- statement
CREATE FUNCTION new_hire_log_answer_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'new_hire_answer' AND subject = 'new_hire_answer:' || NEW.public_id::text) THEN RAISE EXCEPTION 'new_hire_log_answer: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_log_answer_sealed BEFORE INSERT ON new_hire_log_answer FOR EACH ROW EXECUTE FUNCTION new_hire_log_answer_sealed()
-- statement
CREATE FUNCTION new_hire_log_answer_of_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM new_hire_log g WHERE g.id = NEW.log_id AND (g.form = 'mentor' OR NEW.answer = 'withdrawn')) THEN RAISE EXCEPTION 'new_hire_log_answer: only an entry of a mentor is confirmed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_log_answer_of_log BEFORE INSERT ON new_hire_log_answer FOR EACH ROW EXECUTE FUNCTION new_hire_log_answer_of_log_refuse()
-- statement
CREATE FUNCTION new_hire_check_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'new_hire_check is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER new_hire_check_no_change BEFORE UPDATE OR DELETE ON new_hire_check FOR EACH ROW EXECUTE FUNCTION new_hire_check_append_only()
-- statement
CREATE TRIGGER new_hire_check_no_truncate BEFORE TRUNCATE ON new_hire_check FOR EACH STATEMENT EXECUTE FUNCTION new_hire_check_append_only()
-- statement
CREATE FUNCTION new_hire_check_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'new_hire_check' AND subject = 'new_hire_check:' || NEW.public_id::text) THEN RAISE EXCEPTION 'new_hire_check: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_check_sealed BEFORE INSERT ON new_hire_check FOR EACH ROW EXECUTE FUNCTION new_hire_check_sealed()
-- statement
CREATE FUNCTION new_hire_check_of_paid_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM new_hire_line l WHERE l.id = NEW.line_id AND l.status = 'paid') THEN RAISE EXCEPTION 'new_hire_check: only what was paid is checked' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER new_hire_check_of_paid BEFORE INSERT ON new_hire_check FOR EACH ROW EXECUTE FUNCTION new_hire_check_of_paid_refuse()
