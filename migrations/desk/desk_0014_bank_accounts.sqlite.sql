-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER bank_account_first_status BEFORE INSERT ON bank_account WHEN NEW.status NOT IN ('proposed') BEGIN SELECT RAISE(ABORT, 'bank_account: this status move is not allowed'); END
-- statement
CREATE TRIGGER bank_account_status_move BEFORE UPDATE OF status ON bank_account WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'active' AND NEW.status = 'replaced') OR (OLD.status = 'proposed' AND NEW.status = 'active') OR (OLD.status = 'proposed' AND NEW.status = 'refused') OR (OLD.status = 'proposed' AND NEW.status = 'withdrawn')) BEGIN SELECT RAISE(ABORT, 'bank_account: this status move is not allowed'); END
-- statement
CREATE TRIGGER bank_account_decided BEFORE UPDATE OF enterprise_id, holder_name, bank_name, account_encrypted, account_index, last4, proposed_by_id, proposed_at ON bank_account BEGIN SELECT RAISE(ABORT, 'bank_account: what was decided is not edited'); END
-- statement
CREATE TRIGGER bank_account_kept BEFORE DELETE ON bank_account BEGIN SELECT RAISE(ABORT, 'bank_account: what was decided is not deleted'); END
-- statement
CREATE TRIGGER bank_account_sealed BEFORE UPDATE OF status ON bank_account WHEN NEW.status = 'active' AND NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'bank_account' AND subject = 'bank_account:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'bank_account: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER review_two_persons BEFORE INSERT ON review WHEN NEW.subject_kind = 'claim' AND NEW.verdict = 'approve' AND EXISTS (SELECT 1 FROM review r WHERE r.subject_kind = 'claim' AND r.verdict = 'approve' AND r.subject_id = NEW.subject_id AND r.staff_id = NEW.staff_id AND r.stage <> NEW.stage) BEGIN SELECT RAISE(ABORT, 'review: the second approval is somebody else'); END
