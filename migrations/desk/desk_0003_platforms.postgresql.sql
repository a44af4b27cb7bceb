-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION platform_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'platform is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER platform_no_change BEFORE UPDATE OR DELETE ON platform FOR EACH ROW EXECUTE FUNCTION platform_append_only()
-- statement
CREATE TRIGGER platform_no_truncate BEFORE TRUNCATE ON platform FOR EACH STATEMENT EXECUTE FUNCTION platform_append_only()
-- statement
CREATE FUNCTION directory_batch_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'directory_batch is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER directory_batch_no_change BEFORE UPDATE OR DELETE ON directory_batch FOR EACH ROW EXECUTE FUNCTION directory_batch_append_only()
-- statement
CREATE TRIGGER directory_batch_no_truncate BEFORE TRUNCATE ON directory_batch FOR EACH STATEMENT EXECUTE FUNCTION directory_batch_append_only()
-- statement
CREATE FUNCTION directory_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'directory_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER directory_entry_no_change BEFORE UPDATE OR DELETE ON directory_entry FOR EACH ROW EXECUTE FUNCTION directory_entry_append_only()
-- statement
CREATE TRIGGER directory_entry_no_truncate BEFORE TRUNCATE ON directory_entry FOR EACH STATEMENT EXECUTE FUNCTION directory_entry_append_only()
-- statement
CREATE FUNCTION directory_entry_of_whole_batch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT COUNT(*) FROM directory_entry WHERE batch_id = NEW.batch_id) > (SELECT entry_count FROM directory_batch WHERE id = NEW.batch_id) THEN RAISE EXCEPTION 'this batch of the directory is whole' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER directory_entry_of_whole_batch AFTER INSERT ON directory_entry FOR EACH ROW EXECUTE FUNCTION directory_entry_of_whole_batch()
-- statement
CREATE FUNCTION banked_import_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'banked_import is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER banked_import_no_change BEFORE UPDATE OR DELETE ON banked_import FOR EACH ROW EXECUTE FUNCTION banked_import_append_only()
-- statement
CREATE TRIGGER banked_import_no_truncate BEFORE TRUNCATE ON banked_import FOR EACH STATEMENT EXECUTE FUNCTION banked_import_append_only()
-- statement
CREATE FUNCTION banked_import_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record r JOIN platform p ON p.id = NEW.platform_id WHERE r.id = NEW.evidence_record_id AND r.kind = CASE NEW.grade WHEN 'imported' THEN 'import' ELSE 'attested' END AND r.subject = 'import:' || p.code || ':' || NEW.external_id) THEN RAISE EXCEPTION 'banked_import: it cites the record that was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER banked_import_sealed BEFORE INSERT ON banked_import FOR EACH ROW EXECUTE FUNCTION banked_import_sealed()
-- statement
CREATE FUNCTION platform_signing_key_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'platform_signing_key: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER platform_signing_key_decided BEFORE UPDATE OF public_id, platform_id, public_key, registered_by, registered_at ON platform_signing_key FOR EACH ROW EXECUTE FUNCTION platform_signing_key_decided_refuse()
-- statement
CREATE FUNCTION platform_signing_key_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'platform_signing_key: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER platform_signing_key_kept BEFORE DELETE ON platform_signing_key FOR EACH ROW EXECUTE FUNCTION platform_signing_key_kept_refuse()
-- statement
CREATE FUNCTION import_batch_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'import_batch: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER import_batch_first_status BEFORE INSERT ON import_batch FOR EACH ROW WHEN (NEW.status NOT IN ('waiting')) EXECUTE FUNCTION import_batch_refuse_move()
-- statement
CREATE TRIGGER import_batch_status_move BEFORE UPDATE OF status ON import_batch FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'waiting' AND NEW.status = 'done') OR (OLD.status = 'waiting' AND NEW.status = 'failed'))) EXECUTE FUNCTION import_batch_refuse_move()
-- statement
CREATE FUNCTION import_batch_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'import_batch: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER import_batch_decided BEFORE UPDATE OF public_id, platform_id, enterprise_id, class_ref, source, file_name, file_sha256, layout, signing_key_id, signature, received_by, received_at ON import_batch FOR EACH ROW EXECUTE FUNCTION import_batch_decided_refuse()
-- statement
CREATE FUNCTION import_batch_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'import_batch: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER import_batch_kept BEFORE DELETE ON import_batch FOR EACH ROW EXECUTE FUNCTION import_batch_kept_refuse()
-- statement
CREATE FUNCTION import_batch_finished() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'waiting' OR NEW.last_number < OLD.last_number THEN RAISE EXCEPTION 'import_batch: what is finished stays, what is judged is not judged again' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER import_batch_finished BEFORE UPDATE ON import_batch FOR EACH ROW EXECUTE FUNCTION import_batch_finished()
-- statement
CREATE FUNCTION import_verdict_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'import_verdict is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER import_verdict_no_change BEFORE UPDATE OR DELETE ON import_verdict FOR EACH ROW EXECUTE FUNCTION import_verdict_append_only()
-- statement
CREATE TRIGGER import_verdict_no_truncate BEFORE TRUNCATE ON import_verdict FOR EACH STATEMENT EXECUTE FUNCTION import_verdict_append_only()
