-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER attested_day_no_update BEFORE UPDATE ON attested_day BEGIN SELECT RAISE(ABORT, 'attested_day is append-only'); END
-- statement
CREATE TRIGGER attested_day_no_delete BEFORE DELETE ON attested_day BEGIN SELECT RAISE(ABORT, 'attested_day is append-only'); END
-- statement
CREATE TRIGGER attested_day_within_limit AFTER INSERT ON attested_day WHEN NEW.counted_seconds > 0 AND (SELECT SUM(counted_seconds) FROM attested_day WHERE person_ref = NEW.person_ref AND local_day = NEW.local_day) > NEW.limit_seconds BEGIN SELECT RAISE(ABORT, 'more of this day is attested than policy allows'); END
-- statement
CREATE TRIGGER attested_day_within_a_day AFTER INSERT ON attested_day WHEN EXISTS (SELECT 1 FROM attested_day a WHERE a.person_ref = NEW.person_ref AND a.local_day = NEW.local_day GROUP BY a.local_day HAVING SUM(a.counted_seconds) * 1000 + (SELECT COALESCE(SUM(MIN(c.ended_ms, a.local_day * 86400000 + 57600000) - MAX(c.started_ms, a.local_day * 86400000 - 28800000)), 0) FROM counted_interval c WHERE c.person_ref = NEW.person_ref AND c.started_ms < a.local_day * 86400000 + 57600000 AND c.ended_ms > a.local_day * 86400000 - 28800000) > 86400000) BEGIN SELECT RAISE(ABORT, 'this day of this person holds no more time'); END
-- statement
CREATE TRIGGER counted_interval_within_a_day AFTER INSERT ON counted_interval WHEN EXISTS (SELECT 1 FROM attested_day a WHERE a.person_ref = NEW.person_ref AND a.local_day BETWEEN (NEW.started_ms + 28800000) / 86400000 AND (NEW.ended_ms - 1 + 28800000) / 86400000 GROUP BY a.local_day HAVING SUM(a.counted_seconds) * 1000 + (SELECT COALESCE(SUM(MIN(c.ended_ms, a.local_day * 86400000 + 57600000) - MAX(c.started_ms, a.local_day * 86400000 - 28800000)), 0) FROM counted_interval c WHERE c.person_ref = NEW.person_ref AND c.started_ms < a.local_day * 86400000 + 57600000 AND c.ended_ms > a.local_day * 86400000 - 28800000) > 86400000) BEGIN SELECT RAISE(ABORT, 'this day of this person holds no more time'); END
