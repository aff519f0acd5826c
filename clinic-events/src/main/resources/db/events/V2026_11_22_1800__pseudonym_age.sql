-- When a patient got the pseudonym, so that an erasure that arrives late leaves alone who has come back since. Those of
-- before this was noted are older than any erasure still to come.
ALTER TABLE patient_pseudonym ADD COLUMN created_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE patient_pseudonym ALTER COLUMN created_at SET DEFAULT now();
