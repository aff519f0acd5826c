CREATE TABLE submission (
    id                uuid PRIMARY KEY,
    patient_id        text        NOT NULL,
    status            text        NOT NULL CHECK (status IN ('IN_PROGRESS', 'COMPLETED', 'AMENDED')),
    version           integer     NOT NULL CHECK (version >= 1),
    -- The span of time that `authored` stands for: a date is a whole day.
    authored_from     timestamptz,
    authored_to       timestamptz,
    -- Empty when the identifier has no system; both null when there is no identifier.
    identifier_system text,
    identifier_value  text,
    UNIQUE (identifier_system, identifier_value)
);

CREATE INDEX submission_of_patient ON submission (patient_id, id);

CREATE TABLE submission_version (
    submission_id uuid        NOT NULL REFERENCES submission,
    version       integer     NOT NULL,
    stored_at     timestamptz NOT NULL,
    -- text and not jsonb: it is handed out as it was sent, and jsonb refuses \u0000 and forgets 1E2 and key order.
    resource      text        NOT NULL,
    PRIMARY KEY (submission_id, version)
);
