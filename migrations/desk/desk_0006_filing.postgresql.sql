-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION plan_document_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'plan_document is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER plan_document_no_change BEFORE UPDATE OR DELETE ON plan_document FOR EACH ROW EXECUTE FUNCTION plan_document_append_only()
-- statement
CREATE TRIGGER plan_document_no_truncate BEFORE TRUNCATE ON plan_document FOR EACH STATEMENT EXECUTE FUNCTION plan_document_append_only()
-- statement
CREATE FUNCTION plan_amendment_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'plan_amendment: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER plan_amendment_first_status BEFORE INSERT ON plan_amendment FOR EACH ROW WHEN (NEW.status NOT IN ('submitted')) EXECUTE FUNCTION plan_amendment_refuse_move()
-- statement
CREATE TRIGGER plan_amendment_status_move BEFORE UPDATE OF status ON plan_amendment FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'submitted' AND NEW.status = 'approved') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn'))) EXECUTE FUNCTION plan_amendment_refuse_move()
-- statement
CREATE FUNCTION plan_amendment_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'plan_amendment: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER plan_amendment_decided BEFORE UPDATE OF public_id, plan_id, number, reason, head_count, class_hours, submitted_by, submitted_at ON plan_amendment FOR EACH ROW EXECUTE FUNCTION plan_amendment_decided_refuse()
-- statement
CREATE FUNCTION plan_amendment_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'plan_amendment: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER plan_amendment_kept BEFORE DELETE ON plan_amendment FOR EACH ROW EXECUTE FUNCTION plan_amendment_kept_refuse()
-- statement
CREATE FUNCTION plan_amendment_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'amendment' AND subject = 'amendment:' || NEW.public_id::text) THEN RAISE EXCEPTION 'plan_amendment: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER plan_amendment_sealed BEFORE INSERT ON plan_amendment FOR EACH ROW EXECUTE FUNCTION plan_amendment_sealed()
-- statement
CREATE FUNCTION amended_person_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'amended_person is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER amended_person_no_change BEFORE UPDATE OR DELETE ON amended_person FOR EACH ROW EXECUTE FUNCTION amended_person_append_only()
-- statement
CREATE TRIGGER amended_person_no_truncate BEFORE TRUNCATE ON amended_person FOR EACH STATEMENT EXECUTE FUNCTION amended_person_append_only()
-- statement
CREATE FUNCTION amended_course_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'amended_course is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER amended_course_no_change BEFORE UPDATE OR DELETE ON amended_course FOR EACH ROW EXECUTE FUNCTION amended_course_append_only()
-- statement
CREATE TRIGGER amended_course_no_truncate BEFORE TRUNCATE ON amended_course FOR EACH STATEMENT EXECUTE FUNCTION amended_course_append_only()
-- statement
CREATE FUNCTION training_plan_as_approved_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status = 'approved' THEN RAISE EXCEPTION 'training_plan: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER training_plan_as_approved BEFORE UPDATE OF enterprise_id, policy_id, policy_version, enterprise_name, mode, platform, agreement, kind, relevance, trade_code, affected, late_filing_reason, commitment_version, commitment_signer, commitment_signed_at, commitment_sha256, submitted_at, filed_at, approved_at, filing_number ON training_plan FOR EACH ROW EXECUTE FUNCTION training_plan_as_approved_refuse()
-- statement
CREATE FUNCTION training_plan_heads_as_approved_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status = 'approved' AND NEW.head_count <> OLD.head_count AND NOT EXISTS (SELECT 1 FROM plan_amendment a WHERE a.plan_id = NEW.id AND a.status = 'approved' AND a.head_count = NEW.head_count) THEN RAISE EXCEPTION 'training_plan: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER training_plan_heads_as_approved BEFORE UPDATE OF head_count ON training_plan FOR EACH ROW EXECUTE FUNCTION training_plan_heads_as_approved_refuse()
-- statement
CREATE FUNCTION training_plan_hours_as_approved_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status = 'approved' AND NEW.class_hours <> OLD.class_hours AND NOT EXISTS (SELECT 1 FROM plan_amendment a WHERE a.plan_id = NEW.id AND a.status = 'approved' AND a.class_hours = NEW.class_hours) THEN RAISE EXCEPTION 'training_plan: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER training_plan_hours_as_approved BEFORE UPDATE OF class_hours ON training_plan FOR EACH ROW EXECUTE FUNCTION training_plan_hours_as_approved_refuse()
-- statement
CREATE FUNCTION enrollment_as_filed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = OLD.class_id AND p.status = 'approved') AND NOT (NEW.class_id = OLD.class_id AND NEW.roster_entry_id = OLD.roster_entry_id AND NEW.filed_from IS NOT DISTINCT FROM OLD.filed_from AND EXISTS (SELECT 1 FROM amended_person ap JOIN plan_amendment a ON a.id = ap.amendment_id JOIN training_class c ON c.plan_id = a.plan_id WHERE c.id = NEW.class_id AND a.status = 'approved' AND ap.action = 'correct' AND ap.roster_entry_id = NEW.roster_entry_id AND ap.relation = NEW.filed_relation AND ap.hired_on = NEW.filed_hired_on)) THEN RAISE EXCEPTION 'enrollment: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER enrollment_as_filed BEFORE UPDATE OF class_id, roster_entry_id, filed_relation, filed_hired_on, filed_from ON enrollment FOR EACH ROW EXECUTE FUNCTION enrollment_as_filed_refuse()
-- statement
CREATE FUNCTION enrollment_as_added_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = NEW.class_id AND p.status = 'approved') AND NOT EXISTS (SELECT 1 FROM amended_person ap JOIN plan_amendment a ON a.id = ap.amendment_id JOIN training_class c ON c.plan_id = a.plan_id WHERE c.id = NEW.class_id AND a.status = 'approved' AND ap.action = 'add' AND ap.roster_entry_id = NEW.roster_entry_id AND ap.relation = NEW.filed_relation AND ap.hired_on = NEW.filed_hired_on AND a.decided_at = NEW.filed_from) THEN RAISE EXCEPTION 'enrollment: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER enrollment_as_added BEFORE INSERT ON enrollment FOR EACH ROW EXECUTE FUNCTION enrollment_as_added_refuse()
-- statement
CREATE FUNCTION enrollment_as_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = OLD.class_id AND p.status = 'approved') THEN RAISE EXCEPTION 'enrollment: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $$
-- statement
CREATE TRIGGER enrollment_as_kept BEFORE DELETE ON enrollment FOR EACH ROW EXECUTE FUNCTION enrollment_as_kept_refuse()
-- statement
CREATE FUNCTION plan_course_as_approved_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_plan p WHERE p.id = OLD.plan_id AND p.status = 'approved') THEN RAISE EXCEPTION 'plan_course: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER plan_course_as_approved BEFORE UPDATE ON plan_course FOR EACH ROW EXECUTE FUNCTION plan_course_as_approved_refuse()
-- statement
CREATE FUNCTION plan_course_as_added_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_plan p WHERE p.id = NEW.plan_id AND p.status = 'approved') AND NOT EXISTS (SELECT 1 FROM amended_course ac JOIN plan_amendment a ON a.id = ac.amendment_id WHERE a.plan_id = NEW.plan_id AND a.status = 'approved' AND ac.course_version_id = NEW.course_version_id) THEN RAISE EXCEPTION 'plan_course: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER plan_course_as_added BEFORE INSERT ON plan_course FOR EACH ROW EXECUTE FUNCTION plan_course_as_added_refuse()
-- statement
CREATE FUNCTION plan_course_as_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM training_plan p WHERE p.id = OLD.plan_id AND p.status = 'approved') THEN RAISE EXCEPTION 'plan_course: what was approved is not edited' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $$
-- statement
CREATE TRIGGER plan_course_as_kept BEFORE DELETE ON plan_course FOR EACH ROW EXECUTE FUNCTION plan_course_as_kept_refuse()
