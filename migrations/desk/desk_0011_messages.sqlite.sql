-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER outbox_message_first_status BEFORE INSERT ON outbox_message WHEN NEW.status NOT IN ('queued') BEGIN SELECT RAISE(ABORT, 'outbox_message: this status move is not allowed'); END
-- statement
CREATE TRIGGER outbox_message_status_move BEFORE UPDATE OF status ON outbox_message WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'queued' AND NEW.status = 'given_up') OR (OLD.status = 'queued' AND NEW.status = 'sent')) BEGIN SELECT RAISE(ABORT, 'outbox_message: this status move is not allowed'); END
-- statement
CREATE TRIGGER outbox_message_needs_consent BEFORE UPDATE OF status ON outbox_message WHEN NEW.status = 'sent' AND NOT EXISTS (SELECT 1 FROM consent_use u WHERE u.message_id = NEW.id) BEGIN SELECT RAISE(ABORT, 'outbox_message: nobody consented to this message'); END
-- statement
CREATE TRIGGER message_consent_decided BEFORE UPDATE OF worker_id, template, key, lasting, given_at ON message_consent BEGIN SELECT RAISE(ABORT, 'message_consent: what was decided is not edited'); END
-- statement
CREATE TRIGGER message_consent_kept BEFORE DELETE ON message_consent BEGIN SELECT RAISE(ABORT, 'message_consent: what was decided is not deleted'); END
-- statement
CREATE TRIGGER consent_use_no_update BEFORE UPDATE ON consent_use BEGIN SELECT RAISE(ABORT, 'consent_use is append-only'); END
-- statement
CREATE TRIGGER consent_use_no_delete BEFORE DELETE ON consent_use BEGIN SELECT RAISE(ABORT, 'consent_use is append-only'); END
-- statement
CREATE TRIGGER consent_use_fits BEFORE INSERT ON consent_use WHEN NOT EXISTS (SELECT 1 FROM message_consent c JOIN outbox_message m ON m.worker_id = c.worker_id AND m.template = c.template WHERE c.id = NEW.consent_id AND m.id = NEW.message_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'consent_use: this consent is not for this message'); END
-- statement
CREATE TRIGGER consent_use_once BEFORE INSERT ON consent_use WHEN EXISTS (SELECT 1 FROM message_consent c JOIN consent_use u ON u.consent_id = c.id WHERE c.id = NEW.consent_id AND NOT c.lasting) BEGIN SELECT RAISE(ABORT, 'consent_use: this consent was for one message'); END
