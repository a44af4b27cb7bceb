-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only()
-- statement
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()
-- statement
CREATE FUNCTION account_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN  IF NOT (NEW.balance_seconds = 0 AND NEW.last_transfer_id = 0) THEN RAISE EXCEPTION 'an account begins at zero' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER account_rules BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION account_rules()
-- statement
CREATE FUNCTION account_moved_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF; RAISE EXCEPTION 'account is moved only by the ledger' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER account_moved_only BEFORE UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION account_moved_only()
-- statement
CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION account_moved_only()
-- statement
CREATE FUNCTION appeal_case_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'appeal_case is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER appeal_case_no_change BEFORE UPDATE OR DELETE ON appeal_case FOR EACH ROW EXECUTE FUNCTION appeal_case_append_only()
-- statement
CREATE TRIGGER appeal_case_no_truncate BEFORE TRUNCATE ON appeal_case FOR EACH STATEMENT EXECUTE FUNCTION appeal_case_append_only()
-- statement
CREATE FUNCTION banked_evidence_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'banked_evidence is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER banked_evidence_no_change BEFORE UPDATE OR DELETE ON banked_evidence FOR EACH ROW EXECUTE FUNCTION banked_evidence_append_only()
-- statement
CREATE TRIGGER banked_evidence_no_truncate BEFORE TRUNCATE ON banked_evidence FOR EACH STATEMENT EXECUTE FUNCTION banked_evidence_append_only()
-- statement
CREATE FUNCTION center_look_up_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'center_look_up is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER center_look_up_no_change BEFORE UPDATE OR DELETE ON center_look_up FOR EACH ROW EXECUTE FUNCTION center_look_up_append_only()
-- statement
CREATE TRIGGER center_look_up_no_truncate BEFORE TRUNCATE ON center_look_up FOR EACH STATEMENT EXECUTE FUNCTION center_look_up_append_only()
-- statement
CREATE FUNCTION course_version_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'course_version is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER course_version_no_change BEFORE UPDATE OR DELETE ON course_version FOR EACH ROW EXECUTE FUNCTION course_version_append_only()
-- statement
CREATE TRIGGER course_version_no_truncate BEFORE TRUNCATE ON course_version FOR EACH STATEMENT EXECUTE FUNCTION course_version_append_only()
-- statement
CREATE FUNCTION payment_batch_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_batch: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER payment_batch_first_status BEFORE INSERT ON payment_batch FOR EACH ROW WHEN (NEW.status NOT IN ('created')) EXECUTE FUNCTION payment_batch_refuse_move()
-- statement
CREATE TRIGGER payment_batch_status_move BEFORE UPDATE OF status ON payment_batch FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'paid'))) EXECUTE FUNCTION payment_batch_refuse_move()
-- statement
CREATE FUNCTION payment_batch_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_batch: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_batch_decided BEFORE UPDATE OF total_fen, created_by_id, created_at ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_decided_refuse()
-- statement
CREATE FUNCTION payment_batch_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_batch: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_batch_kept BEFORE DELETE ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_kept_refuse()
-- statement
CREATE FUNCTION quiz_attempt_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' AND OLD.status = 'open' THEN RETURN NEW; END IF; RAISE EXCEPTION 'quiz_attempt is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER quiz_attempt_closed BEFORE UPDATE OR DELETE ON quiz_attempt FOR EACH ROW EXECUTE FUNCTION quiz_attempt_closed()
-- statement
CREATE FUNCTION quiz_attempt_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'quiz_attempt is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER quiz_attempt_no_truncate BEFORE TRUNCATE ON quiz_attempt FOR EACH STATEMENT EXECUTE FUNCTION quiz_attempt_no_truncate()
-- statement
CREATE FUNCTION review_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'review is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER review_no_change BEFORE UPDATE OR DELETE ON review FOR EACH ROW EXECUTE FUNCTION review_append_only()
-- statement
CREATE TRIGGER review_no_truncate BEFORE TRUNCATE ON review FOR EACH STATEMENT EXECUTE FUNCTION review_append_only()
-- statement
CREATE FUNCTION appeal_decision_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'appeal_decision is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER appeal_decision_no_change BEFORE UPDATE OR DELETE ON appeal_decision FOR EACH ROW EXECUTE FUNCTION appeal_decision_append_only()
-- statement
CREATE TRIGGER appeal_decision_no_truncate BEFORE TRUNCATE ON appeal_decision FOR EACH STATEMENT EXECUTE FUNCTION appeal_decision_append_only()
-- statement
CREATE FUNCTION lesson_version_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'lesson_version is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER lesson_version_no_change BEFORE UPDATE OR DELETE ON lesson_version FOR EACH ROW EXECUTE FUNCTION lesson_version_append_only()
-- statement
CREATE TRIGGER lesson_version_no_truncate BEFORE TRUNCATE ON lesson_version FOR EACH STATEMENT EXECUTE FUNCTION lesson_version_append_only()
-- statement
CREATE FUNCTION question_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'question is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER question_no_change BEFORE UPDATE OR DELETE ON question FOR EACH ROW EXECUTE FUNCTION question_append_only()
-- statement
CREATE TRIGGER question_no_truncate BEFORE TRUNCATE ON question FOR EACH STATEMENT EXECUTE FUNCTION question_append_only()
-- statement
CREATE FUNCTION training_plan_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'training_plan: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER training_plan_first_status BEFORE INSERT ON training_plan FOR EACH ROW WHEN (NEW.status NOT IN ('draft')) EXECUTE FUNCTION training_plan_refuse_move()
-- statement
CREATE TRIGGER training_plan_status_move BEFORE UPDATE OF status ON training_plan FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'submitted') OR (OLD.status = 'sent_back' AND NEW.status = 'submitted') OR (OLD.status = 'submitted' AND NEW.status = 'approved') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back'))) EXECUTE FUNCTION training_plan_refuse_move()
-- statement
CREATE FUNCTION transfer_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.hold_id IS NOT NULL THEN PERFORM 1 FROM transfer WHERE id = NEW.hold_id FOR UPDATE; END IF; IF NOT EXISTS (
  SELECT 1 FROM account s, account d
  WHERE s.id = NEW.source_account_id AND d.id = NEW.destination_account_id AND (
    (NEW.kind IN ('deposit', 'allowance', 'appeal') AND s.kind = 'issued' AND d.kind IN ('claimable', 'learned'))
    OR (NEW.kind = 'reverse' AND s.kind IN ('claimable', 'learned') AND d.kind = 'issued')
    OR (s.worker_id = d.worker_id AND (
      (NEW.kind = 'hold' AND s.kind = 'claimable' AND d.kind = 'held')
      OR (NEW.kind = 'settle' AND s.kind = 'held' AND d.kind = 'settled')
      OR (NEW.kind = 'release' AND s.kind = 'held' AND d.kind = 'claimable')
      OR (NEW.kind = 'reverse' AND s.kind = 'settled' AND d.kind = 'claimable'))))) THEN RAISE EXCEPTION 'this kind of transfer does not go between these accounts' USING ERRCODE = 'check_violation'; END IF; IF NOT (NEW.hold_id IS NULL OR EXISTS (
  SELECT 1 FROM transfer h
  WHERE h.id = NEW.hold_id AND h.kind = 'hold' AND h.destination_account_id = NEW.source_account_id
    AND NEW.amount_seconds + COALESCE(
      (SELECT SUM(r.amount_seconds) FROM transfer r WHERE r.hold_id = NEW.hold_id), 0) <= h.amount_seconds)) THEN RAISE EXCEPTION 'a hold is resolved for at most its amount' USING ERRCODE = 'check_violation'; END IF; IF NOT (NEW.reversal_of_id IS NULL OR EXISTS (
  SELECT 1 FROM transfer o
  WHERE o.id = NEW.reversal_of_id AND o.amount_seconds = NEW.amount_seconds
    AND o.destination_account_id = NEW.source_account_id
    AND (o.kind = 'settle' OR (o.kind IN ('deposit', 'allowance', 'appeal')
      AND o.source_account_id = NEW.destination_account_id)))) THEN RAISE EXCEPTION 'a reversal takes back one deposit or settlement whole' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER transfer_rules BEFORE INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_rules()
-- statement
CREATE FUNCTION transfer_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE account SET balance_seconds = balance_seconds - NEW.amount_seconds, last_transfer_id = NEW.id WHERE id = NEW.source_account_id; UPDATE account SET balance_seconds = balance_seconds + NEW.amount_seconds, last_transfer_id = NEW.id WHERE id = NEW.destination_account_id; INSERT INTO lot (transfer_id, worker_id, context_ref, amount_seconds, remaining_seconds, last_draw_id) SELECT NEW.id, d.worker_id, NEW.context_ref, NEW.amount_seconds, NEW.amount_seconds, 0 FROM account d WHERE d.id = NEW.destination_account_id AND d.kind = 'claimable' AND NEW.kind IN ('deposit', 'allowance', 'appeal'); RETURN NULL; END $$
-- statement
CREATE TRIGGER transfer_moves AFTER INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_moves()
-- statement
CREATE FUNCTION transfer_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'transfer is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER transfer_no_change BEFORE UPDATE OR DELETE ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_append_only()
-- statement
CREATE TRIGGER transfer_no_truncate BEFORE TRUNCATE ON transfer FOR EACH STATEMENT EXECUTE FUNCTION transfer_append_only()
-- statement
CREATE FUNCTION course_lesson_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'course_lesson is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER course_lesson_no_change BEFORE UPDATE OR DELETE ON course_lesson FOR EACH ROW EXECUTE FUNCTION course_lesson_append_only()
-- statement
CREATE TRIGGER course_lesson_no_truncate BEFORE TRUNCATE ON course_lesson FOR EACH STATEMENT EXECUTE FUNCTION course_lesson_append_only()
-- statement
CREATE FUNCTION lot_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN  IF NOT EXISTS (
  SELECT 1 FROM transfer t, account d
  WHERE t.id = NEW.transfer_id AND d.id = t.destination_account_id AND d.kind = 'claimable'
    AND t.kind IN ('deposit', 'allowance', 'appeal') AND d.worker_id = NEW.worker_id
    AND t.amount_seconds = NEW.amount_seconds AND NEW.remaining_seconds = NEW.amount_seconds AND NEW.last_draw_id = 0) THEN RAISE EXCEPTION 'a lot is made by its deposit' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER lot_rules BEFORE INSERT ON lot FOR EACH ROW EXECUTE FUNCTION lot_rules()
-- statement
CREATE FUNCTION lot_moved_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF; RAISE EXCEPTION 'lot is moved only by the ledger' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER lot_moved_only BEFORE UPDATE OR DELETE ON lot FOR EACH ROW EXECUTE FUNCTION lot_moved_only()
-- statement
CREATE TRIGGER lot_no_truncate BEFORE TRUNCATE ON lot FOR EACH STATEMENT EXECUTE FUNCTION lot_moved_only()
-- statement
CREATE FUNCTION quiz_item_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'quiz_item is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER quiz_item_no_change BEFORE UPDATE OR DELETE ON quiz_item FOR EACH ROW EXECUTE FUNCTION quiz_item_append_only()
-- statement
CREATE TRIGGER quiz_item_no_truncate BEFORE TRUNCATE ON quiz_item FOR EACH STATEMENT EXECUTE FUNCTION quiz_item_append_only()
-- statement
CREATE FUNCTION subsidy_claim_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'subsidy_claim: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER subsidy_claim_first_status BEFORE INSERT ON subsidy_claim FOR EACH ROW WHEN (NEW.status NOT IN ('submitted')) EXECUTE FUNCTION subsidy_claim_refuse_move()
-- statement
CREATE TRIGGER subsidy_claim_status_move BEFORE UPDATE OF status ON subsidy_claim FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'approved' AND NEW.status = 'paid') OR (OLD.status = 'reviewed' AND NEW.status = 'approved') OR (OLD.status = 'reviewed' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'sent_back') OR (OLD.status = 'reviewed' AND NEW.status = 'withdrawn') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'reviewed') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION subsidy_claim_refuse_move()
-- statement
CREATE FUNCTION subsidy_claim_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'subsidy_claim: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER subsidy_claim_decided BEFORE UPDATE OF plan_id, enterprise_id, policy_id, policy_version, claimed_on, total_fen, submitted_at ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_decided_refuse()
-- statement
CREATE FUNCTION subsidy_claim_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'subsidy_claim: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER subsidy_claim_kept BEFORE DELETE ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_kept_refuse()
-- statement
CREATE FUNCTION subsidy_claim_keep_total() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'approved' AND OLD.status <> 'approved' AND NEW.total_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE claim_id = NEW.id AND status = 'held') THEN RAISE EXCEPTION 'subsidy_claim: the total is not what its lines come to' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER subsidy_claim_total BEFORE UPDATE OF status ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_keep_total()
-- statement
CREATE FUNCTION lot_draw_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN  IF NOT EXISTS (
  SELECT 1 FROM transfer t, account s, lot l
  WHERE t.id = NEW.transfer_id AND s.id = t.source_account_id AND l.id = NEW.lot_id AND l.worker_id = s.worker_id AND (
    (NEW.direction = 'draw' AND (t.kind = 'hold' OR (t.kind = 'reverse' AND t.reversal_of_id = l.transfer_id)))
    OR (NEW.direction = 'settle' AND t.kind = 'settle')
    OR (NEW.direction = 'return' AND (t.kind = 'release' OR (t.kind = 'reverse' AND s.kind = 'settled'))))
  AND NEW.amount_seconds + COALESCE(
    (SELECT SUM(x.amount_seconds) FROM lot_draw x WHERE x.transfer_id = NEW.transfer_id), 0) <= t.amount_seconds) THEN RAISE EXCEPTION 'a lot is drawn only by a transfer of its worker, for at most its amount' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER lot_draw_rules BEFORE INSERT ON lot_draw FOR EACH ROW EXECUTE FUNCTION lot_draw_rules()
-- statement
CREATE FUNCTION lot_draw_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE lot SET remaining_seconds = remaining_seconds + CASE NEW.direction WHEN 'draw' THEN -NEW.amount_seconds WHEN 'return' THEN NEW.amount_seconds ELSE 0 END, last_draw_id = NEW.id WHERE id = NEW.lot_id; RETURN NULL; END $$
-- statement
CREATE TRIGGER lot_draw_moves AFTER INSERT ON lot_draw FOR EACH ROW EXECUTE FUNCTION lot_draw_moves()
-- statement
CREATE FUNCTION lot_draw_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'lot_draw is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER lot_draw_no_change BEFORE UPDATE OR DELETE ON lot_draw FOR EACH ROW EXECUTE FUNCTION lot_draw_append_only()
-- statement
CREATE TRIGGER lot_draw_no_truncate BEFORE TRUNCATE ON lot_draw FOR EACH STATEMENT EXECUTE FUNCTION lot_draw_append_only()
-- statement
CREATE FUNCTION payment_order_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_order: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER payment_order_first_status BEFORE INSERT ON payment_order FOR EACH ROW WHEN (NEW.status NOT IN ('created')) EXECUTE FUNCTION payment_order_refuse_move()
-- statement
CREATE TRIGGER payment_order_status_move BEFORE UPDATE OF status ON payment_order FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'paid'))) EXECUTE FUNCTION payment_order_refuse_move()
-- statement
CREATE FUNCTION payment_order_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_order: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_order_decided BEFORE UPDATE OF batch_id, claim_id, enterprise_id, amount_fen ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_decided_refuse()
-- statement
CREATE FUNCTION payment_order_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_order: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_order_kept BEFORE DELETE ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_kept_refuse()
-- statement
CREATE FUNCTION payment_order_of_claim_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND enterprise_id = NEW.enterprise_id AND status = 'approved' AND total_fen = NEW.amount_fen) THEN RAISE EXCEPTION 'payment_order: not what an approved claim comes to' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_order_of_claim BEFORE INSERT ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_of_claim_refuse()
-- statement
CREATE FUNCTION claim_line_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_line: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER claim_line_first_status BEFORE INSERT ON claim_line FOR EACH ROW WHEN (NEW.status NOT IN ('held', 'refused')) EXECUTE FUNCTION claim_line_refuse_move()
-- statement
CREATE TRIGGER claim_line_status_move BEFORE UPDATE OF status ON claim_line FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'held' AND NEW.status = 'released') OR (OLD.status = 'held' AND NEW.status = 'settled'))) EXECUTE FUNCTION claim_line_refuse_move()
-- statement
CREATE FUNCTION claim_line_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_line: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER claim_line_decided BEFORE UPDATE OF claim_id, worker_id, policy_id, cap_fen, cap_ref, class_hours, seconds, amount_fen, eligible, decision, hold_key ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_decided_refuse()
-- statement
CREATE FUNCTION claim_line_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'claim_line: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER claim_line_kept BEFORE DELETE ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_kept_refuse()
-- statement
CREATE FUNCTION claim_line_keep_cap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM worker WHERE id = NEW.worker_id FOR NO KEY UPDATE; IF (SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE worker_id = NEW.worker_id AND policy_id = NEW.policy_id AND cap_ref = NEW.cap_ref AND status IN ('held', 'settled')) > NEW.cap_fen THEN RAISE EXCEPTION 'claim_line: the cap of this person is passed' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $$
-- statement
CREATE TRIGGER claim_line_cap AFTER INSERT ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_keep_cap()
-- statement
CREATE FUNCTION claim_line_come_with_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'submitted') THEN RAISE EXCEPTION 'claim_line: the claim is not open to lines' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_with_claim BEFORE INSERT ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_come_with_claim()
-- statement
CREATE FUNCTION fund_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER fund_entry_no_change BEFORE UPDATE OR DELETE ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_append_only()
-- statement
CREATE TRIGGER fund_entry_no_truncate BEFORE TRUNCATE ON fund_entry FOR EACH STATEMENT EXECUTE FUNCTION fund_entry_append_only()
-- statement
CREATE FUNCTION fund_entry_of_line_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM claim_line l JOIN payment_order o ON o.claim_id = l.claim_id WHERE l.id = NEW.claim_line_id AND o.id = NEW.order_id AND l.status = 'settled' AND l.amount_fen = NEW.amount_fen) THEN RAISE EXCEPTION 'fund_entry: not what a settled line of the order was granted' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER fund_entry_of_line BEFORE INSERT ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_of_line_refuse()
-- statement
CREATE FUNCTION enrollment_keep_filed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = OLD.class_id AND p.status = 'approved') THEN RAISE EXCEPTION 'enrollment: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER enrollment_as_filed BEFORE UPDATE OF class_id, roster_entry_id, filed_relation, filed_hired_on ON enrollment FOR EACH ROW EXECUTE FUNCTION enrollment_keep_filed()
