CREATE TABLE assessment (
    id                 uuid PRIMARY KEY,
    submission_id      text        NOT NULL,
    submission_version integer     NOT NULL,
    patient_id         text        NOT NULL,
    assessed_at        timestamptz NOT NULL,
    data               jsonb       NOT NULL,
    UNIQUE (submission_id, submission_version)
);

CREATE INDEX assessment_of_patient ON assessment (patient_id, id DESC);
