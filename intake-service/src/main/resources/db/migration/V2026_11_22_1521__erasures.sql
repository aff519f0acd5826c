-- That an erasure was asked for, and who has confirmed it; not whose data were erased.
CREATE TABLE erasure (
    id           uuid PRIMARY KEY,
    requested_at timestamptz NOT NULL,
    requested_by text        NOT NULL
);

CREATE TABLE erasure_confirmation (
    erasure_id   uuid NOT NULL REFERENCES erasure ON DELETE CASCADE,
    service      text NOT NULL,
    -- Null until the service has confirmed.
    confirmed_at timestamptz,
    PRIMARY KEY (erasure_id, service)
);
