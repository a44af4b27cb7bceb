-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER payment_batch_first_status BEFORE INSERT ON payment_batch WHEN NEW.status NOT IN ('created') BEGIN SELECT RAISE(ABORT, 'payment_batch: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_batch_status_move BEFORE UPDATE OF status ON payment_batch WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'cancelled') OR (OLD.status = 'created' AND NEW.status = 'released') OR (OLD.status = 'released' AND NEW.status = 'paid')) BEGIN SELECT RAISE(ABORT, 'payment_batch: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_batch_decided BEFORE UPDATE OF total_fen, created_by_id, created_at, number, month ON payment_batch BEGIN SELECT RAISE(ABORT, 'payment_batch: what was decided is not edited'); END
-- statement
CREATE TRIGGER payment_batch_kept BEFORE DELETE ON payment_batch BEGIN SELECT RAISE(ABORT, 'payment_batch: what was decided is not deleted'); END
-- statement
CREATE TRIGGER payment_batch_complete BEFORE UPDATE OF status ON payment_batch WHEN NEW.status = 'released' AND OLD.status <> 'released' AND (NEW.total_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_order WHERE batch_id = NEW.id AND status = 'created') OR EXISTS (SELECT 1 FROM payment_order o WHERE o.batch_id = NEW.id AND o.amount_fen <> (SELECT COALESCE(SUM(i.amount_fen), 0) FROM payment_item i WHERE i.order_id = o.id AND i.live))) BEGIN SELECT RAISE(ABORT, 'payment_batch: the total is not what its orders and their items come to'); END
-- statement
CREATE TRIGGER payment_batch_returned BEFORE UPDATE OF status, paid_fen ON payment_batch WHEN NEW.paid_fen <> (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_order WHERE batch_id = NEW.id AND status = 'paid') OR (NEW.status = 'paid' AND OLD.status <> 'paid' AND EXISTS (SELECT 1 FROM payment_order WHERE batch_id = NEW.id AND status = 'released')) BEGIN SELECT RAISE(ABORT, 'payment_batch: not what the bank returned of its orders'); END
-- statement
CREATE TRIGGER payment_batch_released_once BEFORE UPDATE OF released_by_id, released_at ON payment_batch WHEN OLD.released_by_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'payment_batch: it was released before'); END
-- statement
CREATE TRIGGER payment_order_first_status BEFORE INSERT ON payment_order WHEN NEW.status NOT IN ('created') BEGIN SELECT RAISE(ABORT, 'payment_order: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_order_status_move BEFORE UPDATE OF status ON payment_order WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'created' AND NEW.status = 'cancelled') OR (OLD.status = 'created' AND NEW.status = 'released') OR (OLD.status = 'released' AND NEW.status = 'failed') OR (OLD.status = 'released' AND NEW.status = 'paid')) BEGIN SELECT RAISE(ABORT, 'payment_order: this status move is not allowed'); END
-- statement
CREATE TRIGGER payment_order_decided BEFORE UPDATE OF batch_id, claim_id, enterprise_id, amount_fen, number, subject_kind, subject_ref, fund, policy_version, payee_name, bank_name, account_ref, account_last4, retry_of_ref ON payment_order BEGIN SELECT RAISE(ABORT, 'payment_order: what was decided is not edited'); END
-- statement
CREATE TRIGGER payment_order_kept BEFORE DELETE ON payment_order BEGIN SELECT RAISE(ABORT, 'payment_order: what was decided is not deleted'); END
-- statement
CREATE TRIGGER payment_order_sealed BEFORE UPDATE OF status ON payment_order WHEN NEW.status = 'paid' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'payment_order: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER payment_order_addressed BEFORE INSERT ON payment_order WHEN (SELECT status FROM payment_batch WHERE id = NEW.batch_id) <> 'created' OR NEW.subject_ref IS NULL OR NEW.fund = '' OR NEW.policy_version = '' OR NEW.payee_name = '' OR NEW.account_ref IS NULL OR (NEW.claim_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subsidy_claim c WHERE c.id = NEW.claim_id AND c.public_id = NEW.subject_ref AND c.enterprise_id = NEW.enterprise_id)) BEGIN SELECT RAISE(ABORT, 'payment_order: it says not whom it pays from what'); END
-- statement
CREATE TRIGGER payment_order_with_batch BEFORE UPDATE OF status ON payment_order WHEN NEW.status <> OLD.status AND (SELECT status FROM payment_batch WHERE id = NEW.batch_id) <> (CASE NEW.status WHEN 'cancelled' THEN 'cancelled' ELSE 'released' END) BEGIN SELECT RAISE(ABORT, 'payment_order: its batch is not as far'); END
-- statement
CREATE TRIGGER payment_item_decided BEFORE UPDATE OF order_id, subject_kind, subject_ref, claim_line_id, amount_fen ON payment_item BEGIN SELECT RAISE(ABORT, 'payment_item: what was decided is not edited'); END
-- statement
CREATE TRIGGER payment_item_kept BEFORE DELETE ON payment_item BEGIN SELECT RAISE(ABORT, 'payment_item: what was decided is not deleted'); END
-- statement
CREATE TRIGGER payment_item_payable BEFORE INSERT ON payment_item WHEN NOT NEW.live OR NOT EXISTS (SELECT 1 FROM payment_order p WHERE p.id = NEW.order_id AND p.status = 'created' AND p.subject_kind = NEW.subject_kind AND CASE NEW.subject_kind WHEN 'claim_line' THEN EXISTS (SELECT 1 FROM claim_line l WHERE l.id = NEW.claim_line_id AND l.public_id = NEW.subject_ref AND l.claim_id = p.claim_id AND l.status = 'held' AND l.payable_at IS NOT NULL AND l.granted_fen = NEW.amount_fen AND NOT (EXISTS (SELECT 1 FROM objection o WHERE o.status = 'open' AND (o.line_ref = l.public_id OR (o.line_ref IS NULL AND o.claim_ref = p.subject_ref))) OR EXISTS (SELECT 1 FROM dispute d JOIN claim_line dl ON dl.worker_id = d.worker_id WHERE d.status = 'open' AND dl.public_id = l.public_id AND (d.enrollment_id IS NULL OR d.enrollment_id = dl.enrollment_id)))) ELSE EXISTS (SELECT 1 FROM new_hire_line h JOIN new_hire_application a ON a.id = h.application_id WHERE h.public_id = NEW.subject_ref AND a.public_id = p.subject_ref AND h.enterprise_id = p.enterprise_id AND h.status = 'payable' AND h.payable_at IS NOT NULL AND h.amount_fen = NEW.amount_fen) END) BEGIN SELECT RAISE(ABORT, 'payment_item: nothing that may be paid stands behind it'); END
-- statement
CREATE TRIGGER payment_item_ended BEFORE UPDATE OF live ON payment_item WHEN NEW.live OR NOT EXISTS (SELECT 1 FROM payment_order WHERE id = NEW.order_id AND status IN ('failed', 'cancelled')) BEGIN SELECT RAISE(ABORT, 'payment_item: its order was neither cancelled nor failed'); END
-- statement
CREATE TRIGGER fund_entry_no_update BEFORE UPDATE ON fund_entry BEGIN SELECT RAISE(ABORT, 'fund_entry is append-only'); END
-- statement
CREATE TRIGGER fund_entry_no_delete BEFORE DELETE ON fund_entry BEGIN SELECT RAISE(ABORT, 'fund_entry is append-only'); END
-- statement
CREATE TRIGGER fund_entry_sealed BEFORE INSERT ON fund_entry WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || (SELECT substr(public_id, 1, 8) || '-' || substr(public_id, 9, 4) || '-' || substr(public_id, 13, 4) || '-' || substr(public_id, 17, 4) || '-' || substr(public_id, 21, 12) FROM payment_order WHERE id = NEW.order_id)) BEGIN SELECT RAISE(ABORT, 'fund_entry: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER fund_entry_of_line BEFORE INSERT ON fund_entry WHEN NOT EXISTS (SELECT 1 FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.id = NEW.item_id AND o.id = NEW.order_id AND o.status = 'paid' AND o.fund = NEW.fund AND o.policy_version = NEW.policy_version AND i.live AND i.amount_fen = NEW.amount_fen AND COALESCE(i.claim_line_id, 0) = COALESCE(NEW.claim_line_id, 0) AND (i.claim_line_id IS NULL OR EXISTS (SELECT 1 FROM claim_line l WHERE l.id = i.claim_line_id AND l.status = 'settled' AND l.granted_fen = NEW.amount_fen))) OR NOT EXISTS (SELECT 1 FROM fund WHERE name = NEW.fund) BEGIN SELECT RAISE(ABORT, 'fund_entry: not what a settled line of the order was granted'); END
-- statement
CREATE TRIGGER fund_entry_spends AFTER INSERT ON fund_entry BEGIN UPDATE fund SET paid_fen = paid_fen + NEW.amount_fen WHERE name = NEW.fund; END
-- statement
CREATE TRIGGER bank_return_no_update BEFORE UPDATE ON bank_return BEGIN SELECT RAISE(ABORT, 'bank_return is append-only'); END
-- statement
CREATE TRIGGER bank_return_no_delete BEFORE DELETE ON bank_return BEGIN SELECT RAISE(ABORT, 'bank_return is append-only'); END
-- statement
CREATE TRIGGER fund_decided BEFORE UPDATE OF name, opening_fen ON fund BEGIN SELECT RAISE(ABORT, 'fund: what was decided is not edited'); END
-- statement
CREATE TRIGGER fund_kept BEFORE DELETE ON fund BEGIN SELECT RAISE(ABORT, 'fund: what was decided is not deleted'); END
-- statement
CREATE TRIGGER fund_allotment_first_status BEFORE INSERT ON fund_allotment WHEN NEW.status NOT IN ('proposed') BEGIN SELECT RAISE(ABORT, 'fund_allotment: this status move is not allowed'); END
-- statement
CREATE TRIGGER fund_allotment_status_move BEFORE UPDATE OF status ON fund_allotment WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'proposed' AND NEW.status = 'confirmed') OR (OLD.status = 'proposed' AND NEW.status = 'refused')) BEGIN SELECT RAISE(ABORT, 'fund_allotment: this status move is not allowed'); END
-- statement
CREATE TRIGGER fund_allotment_decided BEFORE UPDATE OF fund_id, amount_fen, document, note, proposed_by_id, proposed_at ON fund_allotment BEGIN SELECT RAISE(ABORT, 'fund_allotment: what was decided is not edited'); END
-- statement
CREATE TRIGGER fund_allotment_kept BEFORE DELETE ON fund_allotment BEGIN SELECT RAISE(ABORT, 'fund_allotment: what was decided is not deleted'); END
-- statement
CREATE TRIGGER fund_allotment_sealed BEFORE UPDATE OF status ON fund_allotment WHEN NEW.status = 'confirmed' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'allotment' AND subject = 'allotment:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'fund_allotment: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER fund_allotment_adds AFTER UPDATE OF status ON fund_allotment WHEN NEW.status = 'confirmed' AND OLD.status <> 'confirmed' BEGIN UPDATE fund SET allotted_fen = allotted_fen + NEW.amount_fen WHERE id = NEW.fund_id; END
-- statement
CREATE TRIGGER recovery_first_status BEFORE INSERT ON recovery WHEN NEW.status NOT IN ('proposed') BEGIN SELECT RAISE(ABORT, 'recovery: this status move is not allowed'); END
-- statement
CREATE TRIGGER recovery_status_move BEFORE UPDATE OF status ON recovery WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'demanded' AND NEW.status = 'received') OR (OLD.status = 'proposed' AND NEW.status = 'demanded') OR (OLD.status = 'proposed' AND NEW.status = 'refused')) BEGIN SELECT RAISE(ABORT, 'recovery: this status move is not allowed'); END
-- statement
CREATE TRIGGER recovery_decided BEFORE UPDATE OF number, item_id, enterprise_id, fund, amount_fen, reason, clause, source_ref, proposed_by_id, proposed_at ON recovery BEGIN SELECT RAISE(ABORT, 'recovery: what was decided is not edited'); END
-- statement
CREATE TRIGGER recovery_kept BEFORE DELETE ON recovery BEGIN SELECT RAISE(ABORT, 'recovery: what was decided is not deleted'); END
-- statement
CREATE TRIGGER recovery_sealed BEFORE UPDATE OF status ON recovery WHEN NEW.status = 'demanded' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'recovery' AND subject = 'recovery:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'recovery: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER recovery_of_paid BEFORE INSERT ON recovery WHEN (SELECT COALESCE(SUM(r.amount_fen), 0) FROM recovery r WHERE r.item_id = NEW.item_id AND r.status <> 'refused') + NEW.amount_fen > COALESCE((SELECT i.amount_fen FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.id = NEW.item_id AND o.status = 'paid' AND o.enterprise_id = NEW.enterprise_id), 0) BEGIN SELECT RAISE(ABORT, 'recovery: more than was paid'); END
-- statement
CREATE TRIGGER recovery_complete BEFORE UPDATE OF status ON recovery WHEN NEW.status = 'received' AND OLD.status <> 'received' AND NEW.received_fen <> NEW.amount_fen BEGIN SELECT RAISE(ABORT, 'recovery: not all of it came back'); END
-- statement
CREATE TRIGGER recovery_receipt_no_update BEFORE UPDATE ON recovery_receipt BEGIN SELECT RAISE(ABORT, 'recovery_receipt is append-only'); END
-- statement
CREATE TRIGGER recovery_receipt_no_delete BEFORE DELETE ON recovery_receipt BEGIN SELECT RAISE(ABORT, 'recovery_receipt is append-only'); END
-- statement
CREATE TRIGGER recovery_receipt_sealed BEFORE INSERT ON recovery_receipt WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'recovery_receipt' AND subject = 'recovery_receipt:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'recovery_receipt: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER recovery_receipt_demanded BEFORE INSERT ON recovery_receipt WHEN NOT EXISTS (SELECT 1 FROM recovery r WHERE r.id = NEW.recovery_id AND r.status = 'demanded' AND r.received_fen + NEW.amount_fen <= r.amount_fen AND r.fund = NEW.fund) BEGIN SELECT RAISE(ABORT, 'recovery_receipt: nothing of that amount is to come back'); END
-- statement
CREATE TRIGGER recovery_receipt_adds AFTER INSERT ON recovery_receipt BEGIN UPDATE recovery SET received_fen = received_fen + NEW.amount_fen WHERE id = NEW.recovery_id; UPDATE fund SET received_fen = received_fen + NEW.amount_fen WHERE name = NEW.fund; END
-- statement
CREATE TRIGGER claim_line_with_bank BEFORE UPDATE OF status ON claim_line WHEN NEW.status = 'released' AND OLD.status = 'held' AND EXISTS (SELECT 1 FROM payment_item i JOIN payment_order o ON o.id = i.order_id WHERE i.claim_line_id = NEW.id AND i.live AND o.status = 'released') BEGIN SELECT RAISE(ABORT, 'claim_line: its payment is at the bank'); END
