-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER office_list_decided BEFORE UPDATE OF kind, office, as_of_on, file_name, sha256, row_count, taken_by_id, taken_at ON office_list BEGIN SELECT RAISE(ABORT, 'office_list: what was decided is not edited'); END
-- statement
CREATE TRIGGER office_list_kept BEFORE DELETE ON office_list BEGIN SELECT RAISE(ABORT, 'office_list: what was decided is not deleted'); END
-- statement
CREATE TRIGGER office_list_stays BEFORE UPDATE ON office_list WHEN (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at)) OR (OLD.forgotten_at IS NOT NULL AND NEW.forgotten_at IS NULL) BEGIN SELECT RAISE(ABORT, 'office_list: what was withdrawn or forgotten stays so'); END
-- statement
CREATE TRIGGER list_entry_no_update BEFORE UPDATE ON list_entry BEGIN SELECT RAISE(ABORT, 'list_entry: a row of a list is not edited'); END
-- statement
CREATE TRIGGER list_entry_kept BEFORE DELETE ON list_entry WHEN EXISTS (SELECT 1 FROM office_list l WHERE l.id = OLD.list_id AND l.forgotten_at IS NULL) BEGIN SELECT RAISE(ABORT, 'list_entry: rows go only with a list that was forgotten'); END
