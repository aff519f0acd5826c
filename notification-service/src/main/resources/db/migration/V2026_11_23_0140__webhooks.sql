-- What endpoints outside are told of changes of flags. It goes with the flag.
CREATE TABLE webhook_delivery (
    id              uuid PRIMARY KEY,
    endpoint        text        NOT NULL,
    event_id        uuid        NOT NULL,
    flag_id         uuid        NOT NULL REFERENCES flag ON DELETE CASCADE,
    patient_id      text        NOT NULL,
    -- Sealed.
    body            bytea       NOT NULL,
    status          text        NOT NULL CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
    created_at      timestamptz NOT NULL,
    next_attempt_at timestamptz CHECK ((next_attempt_at IS NOT NULL) = (status = 'PENDING')),
    attempts        integer     NOT NULL,
    attempts_left   integer     NOT NULL,
    last_attempt_at timestamptz,
    last_answer     text,
    locked_until    timestamptz,
    trace_id        text        NOT NULL,
    version         integer     NOT NULL,
    UNIQUE (endpoint, event_id)
);

CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, next_attempt_at, id) WHERE status = 'PENDING';
CREATE INDEX webhook_delivery_not_sent ON webhook_delivery (status) WHERE status <> 'SENT';
CREATE INDEX webhook_delivery_of_flag ON webhook_delivery (flag_id);
CREATE INDEX webhook_delivery_created ON webhook_delivery (created_at);
