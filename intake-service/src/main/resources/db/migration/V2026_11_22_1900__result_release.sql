-- Which results a clinician has let the patient read in full. A later assessment, even of the same version of the
-- answers, is another result and waits again. It goes with its result.
CREATE TABLE result_release (
    submission_id      uuid        NOT NULL REFERENCES result ON DELETE CASCADE,
    submission_version integer     NOT NULL,
    assessed_at        timestamptz NOT NULL,
    released_by        text        NOT NULL,
    released_at        timestamptz NOT NULL,
    PRIMARY KEY (submission_id, submission_version, assessed_at)
);

-- The list of those that wait, the oldest first.
CREATE INDEX result_by_age ON result (assessed_at, submission_id);
