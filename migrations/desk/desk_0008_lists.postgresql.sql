-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION office_list_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'office_list: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER office_list_decided BEFORE UPDATE OF kind, office, as_of_on, file_name, sha256, row_count, taken_by_id, taken_at ON office_list FOR EACH ROW EXECUTE FUNCTION office_list_decided_refuse()
-- statement
CREATE FUNCTION office_list_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'office_list: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER office_list_kept BEFORE DELETE ON office_list FOR EACH ROW EXECUTE FUNCTION office_list_kept_refuse()
-- statement
CREATE FUNCTION office_list_stays_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'office_list: what was withdrawn or forgotten stays so' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER office_list_stays BEFORE UPDATE ON office_list FOR EACH ROW WHEN ((OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at)) OR (OLD.forgotten_at IS NOT NULL AND NEW.forgotten_at IS NULL)) EXECUTE FUNCTION office_list_stays_refuse()
-- statement
CREATE FUNCTION list_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' THEN RAISE EXCEPTION 'list_entry: a row of a list is not edited' USING ERRCODE = 'restrict_violation'; END IF; IF EXISTS (SELECT 1 FROM office_list l WHERE l.id = OLD.list_id AND l.forgotten_at IS NULL) THEN RAISE EXCEPTION 'list_entry: rows go only with a list that was forgotten' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $$
-- statement
CREATE TRIGGER list_entry_kept BEFORE UPDATE OR DELETE ON list_entry FOR EACH ROW EXECUTE FUNCTION list_entry_guard()
