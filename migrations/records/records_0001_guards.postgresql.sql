-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION evidence_record_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evidence_record is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER evidence_record_no_change BEFORE UPDATE OR DELETE ON evidence_record FOR EACH ROW EXECUTE FUNCTION evidence_record_append_only()
-- statement
CREATE TRIGGER evidence_record_no_truncate BEFORE TRUNCATE ON evidence_record FOR EACH STATEMENT EXECUTE FUNCTION evidence_record_append_only()
-- statement
CREATE FUNCTION check_in_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'check_in is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER check_in_no_change BEFORE UPDATE OR DELETE ON check_in FOR EACH ROW EXECUTE FUNCTION check_in_append_only()
-- statement
CREATE TRIGGER check_in_no_truncate BEFORE TRUNCATE ON check_in FOR EACH STATEMENT EXECUTE FUNCTION check_in_append_only()
-- statement
CREATE FUNCTION evidence_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evidence_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER evidence_entry_no_change BEFORE UPDATE OR DELETE ON evidence_entry FOR EACH ROW EXECUTE FUNCTION evidence_entry_append_only()
-- statement
CREATE TRIGGER evidence_entry_no_truncate BEFORE TRUNCATE ON evidence_entry FOR EACH STATEMENT EXECUTE FUNCTION evidence_entry_append_only()
-- statement
CREATE FUNCTION outside_time_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'outside_time is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER outside_time_no_change BEFORE UPDATE OR DELETE ON outside_time FOR EACH ROW EXECUTE FUNCTION outside_time_append_only()
-- statement
CREATE TRIGGER outside_time_no_truncate BEFORE TRUNCATE ON outside_time FOR EACH STATEMENT EXECUTE FUNCTION outside_time_append_only()
-- statement
CREATE FUNCTION beat_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'beat is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER beat_no_change BEFORE UPDATE OR DELETE ON beat FOR EACH ROW EXECUTE FUNCTION beat_append_only()
-- statement
CREATE TRIGGER beat_no_truncate BEFORE TRUNCATE ON beat FOR EACH STATEMENT EXECUTE FUNCTION beat_append_only()
-- statement
CREATE FUNCTION counted_interval_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'counted_interval is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER counted_interval_no_change BEFORE UPDATE OR DELETE ON counted_interval FOR EACH ROW EXECUTE FUNCTION counted_interval_append_only()
-- statement
CREATE TRIGGER counted_interval_no_truncate BEFORE TRUNCATE ON counted_interval FOR EACH STATEMENT EXECUTE FUNCTION counted_interval_append_only()
-- statement
CREATE FUNCTION counted_interval_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM learner WHERE person_ref = NEW.person_ref FOR UPDATE; IF EXISTS (SELECT 1 FROM counted_interval WHERE person_ref = NEW.person_ref AND started_ms < NEW.ended_ms AND ended_ms > NEW.started_ms) THEN RAISE EXCEPTION 'this time of this person already counted' USING ERRCODE = 'exclusion_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER counted_interval_no_overlap BEFORE INSERT ON counted_interval FOR EACH ROW EXECUTE FUNCTION counted_interval_no_overlap()
-- statement
CREATE FUNCTION session_appeal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'session_appeal is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER session_appeal_no_change BEFORE UPDATE OR DELETE ON session_appeal FOR EACH ROW EXECUTE FUNCTION session_appeal_append_only()
-- statement
CREATE TRIGGER session_appeal_no_truncate BEFORE TRUNCATE ON session_appeal FOR EACH STATEMENT EXECUTE FUNCTION session_appeal_append_only()
