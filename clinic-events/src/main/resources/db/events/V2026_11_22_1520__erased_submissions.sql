-- Submissions whose data were erased: what comes of them later is dropped. Holds nothing that leads to a patient.
CREATE TABLE erased_submission (
    submission_id text PRIMARY KEY,
    erasure_id    uuid        NOT NULL,
    erased_at     timestamptz NOT NULL
);

-- For the retention job and for erasures.
CREATE INDEX inbox_received ON inbox (received_at);
CREATE INDEX dead_letter_of_patient ON dead_letter (key);
