-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER evidence_entry_enters_without_index BEFORE INSERT ON evidence_entry WHEN NEW.log_index IS NOT NULL BEGIN SELECT RAISE(ABORT, 'evidence_entry: only the sequencer gives an index'); END
-- statement
CREATE TRIGGER evidence_entry_no_update BEFORE UPDATE ON evidence_entry WHEN NOT COALESCE((OLD.log_index IS NULL AND NEW.log_index = (SELECT COALESCE(MAX(log_index), -1) + 1 FROM evidence_entry) AND NEW.id = OLD.id AND NEW.record_id = OLD.record_id AND NEW.entry = OLD.entry AND NEW.leaf_hash = OLD.leaf_hash), 0) BEGIN SELECT RAISE(ABORT, 'evidence_entry is append-only; it takes the next index of the log once'); END
-- statement
CREATE TRIGGER evidence_entry_no_delete BEFORE DELETE ON evidence_entry BEGIN SELECT RAISE(ABORT, 'evidence_entry is append-only'); END
-- statement
CREATE TRIGGER log_tile_only_grows BEFORE UPDATE ON log_tile WHEN NOT (NEW.level = OLD.level AND NEW.number = OLD.number AND length(NEW.hashes) > length(OLD.hashes) AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes) BEGIN SELECT RAISE(ABORT, 'log_tile only grows'); END
-- statement
CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile BEGIN SELECT RAISE(ABORT, 'log_tile only grows'); END
-- statement
CREATE TRIGGER log_checkpoint_no_update BEFORE UPDATE ON log_checkpoint BEGIN SELECT RAISE(ABORT, 'log_checkpoint is append-only'); END
-- statement
CREATE TRIGGER log_checkpoint_no_delete BEFORE DELETE ON log_checkpoint BEGIN SELECT RAISE(ABORT, 'log_checkpoint is append-only'); END
-- statement
CREATE TRIGGER log_checkpoint_grows BEFORE INSERT ON log_checkpoint WHEN EXISTS (SELECT 1 FROM log_checkpoint WHERE origin = NEW.origin AND tree_size >= NEW.tree_size) BEGIN SELECT RAISE(ABORT, 'log_checkpoint: a later checkpoint was signed already'); END
