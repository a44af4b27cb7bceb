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
