-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION bank_account_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bank_account: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER bank_account_first_status BEFORE INSERT ON bank_account FOR EACH ROW WHEN (NEW.status NOT IN ('proposed')) EXECUTE FUNCTION bank_account_refuse_move()
-- statement
CREATE TRIGGER bank_account_status_move BEFORE UPDATE OF status ON bank_account FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'active' AND NEW.status = 'replaced') OR (OLD.status = 'proposed' AND NEW.status = 'active') OR (OLD.status = 'proposed' AND NEW.status = 'refused') OR (OLD.status = 'proposed' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION bank_account_refuse_move()
-- statement
CREATE FUNCTION bank_account_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bank_account: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER bank_account_decided BEFORE UPDATE OF enterprise_id, holder_name, bank_name, account_encrypted, account_index, last4, proposed_by_id, proposed_at ON bank_account FOR EACH ROW EXECUTE FUNCTION bank_account_decided_refuse()
-- statement
CREATE FUNCTION bank_account_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bank_account: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER bank_account_kept BEFORE DELETE ON bank_account FOR EACH ROW EXECUTE FUNCTION bank_account_kept_refuse()
-- statement
CREATE FUNCTION bank_account_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'active' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'bank_account' AND subject = 'bank_account:' || NEW.public_id::text) THEN RAISE EXCEPTION 'bank_account: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER bank_account_sealed BEFORE UPDATE OF status ON bank_account FOR EACH ROW EXECUTE FUNCTION bank_account_sealed()
-- statement
CREATE FUNCTION review_two_persons_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.subject_kind = 'claim' AND NEW.verdict = 'approve' AND EXISTS (SELECT 1 FROM review r WHERE r.subject_kind = 'claim' AND r.verdict = 'approve' AND r.subject_id = NEW.subject_id AND r.staff_id = NEW.staff_id AND r.stage <> NEW.stage) THEN RAISE EXCEPTION 'review: the second approval is somebody else' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER review_two_persons BEFORE INSERT ON review FOR EACH ROW EXECUTE FUNCTION review_two_persons_refuse()
