-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION number_series_counts_up_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.last <> OLD.last + 1 THEN RAISE EXCEPTION 'number_series: numbers are counted up one by one' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER number_series_counts_up BEFORE UPDATE ON number_series FOR EACH ROW EXECUTE FUNCTION number_series_counts_up_refuse()
-- statement
CREATE FUNCTION public_notice_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'public_notice: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER public_notice_first_status BEFORE INSERT ON public_notice FOR EACH ROW WHEN (NEW.status NOT IN ('draft')) EXECUTE FUNCTION public_notice_refuse_move()
-- statement
CREATE TRIGGER public_notice_status_move BEFORE UPDATE OF status ON public_notice FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'discarded') OR (OLD.status = 'draft' AND NEW.status = 'posted') OR (OLD.status = 'posted' AND NEW.status = 'closed'))) EXECUTE FUNCTION public_notice_refuse_move()
-- statement
CREATE FUNCTION public_notice_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'public_notice: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER public_notice_decided BEFORE UPDATE OF year, sequence, policy_id, policy_version, people, total_fen, sha256, made_by_id, made_at ON public_notice FOR EACH ROW EXECUTE FUNCTION public_notice_decided_refuse()
-- statement
CREATE FUNCTION public_notice_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'public_notice: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER public_notice_kept BEFORE DELETE ON public_notice FOR EACH ROW EXECUTE FUNCTION public_notice_kept_refuse()
-- statement
CREATE FUNCTION public_notice_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'posted' AND OLD.status = 'draft' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'notice' AND subject = 'notice:' || NEW.public_id::text) THEN RAISE EXCEPTION 'public_notice: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER public_notice_sealed BEFORE UPDATE OF status ON public_notice FOR EACH ROW EXECUTE FUNCTION public_notice_sealed()
-- statement
CREATE FUNCTION public_notice_as_posted_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'public_notice: what was posted is not edited' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER public_notice_as_posted BEFORE UPDATE OF posted_on, posted_at, posted_by_id, url, opens_on ON public_notice FOR EACH ROW EXECUTE FUNCTION public_notice_as_posted_refuse()
-- statement
CREATE FUNCTION public_notice_deadline_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' AND (NEW.closes_at <> OLD.closes_at OR NEW.closes_on <> OLD.closes_on OR NEW.provisional <> OLD.provisional) AND (OLD.status <> 'posted' OR NEW.closes_at < OLD.closes_at OR NOT EXISTS (SELECT 1 FROM notice_redating r WHERE r.notice_id = NEW.id AND r.from_closes_at = OLD.closes_at AND r.closes_at = NEW.closes_at AND r.closes_on = NEW.closes_on AND r.provisional = NEW.provisional)) THEN RAISE EXCEPTION 'public_notice: a deadline only moves later' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER public_notice_deadline BEFORE UPDATE OF closes_on, closes_at, provisional ON public_notice FOR EACH ROW EXECUTE FUNCTION public_notice_deadline_refuse()
-- statement
CREATE FUNCTION notice_entry_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'notice_entry: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER notice_entry_decided BEFORE UPDATE OF notice_id, position, claim_ref, line_ref, enterprise_name, masked_name, class_hours, amount_fen ON notice_entry FOR EACH ROW EXECUTE FUNCTION notice_entry_decided_refuse()
-- statement
CREATE FUNCTION notice_entry_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'notice_entry: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER notice_entry_kept BEFORE DELETE ON notice_entry FOR EACH ROW EXECUTE FUNCTION notice_entry_kept_refuse()
-- statement
CREATE FUNCTION notice_entry_draft_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'draft') THEN RAISE EXCEPTION 'notice_entry: the notice is not open to entries' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER notice_entry_draft BEFORE INSERT ON notice_entry FOR EACH ROW EXECUTE FUNCTION notice_entry_draft_refuse()
-- statement
CREATE FUNCTION notice_entry_granted_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM claim_line l JOIN subsidy_claim c ON c.id = l.claim_id WHERE l.public_id = NEW.line_ref AND c.public_id = NEW.claim_ref AND c.status = 'approved' AND l.status = 'held' AND l.granted_fen = NEW.amount_fen AND l.granted_class_hours = NEW.class_hours) THEN RAISE EXCEPTION 'notice_entry: only what was granted and waits for its notice' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER notice_entry_granted BEFORE INSERT ON notice_entry FOR EACH ROW EXECUTE FUNCTION notice_entry_granted_refuse()
-- statement
CREATE FUNCTION notice_entry_discarded_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (NEW.live OR NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status = 'discarded')) THEN RAISE EXCEPTION 'notice_entry: only a discarded notice lets go' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER notice_entry_discarded BEFORE UPDATE OF live ON notice_entry FOR EACH ROW EXECUTE FUNCTION notice_entry_discarded_refuse()
-- statement
CREATE FUNCTION notice_redating_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'notice_redating is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER notice_redating_no_change BEFORE UPDATE OR DELETE ON notice_redating FOR EACH ROW EXECUTE FUNCTION notice_redating_append_only()
-- statement
CREATE TRIGGER notice_redating_no_truncate BEFORE TRUNCATE ON notice_redating FOR EACH STATEMENT EXECUTE FUNCTION notice_redating_append_only()
-- statement
CREATE FUNCTION notice_redating_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'redating' AND subject = 'redating:' || NEW.public_id::text) THEN RAISE EXCEPTION 'notice_redating: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER notice_redating_sealed BEFORE INSERT ON notice_redating FOR EACH ROW EXECUTE FUNCTION notice_redating_sealed()
-- statement
CREATE FUNCTION objection_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'objection: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER objection_first_status BEFORE INSERT ON objection FOR EACH ROW WHEN (NEW.status NOT IN ('open')) EXECUTE FUNCTION objection_refuse_move()
-- statement
CREATE TRIGGER objection_status_move BEFORE UPDATE OF status ON objection FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'open' AND NEW.status = 'dismissed') OR (OLD.status = 'open' AND NEW.status = 'upheld') OR (OLD.status = 'open' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION objection_refuse_move()
-- statement
CREATE FUNCTION objection_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'objection: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER objection_decided BEFORE UPDATE OF year, sequence, notice_id, claim_ref, line_ref, text, code_digest, received_at, due_on ON objection FOR EACH ROW EXECUTE FUNCTION objection_decided_refuse()
-- statement
CREATE FUNCTION objection_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'objection: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER objection_kept BEFORE DELETE ON objection FOR EACH ROW EXECUTE FUNCTION objection_kept_refuse()
-- statement
CREATE FUNCTION objection_on_notice_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM public_notice n JOIN notice_entry e ON e.notice_id = n.id WHERE n.id = NEW.notice_id AND n.status = 'posted' AND e.claim_ref = NEW.claim_ref AND (NEW.line_ref IS NULL OR e.line_ref = NEW.line_ref)) THEN RAISE EXCEPTION 'objection: nothing of this is on a posted notice' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER objection_on_notice BEFORE INSERT ON objection FOR EACH ROW EXECUTE FUNCTION objection_on_notice_refuse()
-- statement
CREATE FUNCTION objection_reviewed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status IN ('upheld', 'dismissed') AND OLD.status <> NEW.status AND NOT EXISTS (SELECT 1 FROM review r WHERE r.subject_kind = 'objection' AND r.subject_id = NEW.public_id AND r.verdict = CASE NEW.status WHEN 'upheld' THEN 'approve' ELSE 'reject' END) THEN RAISE EXCEPTION 'objection: a review decides an objection' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER objection_reviewed BEFORE UPDATE OF status ON objection FOR EACH ROW EXECUTE FUNCTION objection_reviewed_refuse()
-- statement
CREATE FUNCTION dispute_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dispute: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER dispute_first_status BEFORE INSERT ON dispute FOR EACH ROW WHEN (NEW.status NOT IN ('open')) EXECUTE FUNCTION dispute_refuse_move()
-- statement
CREATE TRIGGER dispute_status_move BEFORE UPDATE OF status ON dispute FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'open' AND NEW.status = 'dismissed') OR (OLD.status = 'open' AND NEW.status = 'upheld') OR (OLD.status = 'open' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION dispute_refuse_move()
-- statement
CREATE FUNCTION dispute_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dispute: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER dispute_decided BEFORE UPDATE OF year, sequence, kind, worker_id, enrollment_id, class_ref, reporter_id, opened_by_staff_id, text, opened_at, due_on ON dispute FOR EACH ROW EXECUTE FUNCTION dispute_decided_refuse()
-- statement
CREATE FUNCTION dispute_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dispute: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER dispute_kept BEFORE DELETE ON dispute FOR EACH ROW EXECUTE FUNCTION dispute_kept_refuse()
-- statement
CREATE FUNCTION dispute_reviewed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status IN ('upheld', 'dismissed') AND OLD.status <> NEW.status AND NOT EXISTS (SELECT 1 FROM review r WHERE r.subject_kind = 'dispute' AND r.subject_id = NEW.public_id AND r.verdict = CASE NEW.status WHEN 'upheld' THEN 'approve' ELSE 'reject' END) THEN RAISE EXCEPTION 'dispute: a review decides a dispute' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER dispute_reviewed BEFORE UPDATE OF status ON dispute FOR EACH ROW EXECUTE FUNCTION dispute_reviewed_refuse()
-- statement
CREATE FUNCTION dispute_outcome_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dispute_outcome: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER dispute_outcome_decided BEFORE UPDATE OF dispute_id, claim_ref, line_ref, outcome, amount_fen, at ON dispute_outcome FOR EACH ROW EXECUTE FUNCTION dispute_outcome_decided_refuse()
-- statement
CREATE FUNCTION dispute_outcome_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'dispute_outcome: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER dispute_outcome_kept BEFORE DELETE ON dispute_outcome FOR EACH ROW EXECUTE FUNCTION dispute_outcome_kept_refuse()
-- statement
CREATE FUNCTION dispute_outcome_upheld_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM dispute WHERE id = NEW.dispute_id AND status = 'upheld') THEN RAISE EXCEPTION 'dispute_outcome: only an upheld dispute has outcomes' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER dispute_outcome_upheld BEFORE INSERT ON dispute_outcome FOR EACH ROW EXECUTE FUNCTION dispute_outcome_upheld_refuse()
-- statement
CREATE FUNCTION escalation_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'escalation is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER escalation_no_change BEFORE UPDATE OR DELETE ON escalation FOR EACH ROW EXECUTE FUNCTION escalation_append_only()
-- statement
CREATE TRIGGER escalation_no_truncate BEFORE TRUNCATE ON escalation FOR EACH STATEMENT EXECUTE FUNCTION escalation_append_only()
