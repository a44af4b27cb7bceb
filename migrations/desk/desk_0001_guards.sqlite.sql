-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END
-- statement
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END
-- statement
CREATE TRIGGER account_rules BEFORE INSERT ON account BEGIN SELECT RAISE(ABORT, 'an account begins at zero') WHERE NOT (NEW.balance_seconds = 0 AND NEW.last_transfer_id = 0); END
-- statement
CREATE TRIGGER account_no_delete BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'account rows are never deleted'); END
-- statement
CREATE TRIGGER account_moved_only BEFORE UPDATE ON account WHEN NOT (NEW.id IS OLD.id AND NEW.worker_id IS OLD.worker_id AND NEW.kind IS OLD.kind AND NEW.last_transfer_id > OLD.last_transfer_id AND EXISTS (SELECT 1 FROM transfer t WHERE t.id = NEW.last_transfer_id AND NEW.balance_seconds = OLD.balance_seconds + CASE OLD.id WHEN t.source_account_id THEN -t.amount_seconds WHEN t.destination_account_id THEN t.amount_seconds END)) BEGIN SELECT RAISE(ABORT, 'account is moved only by the ledger'); END
-- statement
CREATE TRIGGER appeal_case_no_update BEFORE UPDATE ON appeal_case BEGIN SELECT RAISE(ABORT, 'appeal_case is append-only'); END
-- statement
CREATE TRIGGER appeal_case_no_delete BEFORE DELETE ON appeal_case BEGIN SELECT RAISE(ABORT, 'appeal_case is append-only'); END
-- statement
CREATE TRIGGER banked_evidence_no_update BEFORE UPDATE ON banked_evidence BEGIN SELECT RAISE(ABORT, 'banked_evidence is append-only'); END
-- statement
CREATE TRIGGER banked_evidence_no_delete BEFORE DELETE ON banked_evidence BEGIN SELECT RAISE(ABORT, 'banked_evidence is append-only'); END
-- statement
CREATE TRIGGER center_look_up_no_update BEFORE UPDATE ON center_look_up BEGIN SELECT RAISE(ABORT, 'center_look_up is append-only'); END
-- statement
CREATE TRIGGER center_look_up_no_delete BEFORE DELETE ON center_look_up BEGIN SELECT RAISE(ABORT, 'center_look_up is append-only'); END
-- statement
CREATE TRIGGER course_version_no_update BEFORE UPDATE ON course_version BEGIN SELECT RAISE(ABORT, 'course_version is append-only'); END
-- statement
CREATE TRIGGER course_version_no_delete BEFORE DELETE ON course_version BEGIN SELECT RAISE(ABORT, 'course_version is append-only'); END
-- statement
CREATE TRIGGER payment_batch_first_status BEFORE INSERT ON payment_batch WHEN NEW.status NOT IN ('created') BEGIN SELECT RAISE(ABORT, 'payment_batch: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_batch_status_move BEFORE UPDATE OF status ON payment_batch WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'paid')) BEGIN SELECT RAISE(ABORT, 'payment_batch: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_batch_decided BEFORE UPDATE OF total_fen, created_by_id, created_at ON payment_batch BEGIN SELECT RAISE(ABORT, 'payment_batch: what was decided is not edited'); END
-- statement
CREATE TRIGGER payment_batch_kept BEFORE DELETE ON payment_batch BEGIN SELECT RAISE(ABORT, 'payment_batch: what was decided is not deleted'); END
-- statement
CREATE TRIGGER quiz_attempt_closed BEFORE UPDATE ON quiz_attempt WHEN OLD.status <> 'open' BEGIN SELECT RAISE(ABORT, 'a closed quiz_attempt is append-only'); END
-- statement
CREATE TRIGGER quiz_attempt_no_delete BEFORE DELETE ON quiz_attempt BEGIN SELECT RAISE(ABORT, 'quiz_attempt is append-only'); END
-- statement
CREATE TRIGGER review_no_update BEFORE UPDATE ON review BEGIN SELECT RAISE(ABORT, 'review is append-only'); END
-- statement
CREATE TRIGGER review_no_delete BEFORE DELETE ON review BEGIN SELECT RAISE(ABORT, 'review is append-only'); END
-- statement
CREATE TRIGGER appeal_decision_no_update BEFORE UPDATE ON appeal_decision BEGIN SELECT RAISE(ABORT, 'appeal_decision is append-only'); END
-- statement
CREATE TRIGGER appeal_decision_no_delete BEFORE DELETE ON appeal_decision BEGIN SELECT RAISE(ABORT, 'appeal_decision is append-only'); END
-- statement
CREATE TRIGGER lesson_version_no_update BEFORE UPDATE ON lesson_version BEGIN SELECT RAISE(ABORT, 'lesson_version is append-only'); END
-- statement
CREATE TRIGGER lesson_version_no_delete BEFORE DELETE ON lesson_version BEGIN SELECT RAISE(ABORT, 'lesson_version is append-only'); END
-- statement
CREATE TRIGGER question_no_update BEFORE UPDATE ON question BEGIN SELECT RAISE(ABORT, 'question is append-only'); END
-- statement
CREATE TRIGGER question_no_delete BEFORE DELETE ON question BEGIN SELECT RAISE(ABORT, 'question is append-only'); END
-- statement
CREATE TRIGGER training_plan_first_status BEFORE INSERT ON training_plan WHEN NEW.status NOT IN ('draft') BEGIN SELECT RAISE(ABORT, 'training_plan: this status move is not allowed'); END
-- statement
CREATE TRIGGER training_plan_status_move BEFORE UPDATE OF status ON training_plan WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'draft' AND NEW.status = 'submitted') OR (OLD.status = 'sent_back' AND NEW.status = 'submitted') OR (OLD.status = 'submitted' AND NEW.status = 'approved') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back')) BEGIN SELECT RAISE(ABORT, 'training_plan: this status move is not allowed'); END
-- statement
CREATE TRIGGER transfer_rules BEFORE INSERT ON transfer BEGIN SELECT RAISE(ABORT, 'this kind of transfer does not go between these accounts') WHERE NOT EXISTS (
  SELECT 1 FROM account s, account d
  WHERE s.id = NEW.source_account_id AND d.id = NEW.destination_account_id AND (
    (NEW.kind IN ('deposit', 'allowance', 'appeal') AND s.kind = 'issued' AND d.kind IN ('claimable', 'learned'))
    OR (NEW.kind = 'reverse' AND s.kind IN ('claimable', 'learned') AND d.kind = 'issued')
    OR (s.worker_id = d.worker_id AND (
      (NEW.kind = 'hold' AND s.kind = 'claimable' AND d.kind = 'held')
      OR (NEW.kind = 'settle' AND s.kind = 'held' AND d.kind = 'settled')
      OR (NEW.kind = 'release' AND s.kind = 'held' AND d.kind = 'claimable')
      OR (NEW.kind = 'reverse' AND s.kind = 'settled' AND d.kind = 'claimable'))))); SELECT RAISE(ABORT, 'a hold is resolved for at most its amount') WHERE NOT (NEW.hold_id IS NULL OR EXISTS (
  SELECT 1 FROM transfer h
  WHERE h.id = NEW.hold_id AND h.kind = 'hold' AND h.destination_account_id = NEW.source_account_id
    AND NEW.amount_seconds + COALESCE(
      (SELECT SUM(r.amount_seconds) FROM transfer r WHERE r.hold_id = NEW.hold_id), 0) <= h.amount_seconds)); SELECT RAISE(ABORT, 'a reversal takes back one deposit or settlement whole') WHERE NOT (NEW.reversal_of_id IS NULL OR EXISTS (
  SELECT 1 FROM transfer o
  WHERE o.id = NEW.reversal_of_id AND o.amount_seconds = NEW.amount_seconds
    AND o.destination_account_id = NEW.source_account_id
    AND (o.kind = 'settle' OR (o.kind IN ('deposit', 'allowance', 'appeal')
      AND o.source_account_id = NEW.destination_account_id)))); END
-- statement
CREATE TRIGGER transfer_moves AFTER INSERT ON transfer BEGIN UPDATE account SET balance_seconds = balance_seconds - NEW.amount_seconds, last_transfer_id = NEW.id WHERE id = NEW.source_account_id; UPDATE account SET balance_seconds = balance_seconds + NEW.amount_seconds, last_transfer_id = NEW.id WHERE id = NEW.destination_account_id; INSERT INTO lot (transfer_id, worker_id, context_ref, amount_seconds, remaining_seconds, last_draw_id) SELECT NEW.id, d.worker_id, NEW.context_ref, NEW.amount_seconds, NEW.amount_seconds, 0 FROM account d WHERE d.id = NEW.destination_account_id AND d.kind = 'claimable' AND NEW.kind IN ('deposit', 'allowance', 'appeal'); END
-- statement
CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer BEGIN SELECT RAISE(ABORT, 'transfer is append-only'); END
-- statement
CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer BEGIN SELECT RAISE(ABORT, 'transfer is append-only'); END
-- statement
CREATE TRIGGER course_lesson_no_update BEFORE UPDATE ON course_lesson BEGIN SELECT RAISE(ABORT, 'course_lesson is append-only'); END
-- statement
CREATE TRIGGER course_lesson_no_delete BEFORE DELETE ON course_lesson BEGIN SELECT RAISE(ABORT, 'course_lesson is append-only'); END
-- statement
CREATE TRIGGER lot_rules BEFORE INSERT ON lot BEGIN SELECT RAISE(ABORT, 'a lot is made by its deposit') WHERE NOT EXISTS (
  SELECT 1 FROM transfer t, account d
  WHERE t.id = NEW.transfer_id AND d.id = t.destination_account_id AND d.kind = 'claimable'
    AND t.kind IN ('deposit', 'allowance', 'appeal') AND d.worker_id = NEW.worker_id
    AND t.amount_seconds = NEW.amount_seconds AND NEW.remaining_seconds = NEW.amount_seconds AND NEW.last_draw_id = 0); END
-- statement
CREATE TRIGGER lot_no_delete BEFORE DELETE ON lot BEGIN SELECT RAISE(ABORT, 'lot rows are never deleted'); END
-- statement
CREATE TRIGGER lot_moved_only BEFORE UPDATE ON lot WHEN NOT (NEW.id IS OLD.id AND NEW.transfer_id IS OLD.transfer_id AND NEW.worker_id IS OLD.worker_id AND NEW.context_ref IS OLD.context_ref AND NEW.amount_seconds IS OLD.amount_seconds AND NEW.last_draw_id > OLD.last_draw_id AND EXISTS (SELECT 1 FROM lot_draw x WHERE x.id = NEW.last_draw_id AND x.lot_id = OLD.id AND NEW.remaining_seconds = OLD.remaining_seconds + CASE x.direction WHEN 'draw' THEN -x.amount_seconds WHEN 'return' THEN x.amount_seconds ELSE 0 END)) BEGIN SELECT RAISE(ABORT, 'lot is moved only by the ledger'); END
-- statement
CREATE TRIGGER quiz_item_no_update BEFORE UPDATE ON quiz_item BEGIN SELECT RAISE(ABORT, 'quiz_item is append-only'); END
-- statement
CREATE TRIGGER quiz_item_no_delete BEFORE DELETE ON quiz_item BEGIN SELECT RAISE(ABORT, 'quiz_item is append-only'); END
-- statement
CREATE TRIGGER subsidy_claim_first_status BEFORE INSERT ON subsidy_claim WHEN NEW.status NOT IN ('submitted') BEGIN SELECT RAISE(ABORT, 'subsidy_claim: this status move is not allowed'); END
-- statement
CREATE TRIGGER subsidy_claim_status_move BEFORE UPDATE OF status ON subsidy_claim WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'approved' AND NEW.status = 'paid') OR (OLD.status = 'reviewed' AND NEW.status = 'approved') OR (OLD.status = 'reviewed' AND NEW.status = 'rejected') OR (OLD.status = 'reviewed' AND NEW.status = 'sent_back') OR (OLD.status = 'reviewed' AND NEW.status = 'withdrawn') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'reviewed') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn')) BEGIN SELECT RAISE(ABORT, 'subsidy_claim: this status move is not allowed'); END
-- statement
CREATE TRIGGER subsidy_claim_decided BEFORE UPDATE OF plan_id, enterprise_id, policy_id, policy_version, claimed_on, total_fen, submitted_at ON subsidy_claim BEGIN SELECT RAISE(ABORT, 'subsidy_claim: what was decided is not edited'); END
-- statement
CREATE TRIGGER subsidy_claim_kept BEFORE DELETE ON subsidy_claim BEGIN SELECT RAISE(ABORT, 'subsidy_claim: what was decided is not deleted'); END
-- statement
CREATE TRIGGER subsidy_claim_total BEFORE UPDATE OF status ON subsidy_claim WHEN NEW.status = 'approved' AND OLD.status <> 'approved' AND NEW.total_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE claim_id = NEW.id AND status = 'held') BEGIN SELECT RAISE(ABORT, 'subsidy_claim: the total is not what its lines come to'); END
-- statement
CREATE TRIGGER lot_draw_rules BEFORE INSERT ON lot_draw BEGIN SELECT RAISE(ABORT, 'a lot is drawn only by a transfer of its worker, for at most its amount') WHERE NOT EXISTS (
  SELECT 1 FROM transfer t, account s, lot l
  WHERE t.id = NEW.transfer_id AND s.id = t.source_account_id AND l.id = NEW.lot_id AND l.worker_id = s.worker_id AND (
    (NEW.direction = 'draw' AND (t.kind = 'hold' OR (t.kind = 'reverse' AND t.reversal_of_id = l.transfer_id)))
    OR (NEW.direction = 'settle' AND t.kind = 'settle')
    OR (NEW.direction = 'return' AND (t.kind = 'release' OR (t.kind = 'reverse' AND s.kind = 'settled'))))
  AND NEW.amount_seconds + COALESCE(
    (SELECT SUM(x.amount_seconds) FROM lot_draw x WHERE x.transfer_id = NEW.transfer_id), 0) <= t.amount_seconds); END
-- statement
CREATE TRIGGER lot_draw_moves AFTER INSERT ON lot_draw BEGIN UPDATE lot SET remaining_seconds = remaining_seconds + CASE NEW.direction WHEN 'draw' THEN -NEW.amount_seconds WHEN 'return' THEN NEW.amount_seconds ELSE 0 END, last_draw_id = NEW.id WHERE id = NEW.lot_id; END
-- statement
CREATE TRIGGER lot_draw_no_update BEFORE UPDATE ON lot_draw BEGIN SELECT RAISE(ABORT, 'lot_draw is append-only'); END
-- statement
CREATE TRIGGER lot_draw_no_delete BEFORE DELETE ON lot_draw BEGIN SELECT RAISE(ABORT, 'lot_draw is append-only'); END
-- statement
CREATE TRIGGER payment_order_first_status BEFORE INSERT ON payment_order WHEN NEW.status NOT IN ('created') BEGIN SELECT RAISE(ABORT, 'payment_order: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_order_status_move BEFORE UPDATE OF status ON payment_order WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'paid')) BEGIN SELECT RAISE(ABORT, 'payment_order: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_order_decided BEFORE UPDATE OF batch_id, claim_id, enterprise_id, amount_fen ON payment_order BEGIN SELECT RAISE(ABORT, 'payment_order: what was decided is not edited'); END
-- statement
CREATE TRIGGER payment_order_kept BEFORE DELETE ON payment_order BEGIN SELECT RAISE(ABORT, 'payment_order: what was decided is not deleted'); END
-- statement
CREATE TRIGGER payment_order_of_claim BEFORE INSERT ON payment_order WHEN NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND enterprise_id = NEW.enterprise_id AND status = 'approved' AND total_fen = NEW.amount_fen) BEGIN SELECT RAISE(ABORT, 'payment_order: not what an approved claim comes to'); END
-- statement
CREATE TRIGGER claim_line_first_status BEFORE INSERT ON claim_line WHEN NEW.status NOT IN ('held', 'refused') BEGIN SELECT RAISE(ABORT, 'claim_line: this status move is not allowed'); END
-- statement
CREATE TRIGGER claim_line_status_move BEFORE UPDATE OF status ON claim_line WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'held' AND NEW.status = 'released') OR (OLD.status = 'held' AND NEW.status = 'settled')) BEGIN SELECT RAISE(ABORT, 'claim_line: this status move is not allowed'); END
-- statement
CREATE TRIGGER claim_line_decided BEFORE UPDATE OF claim_id, worker_id, policy_id, cap_fen, cap_ref, class_hours, seconds, amount_fen, eligible, decision, hold_key ON claim_line BEGIN SELECT RAISE(ABORT, 'claim_line: what was decided is not edited'); END
-- statement
CREATE TRIGGER claim_line_kept BEFORE DELETE ON claim_line BEGIN SELECT RAISE(ABORT, 'claim_line: what was decided is not deleted'); END
-- statement
CREATE TRIGGER claim_line_cap AFTER INSERT ON claim_line WHEN (SELECT COALESCE(SUM(amount_fen), 0) FROM claim_line WHERE worker_id = NEW.worker_id AND policy_id = NEW.policy_id AND cap_ref = NEW.cap_ref AND status IN ('held', 'settled')) > NEW.cap_fen BEGIN SELECT RAISE(ABORT, 'claim_line: the cap of this person is passed'); END
-- statement
CREATE TRIGGER claim_line_with_claim BEFORE INSERT ON claim_line WHEN NOT EXISTS (SELECT 1 FROM subsidy_claim WHERE id = NEW.claim_id AND status = 'submitted') BEGIN SELECT RAISE(ABORT, 'claim_line: the claim is not open to lines'); END
-- statement
CREATE TRIGGER fund_entry_no_update BEFORE UPDATE ON fund_entry BEGIN SELECT RAISE(ABORT, 'fund_entry is append-only'); END
-- statement
CREATE TRIGGER fund_entry_no_delete BEFORE DELETE ON fund_entry BEGIN SELECT RAISE(ABORT, 'fund_entry is append-only'); END
-- statement
CREATE TRIGGER fund_entry_of_line BEFORE INSERT ON fund_entry WHEN NOT EXISTS (SELECT 1 FROM claim_line l JOIN payment_order o ON o.claim_id = l.claim_id WHERE l.id = NEW.claim_line_id AND o.id = NEW.order_id AND l.status = 'settled' AND l.amount_fen = NEW.amount_fen) BEGIN SELECT RAISE(ABORT, 'fund_entry: not what a settled line of the order was granted'); END
-- statement
CREATE TRIGGER enrollment_as_filed BEFORE UPDATE OF class_id, roster_entry_id, filed_relation, filed_hired_on ON enrollment WHEN EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = OLD.class_id AND p.status = 'approved') BEGIN SELECT RAISE(ABORT, 'enrollment: what was approved is not edited'); END
