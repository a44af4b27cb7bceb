-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION evidence_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'INSERT' THEN IF NEW.log_index IS NULL THEN RETURN NEW; END IF; ELSIF TG_OP = 'UPDATE' THEN IF COALESCE((OLD.log_index IS NULL AND NEW.log_index = (SELECT COALESCE(MAX(log_index), -1) + 1 FROM evidence_entry) AND NEW.id = OLD.id AND NEW.record_id = OLD.record_id AND NEW.entry = OLD.entry AND NEW.leaf_hash = OLD.leaf_hash), FALSE) THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION 'evidence_entry is append-only; it takes the next index of the log once' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER evidence_entry_no_change BEFORE INSERT OR UPDATE OR DELETE ON evidence_entry FOR EACH ROW EXECUTE FUNCTION evidence_entry_guard()
-- statement
CREATE TRIGGER evidence_entry_no_truncate BEFORE TRUNCATE ON evidence_entry FOR EACH STATEMENT EXECUTE FUNCTION evidence_entry_guard()
-- statement
CREATE FUNCTION log_tile_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' THEN IF NEW.level = OLD.level AND NEW.number = OLD.number AND length(NEW.hashes) > length(OLD.hashes) AND substring(NEW.hashes FOR length(OLD.hashes)) = OLD.hashes THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION 'log_tile only grows' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER log_tile_only_grows BEFORE UPDATE OR DELETE ON log_tile FOR EACH ROW EXECUTE FUNCTION log_tile_guard()
-- statement
CREATE TRIGGER log_tile_no_truncate BEFORE TRUNCATE ON log_tile FOR EACH STATEMENT EXECUTE FUNCTION log_tile_guard()
-- statement
CREATE FUNCTION log_checkpoint_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'log_checkpoint is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER log_checkpoint_no_change BEFORE UPDATE OR DELETE ON log_checkpoint FOR EACH ROW EXECUTE FUNCTION log_checkpoint_append_only()
-- statement
CREATE TRIGGER log_checkpoint_no_truncate BEFORE TRUNCATE ON log_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION log_checkpoint_append_only()
-- statement
CREATE FUNCTION log_checkpoint_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM log_checkpoint WHERE origin = NEW.origin AND tree_size >= NEW.tree_size) THEN RAISE EXCEPTION 'log_checkpoint: a later checkpoint was signed already' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER log_checkpoint_grows BEFORE INSERT ON log_checkpoint FOR EACH ROW EXECUTE FUNCTION log_checkpoint_grows()
