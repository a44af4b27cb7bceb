-- What must never happen is refused by the database itself (postgresql). One statement between two marks.
-- statement
CREATE FUNCTION worker_identity_needed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id_number_index IS NOT NULL AND NEW.id_number_index IS NULL AND (EXISTS (SELECT 1 FROM evidence_record r WHERE r.person_ref = OLD.learner_ref AND r.destruction_id IS NULL AND r.kind IN ('session', 'quiz', 'appeal', 'import', 'attested')) OR EXISTS (SELECT 1 FROM legal_hold h WHERE h.lifted_at IS NULL AND (h.scope = 'all' OR (h.scope = 'person' AND h.person_ref = OLD.learner_ref) OR (h.scope = 'context' AND h.context_ref = NULL)))) THEN RAISE EXCEPTION 'worker: evidence or a legal hold still needs this identity' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER worker_identity_needed BEFORE UPDATE OF id_number_index ON worker FOR EACH ROW EXECUTE FUNCTION worker_identity_needed()
-- statement
CREATE FUNCTION roster_entry_identity_needed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF length(OLD.id_number_encrypted) > 0 AND length(NEW.id_number_encrypted) = 0 AND EXISTS (SELECT 1 FROM worker w WHERE w.id = OLD.worker_id AND w.id_number_index IS NOT NULL) THEN RAISE EXCEPTION 'roster_entry: the account of this person still has the identity' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$
-- statement
CREATE TRIGGER roster_entry_identity_needed BEFORE UPDATE OF id_number_encrypted ON roster_entry FOR EACH ROW EXECUTE FUNCTION roster_entry_identity_needed()
-- statement
CREATE FUNCTION destruction_proposal_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'destruction_proposal: this status move is not allowed' USING ERRCODE = 'check_violation'; END $$
-- statement
CREATE TRIGGER destruction_proposal_first_status BEFORE INSERT ON destruction_proposal FOR EACH ROW WHEN (NEW.status NOT IN ('proposed')) EXECUTE FUNCTION destruction_proposal_refuse_move()
-- statement
CREATE TRIGGER destruction_proposal_status_move BEFORE UPDATE OF status ON destruction_proposal FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT ((OLD.status = 'proposed' AND NEW.status = 'approved'))) EXECUTE FUNCTION destruction_proposal_refuse_move()
-- statement
CREATE FUNCTION destruction_proposal_decided_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'destruction_proposal: what was decided is not edited' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER destruction_proposal_decided BEFORE UPDATE OF public_id, units, record_count, list_sha256, clause, reason, proposed_by_id, proposed_at ON destruction_proposal FOR EACH ROW EXECUTE FUNCTION destruction_proposal_decided_refuse()
-- statement
CREATE FUNCTION destruction_proposal_kept_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'destruction_proposal: what was decided is not deleted' USING ERRCODE = 'restrict_violation'; END $$
-- statement
CREATE TRIGGER destruction_proposal_kept BEFORE DELETE ON destruction_proposal FOR EACH ROW EXECUTE FUNCTION destruction_proposal_kept_refuse()
