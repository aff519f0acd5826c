CREATE TABLE flag (
    id               uuid PRIMARY KEY,
    reference        text        NOT NULL UNIQUE,
    patient_id       text        NOT NULL,
    severity         text        NOT NULL CHECK (severity IN ('CLINICIAN_REVIEW', 'URGENT_SAME_DAY', 'EMERGENCY')),
    severity_raises  integer     NOT NULL,
    status           text        NOT NULL CHECK (status IN ('OPEN', 'ACKNOWLEDGED', 'SNOOZED', 'CLOSED')),
    headline_rule_id text        NOT NULL,
    headline_title   text        NOT NULL,
    rule_ids         text[]      NOT NULL,
    assessment_id    uuid        NOT NULL,
    assessment       jsonb       NOT NULL,
    assessed_at      timestamptz NOT NULL,
    submission_id    text        NOT NULL,
    assignee         text,
    snoozed_until    timestamptz CHECK ((snoozed_until IS NOT NULL) = (status = 'SNOOZED')),
    outcome          text        CHECK ((outcome IS NOT NULL) = (status = 'CLOSED')),
    search_text      text        NOT NULL,
    opened_at        timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          integer     NOT NULL
);

-- Whatever the code does: two flags for one patient would be two people working on the same findings.
CREATE UNIQUE INDEX flag_one_not_closed_per_patient ON flag (patient_id) WHERE status <> 'CLOSED';
CREATE INDEX flag_newest_first ON flag (opened_at DESC, id DESC);
CREATE INDEX flag_of_patient ON flag (patient_id);

CREATE TABLE flag_history (
    flag_id  uuid        NOT NULL REFERENCES flag ON DELETE CASCADE,
    position integer     NOT NULL,
    at       timestamptz NOT NULL,
    done_by  text        NOT NULL,
    action   text        NOT NULL,
    note     text,
    PRIMARY KEY (flag_id, position)
);

-- The latest version of each submission that was assessed, so that one arriving late changes nothing.
CREATE TABLE assessed_submission (
    submission_id text PRIMARY KEY,
    patient_id    text    NOT NULL,
    version       integer NOT NULL
);

CREATE TABLE delivery (
    id              uuid PRIMARY KEY,
    flag_id         uuid        NOT NULL REFERENCES flag ON DELETE CASCADE,
    step            text        NOT NULL,
    message_id      text        NOT NULL UNIQUE,
    recipients      text[]      NOT NULL,
    reached         text[]      NOT NULL,
    subject         text        NOT NULL,
    body_text       text        NOT NULL,
    body_html       text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
    created_at      timestamptz NOT NULL,
    next_attempt_at timestamptz CHECK ((next_attempt_at IS NOT NULL) = (status = 'PENDING')),
    attempts_left   integer     NOT NULL,
    locked_until    timestamptz,
    trace_id        text        NOT NULL,
    version         integer     NOT NULL,
    UNIQUE (flag_id, step)
);

CREATE INDEX delivery_due ON delivery (next_attempt_at, id) WHERE status = 'PENDING';
CREATE INDEX delivery_not_sent ON delivery (status) WHERE status <> 'SENT';

CREATE TABLE delivery_attempt (
    delivery_id uuid        NOT NULL REFERENCES delivery ON DELETE CASCADE,
    position    integer     NOT NULL,
    at          timestamptz NOT NULL,
    outcome     text        NOT NULL,
    detail      text        NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
