-- No decision without its evidence record (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION transfer_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'transfer' AND subject = 'transfer:' || NEW.idempotency_key) THEN RAISE EXCEPTION 'transfer: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER transfer_sealed BEFORE INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION transfer_sealed()
-- statement
CREATE FUNCTION review_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'review' AND subject = 'review:' || NEW.public_id::text) THEN RAISE EXCEPTION 'review: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER review_sealed BEFORE INSERT ON review FOR EACH ROW EXECUTE FUNCTION review_sealed()
-- statement
CREATE FUNCTION subsidy_claim_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'claim' AND subject = 'claim:' || NEW.public_id::text) THEN RAISE EXCEPTION 'subsidy_claim: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER subsidy_claim_sealed BEFORE INSERT ON subsidy_claim FOR EACH ROW EXECUTE FUNCTION subsidy_claim_sealed()
-- statement
CREATE FUNCTION payment_order_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'paid' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || NEW.public_id::text) THEN RAISE EXCEPTION 'payment_order: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER payment_order_sealed BEFORE UPDATE OF status ON payment_order FOR EACH ROW EXECUTE FUNCTION payment_order_sealed()
-- statement
CREATE FUNCTION fund_entry_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'payment' AND subject = 'payment:' || (SELECT public_id::text FROM payment_order WHERE id = NEW.order_id)) THEN RAISE EXCEPTION 'fund_entry: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER fund_entry_sealed BEFORE INSERT ON fund_entry FOR EACH ROW EXECUTE FUNCTION fund_entry_sealed()
