-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER platform_no_update BEFORE UPDATE ON platform BEGIN SELECT RAISE(ABORT, 'platform is append-only'); END
-- statement
CREATE TRIGGER platform_no_delete BEFORE DELETE ON platform BEGIN SELECT RAISE(ABORT, 'platform is append-only'); END
-- statement
CREATE TRIGGER directory_batch_no_update BEFORE UPDATE ON directory_batch BEGIN SELECT RAISE(ABORT, 'directory_batch is append-only'); END
-- statement
CREATE TRIGGER directory_batch_no_delete BEFORE DELETE ON directory_batch BEGIN SELECT RAISE(ABORT, 'directory_batch is append-only'); END
-- statement
CREATE TRIGGER directory_entry_no_update BEFORE UPDATE ON directory_entry BEGIN SELECT RAISE(ABORT, 'directory_entry is append-only'); END
-- statement
CREATE TRIGGER directory_entry_no_delete BEFORE DELETE ON directory_entry BEGIN SELECT RAISE(ABORT, 'directory_entry is append-only'); END
-- statement
CREATE TRIGGER directory_entry_of_whole_batch AFTER INSERT ON directory_entry WHEN (SELECT COUNT(*) FROM directory_entry WHERE batch_id = NEW.batch_id) > (SELECT entry_count FROM directory_batch WHERE id = NEW.batch_id) BEGIN SELECT RAISE(ABORT, 'this batch of the directory is whole'); END
-- statement
CREATE TRIGGER banked_import_no_update BEFORE UPDATE ON banked_import BEGIN SELECT RAISE(ABORT, 'banked_import is append-only'); END
-- statement
CREATE TRIGGER banked_import_no_delete BEFORE DELETE ON banked_import BEGIN SELECT RAISE(ABORT, 'banked_import is append-only'); END
-- statement
CREATE TRIGGER banked_import_sealed BEFORE INSERT ON banked_import WHEN NOT EXISTS (SELECT 1 FROM evidence_record r JOIN platform p ON p.id = NEW.platform_id WHERE r.id = NEW.evidence_record_id AND r.kind = CASE NEW.grade WHEN 'imported' THEN 'import' ELSE 'attested' END AND r.subject = 'import:' || p.code || ':' || NEW.external_id) BEGIN SELECT RAISE(ABORT, 'banked_import: it cites the record that was sealed of it'); END
-- statement
CREATE TRIGGER platform_signing_key_decided BEFORE UPDATE OF public_id, platform_id, public_key, registered_by, registered_at ON platform_signing_key BEGIN SELECT RAISE(ABORT, 'platform_signing_key: what was decided is not edited'); END
-- statement
CREATE TRIGGER platform_signing_key_kept BEFORE DELETE ON platform_signing_key BEGIN SELECT RAISE(ABORT, 'platform_signing_key: what was decided is not deleted'); END
-- statement
CREATE TRIGGER import_batch_first_status BEFORE INSERT ON import_batch WHEN NEW.status NOT IN ('waiting') BEGIN SELECT RAISE(ABORT, 'import_batch: this status move is not allowed'); END
-- statement
CREATE TRIGGER import_batch_status_move BEFORE UPDATE OF status ON import_batch WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'waiting' AND NEW.status = 'done') OR (OLD.status = 'waiting' AND NEW.status = 'failed')) BEGIN SELECT RAISE(ABORT, 'import_batch: this status move is not allowed'); END
-- statement
CREATE TRIGGER import_batch_decided BEFORE UPDATE OF public_id, platform_id, enterprise_id, class_ref, source, file_name, file_sha256, layout, signing_key_id, signature, received_by, received_at ON import_batch BEGIN SELECT RAISE(ABORT, 'import_batch: what was decided is not edited'); END
-- statement
CREATE TRIGGER import_batch_kept BEFORE DELETE ON import_batch BEGIN SELECT RAISE(ABORT, 'import_batch: what was decided is not deleted'); END
-- statement
CREATE TRIGGER import_batch_finished BEFORE UPDATE ON import_batch WHEN OLD.status <> 'waiting' OR NEW.last_number < OLD.last_number BEGIN SELECT RAISE(ABORT, 'import_batch: what is finished stays, what is judged is not judged again'); END
-- statement
CREATE TRIGGER import_verdict_no_update BEFORE UPDATE ON import_verdict BEGIN SELECT RAISE(ABORT, 'import_verdict is append-only'); END
-- statement
CREATE TRIGGER import_verdict_no_delete BEFORE DELETE ON import_verdict BEGIN SELECT RAISE(ABORT, 'import_verdict is append-only'); END
