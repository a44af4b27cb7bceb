-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION payment_batch_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_batch: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER payment_batch_first_status BEFORE INSERT ON payment_batch FOR EACH ROW WHEN (NEW.status NOT IN ('created')) EXECUTE FUNCTION payment_batch_refuse_move()
-- statement
CREATE TRIGGER payment_batch_status_move BEFORE UPDATE OF status ON payment_batch FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'cancelled') OR (OLD.status = 'created' AND NEW.status = 'released') OR (OLD.status = 'released' AND NEW.status = 'paid'))) EXECUTE FUNCTION payment_batch_refuse_move()
-- statement
CREATE FUNCTION payment_batch_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_batch: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_batch_decided BEFORE UPDATE OF total_fen, created_by_id, created_at, number, month ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_decided_refuse()
-- statement
CREATE FUNCTION payment_batch_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_batch: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_batch_kept BEFORE DELETE ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_kept_refuse()
-- statement
CREATE FUNCTION payment_batch_complete_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'released' AND OLD.status <> 'released' AND (NEW.total_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_order WHERE batch_id = NEW.id AND status = 'created') OR EXISTS (SELECT 1 FROM payment_order o WHERE o.batch_id = NEW.id AND o.amount_fen <> (SELECT COALESCE(SUM(i.amount_fen), 0) FROM payment_item i WHERE i.order_id = o.id AND i.live))) THEN RAISE EXCEPTION 'payment_batch: the total is not what its orders and their items come to' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_batch_complete BEFORE UPDATE OF status ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_complete_refuse()
-- statement
CREATE FUNCTION payment_batch_returned_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.paid_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_order WHERE batch_id = NEW.id AND status = 'paid') OR (NEW.status = 'paid' AND OLD.status <> 'paid' AND EXISTS (SELECT 1 FROM payment_order WHERE batch_id = NEW.id AND status = 'released')) THEN RAISE EXCEPTION 'payment_batch: not what the bank returned of its orders' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_batch_returned BEFORE UPDATE OF status, paid_fen ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_returned_refuse()
-- statement
CREATE FUNCTION payment_batch_released_once_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.released_by_id IS NOT NULL THEN RAISE EXCEPTION 'payment_batch: it was released before' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_batch_released_once BEFORE UPDATE OF released_by_id, released_at ON payment_batch FOR EACH ROW EXECUTE FUNCTION payment_batch_released_once_refuse()
-- statement
CREATE FUNCTION payment_order_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_order: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER payment_order_first_status BEFORE INSERT ON payment_order FOR EACH ROW WHEN (NEW.status NOT IN ('created')) EXECUTE FUNCTION payment_order_refuse_move()
-- statement
CREATE TRIGGER payment_order_status_move BEFORE UPDATE OF status ON payment_order FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'cancelled') OR (OLD.status = 'created' AND NEW.status = 'released') OR (OLD.status = 'released' AND NEW.status = 'failed') OR (OLD.status = 'released' AND NEW.status = 'paid'))) EXECUTE FUNCTION payment_order_refuse_move()
-- statement
CREATE FUNCTION payment_order_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_order: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_order_decided BEFORE UPDATE OF batch_id, claim_id, enterprise_id, amount_fen, number, subject_kind, subject_ref, fund, policy_version, payee_name, bank_name, account_ref, account_last4, retry_of_ref ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_decided_refuse()
-- statement
CREATE FUNCTION payment_order_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_order: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_order_kept BEFORE DELETE ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_kept_refuse()
-- statement
CREATE FUNCTION payment_order_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'paid' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || NEW.public_id::text) THEN RAISE EXCEPTION 'payment_order: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_order_sealed BEFORE UPDATE OF status ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_sealed()
-- statement
CREATE FUNCTION payment_order_addressed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT status FROM payment_batch WHERE id = NEW.batch_id) <> 'created' OR NEW.subject_ref IS NULL OR NEW.fund = '' OR NEW.policy_version = '' OR NEW.payee_name = '' OR NEW.account_ref IS NULL OR (NEW.claim_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subsidy_claim c WHERE c.id = NEW.claim_id AND c.public_id = NEW.subject_ref AND c.enterprise_id = NEW.enterprise_id)) THEN RAISE EXCEPTION 'payment_order: it says not whom it pays from what' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_order_addressed BEFORE INSERT ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_addressed_refuse()
-- statement
CREATE FUNCTION payment_order_with_batch_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status <> OLD.status AND (SELECT status FROM payment_batch WHERE id = NEW.batch_id) <> (CASE NEW.status WHEN 'cancelled' THEN 'cancelled' ELSE 'released' END) THEN RAISE EXCEPTION 'payment_order: its batch is not as far' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_order_with_batch BEFORE UPDATE OF status ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_with_batch_refuse()
-- statement
CREATE FUNCTION payment_item_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_item: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_item_decided BEFORE UPDATE OF order_id, subject_kind, subject_ref, claim_line_id, amount_fen ON payment_item FOR EACH ROW EXECUTE FUNCTION payment_item_decided_refuse()
-- statement
CREATE FUNCTION payment_item_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'payment_item: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER payment_item_kept BEFORE DELETE ON payment_item FOR EACH ROW EXECUTE FUNCTION payment_item_kept_refuse()
-- statement
CREATE FUNCTION payment_item_payable_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT NEW.live OR NOT EXISTS (SELECT 1 FROM payment_order p WHERE p.id = NEW.order_id AND p.status = 'created' AND p.subject_kind = NEW.subject_kind AND CASE NEW.subject_kind WHEN 'claim_line' THEN EXISTS (SELECT 1 FROM claim_line l WHERE l.id = NEW.claim_line_id AND l.public_id = NEW.subject_ref AND l.claim_id = p.claim_id AND l.status = 'held' AND l.payable_at IS NOT NULL AND l.granted_fen = NEW.amount_fen AND NOT (EXISTS (SELECT 1 FROM objection o WHERE o.status = 'open' AND (o.line_ref = l.public_id OR (o.line_ref IS NULL AND o.claim_ref = p.subject_ref))) OR EXISTS (SELECT 1 FROM dispute d JOIN claim_line dl ON dl.worker_id = d.worker_id WHERE d.status = 'open' AND dl.public_id = l.public_id AND (d.enrollment_id IS NULL OR d.enrollment_id = dl.enrollment_id)))) ELSE EXISTS (SELECT 1 FROM new_hire_line h JOIN new_hire_application a ON a.id = h.application_id WHERE h.public_id = NEW.subject_ref AND a.public_id = p.subject_ref AND h.enterprise_id = p.enterprise_id AND h.status = 'payable' AND h.payable_at IS NOT NULL AND h.amount_fen = NEW.amount_fen) END) THEN RAISE EXCEPTION 'payment_item: nothing that may be paid stands behind it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_item_payable BEFORE INSERT ON payment_item FOR EACH ROW EXECUTE FUNCTION payment_item_payable_refuse()
-- statement
CREATE FUNCTION payment_item_ended_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.live OR NOT EXISTS (SELECT 1 FROM payment_order WHERE id = NEW.order_id AND status IN ('failed', 'cancelled')) THEN RAISE EXCEPTION 'payment_item: its order was neither cancelled nor failed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_item_ended BEFORE UPDATE OF live ON payment_item FOR EACH ROW EXECUTE FUNCTION payment_item_ended_refuse()
-- statement
CREATE FUNCTION fund_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER fund_entry_no_change BEFORE UPDATE OR DELETE ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_append_only()
-- statement
CREATE TRIGGER fund_entry_no_truncate BEFORE TRUNCATE ON fund_entry FOR EACH STATEMENT EXECUTE FUNCTION fund_entry_append_only()
-- statement
CREATE FUNCTION fund_entry_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || (SELECT public_id::text FROM payment_order WHERE id = NEW.order_id)) THEN RAISE EXCEPTION 'fund_entry: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER fund_entry_sealed BEFORE INSERT ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_sealed()
-- statement
CREATE FUNCTION fund_entry_of_line_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.id = NEW.item_id AND o.id = NEW.order_id AND o.status = 'paid' AND o.fund = NEW.fund AND o.policy_version = NEW.policy_version AND i.live AND i.amount_fen = NEW.amount_fen AND COALESCE(i.claim_line_id, 0) = COALESCE(NEW.claim_line_id, 0) AND (i.claim_line_id IS NULL OR EXISTS (SELECT 1 FROM claim_line l WHERE l.id = i.claim_line_id AND l.status = 'settled' AND l.granted_fen = NEW.amount_fen))) OR NOT EXISTS (SELECT 1 FROM fund WHERE name = NEW.fund) THEN RAISE EXCEPTION 'fund_entry: not what a settled line of the order was granted' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER fund_entry_of_line BEFORE INSERT ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_of_line_refuse()
-- statement
CREATE FUNCTION fund_entry_spends_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE fund SET paid_fen = paid_fen + NEW.amount_fen WHERE name = NEW.fund; RETURN NULL; END $$
-- statement
CREATE TRIGGER fund_entry_spends AFTER INSERT ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_spends_move()
-- statement
CREATE FUNCTION bank_return_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bank_return is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER bank_return_no_change BEFORE UPDATE OR DELETE ON bank_return FOR EACH ROW EXECUTE FUNCTION bank_return_append_only()
-- statement
CREATE TRIGGER bank_return_no_truncate BEFORE TRUNCATE ON bank_return FOR EACH STATEMENT EXECUTE FUNCTION bank_return_append_only()
-- statement
CREATE FUNCTION fund_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER fund_decided BEFORE UPDATE OF name, opening_fen ON fund FOR EACH ROW EXECUTE FUNCTION fund_decided_refuse()
-- statement
CREATE FUNCTION fund_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER fund_kept BEFORE DELETE ON fund FOR EACH ROW EXECUTE FUNCTION fund_kept_refuse()
-- statement
CREATE FUNCTION fund_allotment_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund_allotment: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER fund_allotment_first_status BEFORE INSERT ON fund_allotment FOR EACH ROW WHEN (NEW.status NOT IN ('proposed')) EXECUTE FUNCTION fund_allotment_refuse_move()
-- statement
CREATE TRIGGER fund_allotment_status_move BEFORE UPDATE OF status ON fund_allotment FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'proposed' AND NEW.status = 'confirmed') OR (OLD.status = 'proposed' AND NEW.status = 'refused'))) EXECUTE FUNCTION fund_allotment_refuse_move()
-- statement
CREATE FUNCTION fund_allotment_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund_allotment: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER fund_allotment_decided BEFORE UPDATE OF fund_id, amount_fen, document, note, proposed_by_id, proposed_at ON fund_allotment FOR EACH ROW EXECUTE FUNCTION fund_allotment_decided_refuse()
-- statement
CREATE FUNCTION fund_allotment_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fund_allotment: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER fund_allotment_kept BEFORE DELETE ON fund_allotment FOR EACH ROW EXECUTE FUNCTION fund_allotment_kept_refuse()
-- statement
CREATE FUNCTION fund_allotment_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'confirmed' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'allotment' AND subject = 'allotment:' || NEW.public_id::text) THEN RAISE EXCEPTION 'fund_allotment: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER fund_allotment_sealed BEFORE UPDATE OF status ON fund_allotment FOR EACH ROW EXECUTE FUNCTION fund_allotment_sealed()
-- statement
CREATE FUNCTION fund_allotment_adds_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE fund SET allotted_fen = allotted_fen + NEW.amount_fen WHERE id = NEW.fund_id; RETURN NULL; END $$
-- statement
CREATE TRIGGER fund_allotment_adds AFTER UPDATE OF status ON fund_allotment FOR EACH ROW WHEN (NEW.status = 'confirmed' AND OLD.status <> 'confirmed') EXECUTE FUNCTION fund_allotment_adds_move()
-- statement
CREATE FUNCTION recovery_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'recovery: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER recovery_first_status BEFORE INSERT ON recovery FOR EACH ROW WHEN (NEW.status NOT IN ('proposed')) EXECUTE FUNCTION recovery_refuse_move()
-- statement
CREATE TRIGGER recovery_status_move BEFORE UPDATE OF status ON recovery FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'demanded' AND NEW.status = 'received') OR (OLD.status = 'proposed' AND NEW.status = 'demanded') OR (OLD.status = 'proposed' AND NEW.status = 'refused'))) EXECUTE FUNCTION recovery_refuse_move()
-- statement
CREATE FUNCTION recovery_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'recovery: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER recovery_decided BEFORE UPDATE OF number, item_id, enterprise_id, fund, amount_fen, reason, clause, source_ref, proposed_by_id, proposed_at ON recovery FOR EACH ROW EXECUTE FUNCTION recovery_decided_refuse()
-- statement
CREATE FUNCTION recovery_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'recovery: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER recovery_kept BEFORE DELETE ON recovery FOR EACH ROW EXECUTE FUNCTION recovery_kept_refuse()
-- statement
CREATE FUNCTION recovery_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'demanded' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'recovery' AND subject = 'recovery:' || NEW.public_id::text) THEN RAISE EXCEPTION 'recovery: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER recovery_sealed BEFORE UPDATE OF status ON recovery FOR EACH ROW EXECUTE FUNCTION recovery_sealed()
-- statement
CREATE FUNCTION recovery_of_paid_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT COALESCE(SUM(r.amount_fen), 0) FROM recovery r WHERE r.item_id = NEW.item_id AND r.status <> 'refused') + NEW.amount_fen > COALESCE((SELECT i.amount_fen FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.id = NEW.item_id AND o.status = 'paid' AND o.enterprise_id = NEW.enterprise_id), 0) THEN RAISE EXCEPTION 'recovery: more than was paid' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER recovery_of_paid BEFORE INSERT ON recovery FOR EACH ROW EXECUTE FUNCTION recovery_of_paid_refuse()
-- statement
CREATE FUNCTION recovery_complete_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'received' AND OLD.status <> 'received' AND NEW.received_fen <> NEW.amount_fen THEN RAISE EXCEPTION 'recovery: not all of it came back' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER recovery_complete BEFORE UPDATE OF status ON recovery FOR EACH ROW EXECUTE FUNCTION recovery_complete_refuse()
-- statement
CREATE FUNCTION recovery_receipt_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'recovery_receipt is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER recovery_receipt_no_change BEFORE UPDATE OR DELETE ON recovery_receipt FOR EACH ROW EXECUTE FUNCTION recovery_receipt_append_only()
-- statement
CREATE TRIGGER recovery_receipt_no_truncate BEFORE TRUNCATE ON recovery_receipt FOR EACH STATEMENT EXECUTE FUNCTION recovery_receipt_append_only()
-- statement
CREATE FUNCTION recovery_receipt_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'recovery_receipt' AND subject = 'recovery_receipt:' || NEW.public_id::text) THEN RAISE EXCEPTION 'recovery_receipt: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER recovery_receipt_sealed BEFORE INSERT ON recovery_receipt FOR EACH ROW EXECUTE FUNCTION recovery_receipt_sealed()
-- statement
CREATE FUNCTION recovery_receipt_demanded_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM recovery r WHERE r.id = NEW.recovery_id AND r.status = 'demanded' AND r.received_fen + NEW.amount_fen <= r.amount_fen AND r.fund = NEW.fund) THEN RAISE EXCEPTION 'recovery_receipt: nothing of that amount is to come back' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER recovery_receipt_demanded BEFORE INSERT ON recovery_receipt FOR EACH ROW EXECUTE FUNCTION recovery_receipt_demanded_refuse()
-- statement
CREATE FUNCTION recovery_receipt_adds_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE recovery SET received_fen = received_fen + NEW.amount_fen WHERE id = NEW.recovery_id; UPDATE fund SET received_fen = received_fen + NEW.amount_fen WHERE name = NEW.fund; RETURN NULL; END $$
-- statement
CREATE TRIGGER recovery_receipt_adds AFTER INSERT ON recovery_receipt FOR EACH ROW EXECUTE FUNCTION recovery_receipt_adds_move()
-- statement
CREATE FUNCTION claim_line_with_bank_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'released' AND OLD.status = 'held' AND EXISTS (SELECT 1 FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.claim_line_id = NEW.id AND i.live AND o.status = 'released') THEN RAISE EXCEPTION 'claim_line: its payment is at the bank' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER claim_line_with_bank BEFORE UPDATE OF status ON claim_line FOR EACH ROW EXECUTE FUNCTION claim_line_with_bank_refuse()
