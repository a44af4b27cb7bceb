-- What must never happen is refused by the database itself (sqlite). One statement between two marks.
-- statement
CREATE TRIGGER worker_identity_needed BEFORE UPDATE OF id_number_index ON worker WHEN OLD.id_number_index IS NOT NULL AND NEW.id_number_index IS NULL AND (EXISTS (SELECT 1 FROM evidence_record r WHERE r.person_ref = OLD.learner_ref AND r.destruction_id IS NULL AND r.kind IN ('session', 'quiz', 'appeal', 'import', 'attested')) OR EXISTS (SELECT 1 FROM legal_hold h WHERE h.lifted_at IS NULL AND (h.scope = 'all' OR (h.scope = 'person' AND h.person_ref = OLD.learner_ref) OR (h.scope = 'context' AND h.context_ref = NULL)))) BEGIN SELECT RAISE(ABORT, 'worker: evidence or a legal hold still needs this identity'); END
-- statement
CREATE TRIGGER roster_entry_identity_needed BEFORE UPDATE OF id_number_encrypted ON roster_entry WHEN length(OLD.id_number_encrypted) > 0 AND length(NEW.id_number_encrypted) = 0 AND EXISTS (SELECT 1 FROM worker w WHERE w.id = OLD.worker_id AND w.id_number_index IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'roster_entry: the account of this person still has the identity'); END
-- statement
CREATE TRIGGER destruction_proposal_first_status BEFORE INSERT ON destruction_proposal WHEN NEW.status NOT IN ('proposed') BEGIN SELECT RAISE(ABORT, 'destruction_proposal: this status move is not allowed'); END
-- statement
CREATE TRIGGER destruction_proposal_status_move BEFORE UPDATE OF status ON destruction_proposal WHEN NEW.status <> OLD.status AND NOT ((OLD.status = 'proposed' AND NEW.status = 'approved')) BEGIN SELECT RAISE(ABORT, 'destruction_proposal: this status move is not allowed'); END
-- statement
CREATE TRIGGER destruction_proposal_decided BEFORE UPDATE OF public_id, units, record_count, list_sha256, clause, reason, proposed_by_id, proposed_at ON destruction_proposal BEGIN SELECT RAISE(ABORT, 'destruction_proposal: what was decided is not edited'); END
-- statement
CREATE TRIGGER destruction_proposal_kept BEFORE DELETE ON destruction_proposal BEGIN SELECT RAISE(ABORT, 'destruction_proposal: what was decided is not deleted'); END
