-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION outbox_message_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'outbox_message: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER outbox_message_first_status BEFORE INSERT ON outbox_message FOR EACH ROW WHEN (NEW.status NOT IN ('queued')) EXECUTE FUNCTION outbox_message_refuse_move()
-- statement
CREATE TRIGGER outbox_message_status_move BEFORE UPDATE OF status ON outbox_message FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'queued' AND NEW.status = 'given_up') OR (OLD.status = 'queued' AND NEW.status = 'sent'))) EXECUTE FUNCTION outbox_message_refuse_move()
-- statement
CREATE FUNCTION outbox_message_needs_consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 'sent' AND NOT EXISTS (SELECT 1 FROM consent_use u WHERE u.message_id = NEW.id) THEN RAISE EXCEPTION 'outbox_message: nobody consented to this message' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER outbox_message_needs_consent BEFORE UPDATE OF status ON outbox_message FOR EACH ROW EXECUTE FUNCTION outbox_message_needs_consent_refuse()
-- statement
CREATE FUNCTION message_consent_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'message_consent: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER message_consent_decided BEFORE UPDATE OF worker_id, template, key, lasting, given_at ON message_consent FOR EACH ROW EXECUTE FUNCTION message_consent_decided_refuse()
-- statement
CREATE FUNCTION message_consent_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'message_consent: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER message_consent_kept BEFORE DELETE ON message_consent FOR EACH ROW EXECUTE FUNCTION message_consent_kept_refuse()
-- statement
CREATE FUNCTION consent_use_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'consent_use is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER consent_use_no_change BEFORE UPDATE OR DELETE ON consent_use FOR EACH ROW EXECUTE FUNCTION consent_use_append_only()
-- statement
CREATE TRIGGER consent_use_no_truncate BEFORE TRUNCATE ON consent_use FOR EACH STATEMENT EXECUTE FUNCTION consent_use_append_only()
-- statement
CREATE FUNCTION consent_use_fits_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM message_consent c JOIN outbox_message m ON m.worker_id = c.worker_id AND m.template = c.template WHERE c.id = NEW.consent_id AND m.id = NEW.message_id AND c.ended_at IS NULL) THEN RAISE EXCEPTION 'consent_use: this consent is not for this message' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER consent_use_fits BEFORE INSERT ON consent_use FOR EACH ROW EXECUTE FUNCTION consent_use_fits_refuse()
-- statement
CREATE FUNCTION consent_use_once_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM message_consent c JOIN consent_use u ON u.consent_id = c.id WHERE c.id = NEW.consent_id AND NOT c.lasting) THEN RAISE EXCEPTION 'consent_use: this consent was for one message' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER consent_use_once BEFORE INSERT ON consent_use FOR EACH ROW EXECUTE FUNCTION consent_use_once_refuse()
