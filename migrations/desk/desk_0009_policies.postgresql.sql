-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION policy_version_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'policy_version is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER policy_version_no_change BEFORE UPDATE OR DELETE ON policy_version FOR EACH ROW EXECUTE FUNCTION policy_version_append_only()
-- statement
CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON policy_version FOR EACH STATEMENT EXECUTE FUNCTION policy_version_append_only()
-- statement
CREATE FUNCTION calendar_correction_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'calendar_correction is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER calendar_correction_no_change BEFORE UPDATE OR DELETE ON calendar_correction FOR EACH ROW EXECUTE FUNCTION calendar_correction_append_only()
-- statement
CREATE TRIGGER calendar_correction_no_truncate BEFORE TRUNCATE ON calendar_correction FOR EACH STATEMENT EXECUTE FUNCTION calendar_correction_append_only()
