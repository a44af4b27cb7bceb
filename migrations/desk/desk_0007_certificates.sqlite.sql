-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER certificate_first_status BEFORE INSERT ON certificate WHEN NEW.status NOT IN ('valid') BEGIN SELECT RAISE(ABORT, 'certificate: this status move is not allowed'); END
-- statement
CREATE TRIGGER certificate_status_move BEFORE UPDATE OF status ON certificate WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'valid' AND NEW.status = 'corrected') OR (OLD.status = 'valid' AND NEW.status = 'revoked')) BEGIN SELECT RAISE(ABORT, 'certificate: this status move is not allowed'); END
-- statement
CREATE TRIGGER certificate_decided BEFORE UPDATE OF public_id, number, code, worker_id, enrollment_id, class_id, name_index, facts, issued_at, issued_by, replaces_id ON certificate BEGIN SELECT RAISE(ABORT, 'certificate: what was decided is not edited'); END
-- statement
CREATE TRIGGER certificate_kept BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'certificate: what was decided is not deleted'); END
-- statement
CREATE TRIGGER certificate_sealed BEFORE INSERT ON certificate WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'certificate' AND subject = 'certificate:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'certificate: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER certificate_name BEFORE UPDATE OF name_encrypted ON certificate WHEN NEW.name_encrypted IS NOT NULL BEGIN SELECT RAISE(ABORT, 'certificate: a name is only ever erased'); END
-- statement
CREATE TRIGGER certificate_end BEFORE UPDATE OF ended_at, ended_reason, ended_clause ON certificate WHEN OLD.status <> 'valid' BEGIN SELECT RAISE(ABORT, 'certificate: how it ended is not edited'); END
-- statement
CREATE TRIGGER report_issue_decided BEFORE UPDATE OF public_id, number, code, enterprise_id, enterprise_name, starts_on, ends_on, row_count, people, claimable_seconds, learned_seconds, rows_sha256, pdf_sha256, xlsx_sha256, csv_sha256, json_sha256, issued_at, issued_by ON report_issue BEGIN SELECT RAISE(ABORT, 'report_issue: what was decided is not edited'); END
-- statement
CREATE TRIGGER report_issue_kept BEFORE DELETE ON report_issue BEGIN SELECT RAISE(ABORT, 'report_issue: what was decided is not deleted'); END
-- statement
CREATE TRIGGER report_issue_sealed BEFORE INSERT ON report_issue WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'report' AND subject = 'report:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'report_issue: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER report_issue_withdrawn BEFORE UPDATE OF withdrawn_at, withdrawn_reason ON report_issue WHEN OLD.withdrawn_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'report_issue: withdrawn is withdrawn'); END
