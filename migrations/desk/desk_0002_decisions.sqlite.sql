-- No decision without its evidence record (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER transfer_sealed BEFORE INSERT ON transfer WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'transfer' AND subject = 'transfer:' || NEW.idempotency_key) BEGIN SELECT RAISE(ABORT, 'transfer: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER review_sealed BEFORE INSERT ON review WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'review' AND subject = 'review:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'review: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER subsidy_claim_sealed BEFORE INSERT ON subsidy_claim WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'claim' AND subject = 'claim:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'subsidy_claim: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER payment_order_sealed BEFORE UPDATE OF status ON payment_order WHEN NEW.status = 'paid' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'payment_order: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER fund_entry_sealed BEFORE INSERT ON fund_entry WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || (SELECT substr(public_id, 1, 8) || '-' || substr(public_id, 9, 4) || '-' || substr(public_id, 13, 4) || '-' || substr(public_id, 17, 4) || '-' || substr(public_id, 21, 12) FROM payment_order WHERE id = NEW.order_id)) BEGIN SELECT RAISE(ABORT, 'fund_entry: no evidence record was sealed of it'); END
