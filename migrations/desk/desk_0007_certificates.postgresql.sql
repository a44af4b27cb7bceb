-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION certificate_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'certificate: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER certificate_first_status BEFORE INSERT ON certificate FOR EACH ROW WHEN (NEW.status NOT IN ('valid')) EXECUTE FUNCTION certificate_refuse_move()
-- statement
CREATE TRIGGER certificate_status_move BEFORE UPDATE OF status ON certificate FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'valid' AND NEW.status = 'corrected') OR (OLD.status = 'valid' AND NEW.status = 'revoked'))) EXECUTE FUNCTION certificate_refuse_move()
-- statement
CREATE FUNCTION certificate_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'certificate: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER certificate_decided BEFORE UPDATE OF public_id, number, code, worker_id, enrollment_id, class_id, name_index, facts, issued_at, issued_by, replaces_id ON certificate FOR EACH ROW EXECUTE FUNCTION certificate_decided_refuse()
-- statement
CREATE FUNCTION certificate_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'certificate: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER certificate_kept BEFORE DELETE ON certificate FOR EACH ROW EXECUTE FUNCTION certificate_kept_refuse()
-- statement
CREATE FUNCTION certificate_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'certificate' AND subject = 'certificate:' || NEW.public_id::text) THEN RAISE EXCEPTION 'certificate: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER certificate_sealed BEFORE INSERT ON certificate FOR EACH ROW EXECUTE FUNCTION certificate_sealed()
-- statement
CREATE FUNCTION certificate_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'certificate: a name is only ever erased' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER certificate_name BEFORE UPDATE OF name_encrypted ON certificate FOR EACH ROW WHEN (NEW.name_encrypted IS NOT NULL) EXECUTE FUNCTION certificate_name()
-- statement
CREATE FUNCTION certificate_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'certificate: how it ended is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER certificate_end BEFORE UPDATE OF ended_at, ended_reason, ended_clause ON certificate FOR EACH ROW WHEN (OLD.status <> 'valid') EXECUTE FUNCTION certificate_end()
-- statement
CREATE FUNCTION report_issue_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'report_issue: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER report_issue_decided BEFORE UPDATE OF public_id, number, code, enterprise_id, enterprise_name, starts_on, ends_on, row_count, people, claimable_seconds, learned_seconds, rows_sha256, pdf_sha256, xlsx_sha256, csv_sha256, json_sha256, issued_at, issued_by ON report_issue FOR EACH ROW EXECUTE FUNCTION report_issue_decided_refuse()
-- statement
CREATE FUNCTION report_issue_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'report_issue: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER report_issue_kept BEFORE DELETE ON report_issue FOR EACH ROW EXECUTE FUNCTION report_issue_kept_refuse()
-- statement
CREATE FUNCTION report_issue_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM evidence_record WHERE kind = 'report' AND subject = 'report:' || NEW.public_id::text) THEN RAISE EXCEPTION 'report_issue: no evidence record was sealed of it' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER report_issue_sealed BEFORE INSERT ON report_issue FOR EACH ROW EXECUTE FUNCTION report_issue_sealed()
-- statement
CREATE FUNCTION report_issue_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'report_issue: withdrawn is withdrawn' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER report_issue_withdrawn BEFORE UPDATE OF withdrawn_at, withdrawn_reason ON report_issue FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION report_issue_withdrawn()
