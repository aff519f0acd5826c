-- What the patient's result page shows of the newest assessment. No foreign key: the event may only ever be late.
CREATE TABLE result (
    submission_id      uuid PRIMARY KEY,
    submission_version integer     NOT NULL,
    assessed_at        timestamptz NOT NULL,
    findings           text        NOT NULL
);
