-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION attested_day_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'attested_day is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER attested_day_no_change BEFORE UPDATE OR DELETE ON attested_day FOR EACH ROW EXECUTE FUNCTION attested_day_append_only()
-- statement
CREATE TRIGGER attested_day_no_truncate BEFORE TRUNCATE ON attested_day FOR EACH STATEMENT EXECUTE FUNCTION attested_day_append_only()
-- statement
CREATE FUNCTION attested_day_within_a_day() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM learner WHERE person_ref = NEW.person_ref FOR UPDATE; IF NEW.counted_seconds > 0 AND (SELECT SUM(counted_seconds) FROM attested_day WHERE person_ref = NEW.person_ref AND local_day = NEW.local_day) > NEW.limit_seconds THEN RAISE EXCEPTION 'more of this day is attested than policy allows' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM attested_day a WHERE a.person_ref = NEW.person_ref AND a.local_day = NEW.local_day GROUP BY a.local_day HAVING SUM(a.counted_seconds) * 1000 + (SELECT COALESCE(SUM(LEAST(c.ended_ms, a.local_day * 86400000 + 57600000) - GREATEST(c.started_ms, a.local_day * 86400000 - 28800000)), 0) FROM counted_interval c WHERE c.person_ref = NEW.person_ref AND c.started_ms < a.local_day * 86400000 + 57600000 AND c.ended_ms > a.local_day * 86400000 - 28800000) > 86400000) THEN RAISE EXCEPTION 'this day of this person holds no more time' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER attested_day_within_a_day AFTER INSERT ON attested_day FOR EACH ROW EXECUTE FUNCTION attested_day_within_a_day()
-- statement
CREATE FUNCTION counted_interval_within_a_day() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM learner WHERE person_ref = NEW.person_ref FOR UPDATE; IF EXISTS (SELECT 1 FROM attested_day a WHERE a.person_ref = NEW.person_ref AND a.local_day BETWEEN (NEW.started_ms + 28800000) / 86400000 AND (NEW.ended_ms - 1 + 28800000) / 86400000 GROUP BY a.local_day HAVING SUM(a.counted_seconds) * 1000 + (SELECT COALESCE(SUM(LEAST(c.ended_ms, a.local_day * 86400000 + 57600000) - GREATEST(c.started_ms, a.local_day * 86400000 - 28800000)), 0) FROM counted_interval c WHERE c.person_ref = NEW.person_ref AND c.started_ms < a.local_day * 86400000 + 57600000 AND c.ended_ms > a.local_day * 86400000 - 28800000) > 86400000) THEN RAISE EXCEPTION 'this day of this person holds no more time' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER counted_interval_within_a_day AFTER INSERT ON counted_interval FOR EACH ROW EXECUTE FUNCTION counted_interval_within_a_day()
