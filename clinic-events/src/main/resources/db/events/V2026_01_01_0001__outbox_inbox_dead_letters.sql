-- Keys and headers are bytes, because a dead letter may hold anything.
CREATE TABLE outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic         text        NOT NULL,
    key           bytea,
    header_names  text[]      NOT NULL,
    header_values bytea[]     NOT NULL,
    payload       bytea,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE inbox (
    event_id    uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dead_letter (
    id             uuid PRIMARY KEY,
    topic          text        NOT NULL,
    "partition"    integer     NOT NULL,
    "offset"       bigint      NOT NULL,
    sent_at        timestamptz NOT NULL,
    key            bytea,
    header_names   text[]      NOT NULL,
    header_values  bytea[]     NOT NULL,
    payload        bytea,
    reason         text        NOT NULL,
    failed_at      timestamptz NOT NULL DEFAULT now(),
    replayed_at    timestamptz,
    -- A message redelivered after a crash is the same dead letter. The time tells a rebuilt topic from the old one.
    UNIQUE (topic, "partition", "offset", sent_at)
);
