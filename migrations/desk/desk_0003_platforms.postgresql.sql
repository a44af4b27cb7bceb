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
