-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER evidence_record_no_update BEFORE UPDATE ON evidence_record BEGIN SELECT RAISE(ABORT, 'evidence_record is append-only'); END
-- statement
CREATE TRIGGER evidence_record_no_delete BEFORE DELETE ON evidence_record BEGIN SELECT RAISE(ABORT, 'evidence_record is append-only'); END
-- statement
CREATE TRIGGER check_in_no_update BEFORE UPDATE ON check_in BEGIN SELECT RAISE(ABORT, 'check_in is append-only'); END
-- statement
CREATE TRIGGER check_in_no_delete BEFORE DELETE ON check_in BEGIN SELECT RAISE(ABORT, 'check_in is append-only'); END
-- statement
CREATE TRIGGER evidence_entry_no_update BEFORE UPDATE ON evidence_entry BEGIN SELECT RAISE(ABORT, 'evidence_entry is append-only'); END
-- statement
CREATE TRIGGER evidence_entry_no_delete BEFORE DELETE ON evidence_entry BEGIN SELECT RAISE(ABORT, 'evidence_entry is append-only'); END
-- statement
CREATE TRIGGER outside_time_no_update BEFORE UPDATE ON outside_time BEGIN SELECT RAISE(ABORT, 'outside_time is append-only'); END
-- statement
CREATE TRIGGER outside_time_no_delete BEFORE DELETE ON outside_time BEGIN SELECT RAISE(ABORT, 'outside_time is append-only'); END
-- statement
CREATE TRIGGER beat_no_update BEFORE UPDATE ON beat BEGIN SELECT RAISE(ABORT, 'beat is append-only'); END
-- statement
CREATE TRIGGER beat_no_delete BEFORE DELETE ON beat BEGIN SELECT RAISE(ABORT, 'beat is append-only'); END
-- statement
CREATE TRIGGER counted_interval_no_update BEFORE UPDATE ON counted_interval BEGIN SELECT RAISE(ABORT, 'counted_interval is append-only'); END
-- statement
CREATE TRIGGER counted_interval_no_delete BEFORE DELETE ON counted_interval BEGIN SELECT RAISE(ABORT, 'counted_interval is append-only'); END
-- statement
CREATE TRIGGER counted_interval_no_overlap BEFORE INSERT ON counted_interval WHEN EXISTS (SELECT 1 FROM counted_interval WHERE person_ref = NEW.person_ref AND started_ms < NEW.ended_ms AND ended_ms > NEW.started_ms) BEGIN SELECT RAISE(ABORT, 'this time of this person already counted'); END
-- statement
CREATE TRIGGER session_appeal_no_update BEFORE UPDATE ON session_appeal BEGIN SELECT RAISE(ABORT, 'session_appeal is append-only'); END
-- statement
CREATE TRIGGER session_appeal_no_delete BEFORE DELETE ON session_appeal BEGIN SELECT RAISE(ABORT, 'session_appeal is append-only'); END
