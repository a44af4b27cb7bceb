-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER policy_version_no_update BEFORE UPDATE ON policy_version BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END
-- statement
CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON policy_version BEGIN SELECT RAISE(ABORT, 'policy_version is append-only'); END
-- statement
CREATE TRIGGER calendar_correction_no_update BEFORE UPDATE ON calendar_correction BEGIN SELECT RAISE(ABORT, 'calendar_correction is append-only'); END
-- statement
CREATE TRIGGER calendar_correction_no_delete BEFORE DELETE ON calendar_correction BEGIN SELECT RAISE(ABORT, 'calendar_correction is append-only'); END
