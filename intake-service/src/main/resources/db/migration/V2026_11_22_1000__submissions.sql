CREATE TABLE submission (
    id            uuid PRIMARY KEY,
    patient_id    text        NOT NULL,
    status        text        NOT NULL CHECK (status IN ('IN_PROGRESS', 'COMPLETED', 'AMENDED')),
    version       integer     NOT NULL CHECK (version >= 1),
    -- The span of time that `authored` stands for: a date is a whole day.
    authored_from timestamptz,
    authored_to   timestamptz
);

CREATE INDEX submission_of_patient ON submission (patient_id, id);

CREATE TABLE submission_version (
    submission_id uuid        NOT NULL REFERENCES submission,
    version       integer     NOT NULL,
    stored_at     timestamptz NOT NULL,
    -- text and not jsonb: it is handed out as it was stored, while jsonb would rewrite numbers and key order.
    resource      text        NOT NULL,
    PRIMARY KEY (submission_id, version)
);

-- Under which names of the senders' own a submission can be sent again without being stored again.
CREATE TABLE submission_identifier (
    -- Empty when the identifier has no system.
    system        text NOT NULL,
    value         text NOT NULL,
    -- Checked at commit: the name is taken first, so that of two senders at once only one goes on.
    submission_id uuid NOT NULL REFERENCES submission DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (system, value)
);
