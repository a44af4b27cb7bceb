-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER plan_document_no_update BEFORE UPDATE ON plan_document BEGIN SELECT RAISE(ABORT, 'plan_document is append-only'); END
-- statement
CREATE TRIGGER plan_document_no_delete BEFORE DELETE ON plan_document BEGIN SELECT RAISE(ABORT, 'plan_document is append-only'); END
-- statement
CREATE TRIGGER plan_amendment_first_status BEFORE INSERT ON plan_amendment WHEN NEW.status NOT IN ('submitted') BEGIN SELECT RAISE(ABORT, 'plan_amendment: this status move is not allowed'); END
-- statement
CREATE TRIGGER plan_amendment_status_move BEFORE UPDATE OF status ON plan_amendment WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'submitted' AND NEW.status = 'approved') OR (OLD.status = 'submitted' AND NEW.status = 'rejected') OR (OLD.status = 'submitted' AND NEW.status = 'sent_back') OR (OLD.status = 'submitted' AND NEW.status = 'withdrawn')) BEGIN SELECT RAISE(ABORT, 'plan_amendment: this status move is not allowed'); END
-- statement
CREATE TRIGGER plan_amendment_decided BEFORE UPDATE OF public_id, plan_id, number, reason, head_count, class_hours, submitted_by, submitted_at ON plan_amendment BEGIN SELECT RAISE(ABORT, 'plan_amendment: what was decided is not edited'); END
-- statement
CREATE TRIGGER plan_amendment_kept BEFORE DELETE ON plan_amendment BEGIN SELECT RAISE(ABORT, 'plan_amendment: what was decided is not deleted'); END
-- statement
CREATE TRIGGER plan_amendment_sealed BEFORE INSERT ON plan_amendment WHEN NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'amendment' AND subject = 'amendment:' || substr(NEW.public_id, 1, 8) || '-' || substr(NEW.public_id, 9, 4) || '-' || substr(NEW.public_id, 13, 4) || '-' || substr(NEW.public_id, 17, 4) || '-' || substr(NEW.public_id, 21, 12)) BEGIN SELECT RAISE(ABORT, 'plan_amendment: no evidence record was sealed of it'); END
-- statement
CREATE TRIGGER amended_person_no_update BEFORE UPDATE ON amended_person BEGIN SELECT RAISE(ABORT, 'amended_person is append-only'); END
-- statement
CREATE TRIGGER amended_person_no_delete BEFORE DELETE ON amended_person BEGIN SELECT RAISE(ABORT, 'amended_person is append-only'); END
-- statement
CREATE TRIGGER amended_course_no_update BEFORE UPDATE ON amended_course BEGIN SELECT RAISE(ABORT, 'amended_course is append-only'); END
-- statement
CREATE TRIGGER amended_course_no_delete BEFORE DELETE ON amended_course BEGIN SELECT RAISE(ABORT, 'amended_course is append-only'); END
-- statement
CREATE TRIGGER training_plan_as_approved BEFORE UPDATE OF enterprise_id, policy_id, policy_version, enterprise_name, mode, platform, agreement, kind, relevance, trade_code, affected, late_filing_reason, commitment_version, commitment_signer, commitment_signed_at, commitment_sha256, submitted_at, filed_at, approved_at, filing_number ON training_plan WHEN OLD.status = 'approved' BEGIN SELECT RAISE(ABORT, 'training_plan: what was approved is not edited'); END
-- statement
CREATE TRIGGER training_plan_heads_as_approved BEFORE UPDATE OF head_count ON training_plan WHEN OLD.status = 'approved' AND NEW.head_count <> OLD.head_count AND NOT EXISTS (SELECT 1 FROM plan_amendment a WHERE a.plan_id = NEW.id AND a.status = 'approved' AND a.head_count = NEW.head_count) BEGIN SELECT RAISE(ABORT, 'training_plan: what was approved is not edited'); END
-- statement
CREATE TRIGGER training_plan_hours_as_approved BEFORE UPDATE OF class_hours ON training_plan WHEN OLD.status = 'approved' AND NEW.class_hours <> OLD.class_hours AND NOT EXISTS (SELECT 1 FROM plan_amendment a WHERE a.plan_id = NEW.id AND a.status = 'approved' AND a.class_hours = NEW.class_hours) BEGIN SELECT RAISE(ABORT, 'training_plan: what was approved is not edited'); END
-- statement
CREATE TRIGGER enrollment_as_filed BEFORE UPDATE OF class_id, roster_entry_id, filed_relation, filed_hired_on, filed_from ON enrollment WHEN EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = OLD.class_id AND p.status = 'approved') AND NOT (NEW.class_id = OLD.class_id AND NEW.roster_entry_id = OLD.roster_entry_id AND NEW.filed_from IS NOT DISTINCT FROM OLD.filed_from AND EXISTS (SELECT 1 FROM amended_person ap JOIN plan_amendment a ON a.id = ap.amendment_id JOIN training_class c ON c.plan_id = a.plan_id WHERE c.id = NEW.class_id AND a.status = 'approved' AND ap.action = 'correct' AND ap.roster_entry_id = NEW.roster_entry_id AND ap.relation = NEW.filed_relation AND ap.hired_on = NEW.filed_hired_on)) BEGIN SELECT RAISE(ABORT, 'enrollment: what was approved is not edited'); END
-- statement
CREATE TRIGGER enrollment_as_added BEFORE INSERT ON enrollment WHEN EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = NEW.class_id AND p.status = 'approved') AND NOT EXISTS (SELECT 1 FROM amended_person ap JOIN plan_amendment a ON a.id = ap.amendment_id JOIN training_class c ON c.plan_id = a.plan_id WHERE c.id = NEW.class_id AND a.status = 'approved' AND ap.action = 'add' AND ap.roster_entry_id = NEW.roster_entry_id AND ap.relation = NEW.filed_relation AND ap.hired_on = NEW.filed_hired_on AND a.decided_at = NEW.filed_from) BEGIN SELECT RAISE(ABORT, 'enrollment: what was approved is not edited'); END
-- statement
CREATE TRIGGER enrollment_as_kept BEFORE DELETE ON enrollment WHEN EXISTS (SELECT 1 FROM training_class c JOIN training_plan p ON p.id = c.plan_id WHERE c.id = OLD.class_id AND p.status = 'approved') BEGIN SELECT RAISE(ABORT, 'enrollment: what was approved is not edited'); END
-- statement
CREATE TRIGGER plan_course_as_approved BEFORE UPDATE ON plan_course WHEN EXISTS (SELECT 1 FROM training_plan p WHERE p.id = OLD.plan_id AND p.status = 'approved') BEGIN SELECT RAISE(ABORT, 'plan_course: what was approved is not edited'); END
-- statement
CREATE TRIGGER plan_course_as_added BEFORE INSERT ON plan_course WHEN EXISTS (SELECT 1 FROM training_plan p WHERE p.id = NEW.plan_id AND p.status = 'approved') AND NOT EXISTS (SELECT 1 FROM amended_course ac JOIN plan_amendment a ON a.id = ac.amendment_id WHERE a.plan_id = NEW.plan_id AND a.status = 'approved' AND ac.course_version_id = NEW.course_version_id) BEGIN SELECT RAISE(ABORT, 'plan_course: what was approved is not edited'); END
-- statement
CREATE TRIGGER plan_course_as_kept BEFORE DELETE ON plan_course WHEN EXISTS (SELECT 1 FROM training_plan p WHERE p.id = OLD.plan_id AND p.status = 'approved') BEGIN SELECT RAISE(ABORT, 'plan_course: what was approved is not edited'); END
