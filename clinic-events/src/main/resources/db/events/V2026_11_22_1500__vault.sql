-- Which keys the database belongs to, and under which one everything was when the last re-sealing was complete.
CREATE TABLE vault_check (
    id             smallint PRIMARY KEY CHECK (id = 1),
    sentence       bytea NOT NULL,
    complete_under integer
);

-- A sealed payload is bound to its row by a name that is known before the row is stored; the id orders only.
ALTER TABLE outbox ADD COLUMN name uuid NOT NULL UNIQUE DEFAULT gen_random_uuid();

-- From here on payloads are sealed. A zero before a value says that it is not sealed yet; Resealing changes that at the
-- first start, before the service is ready.
UPDATE outbox SET payload = '\x00'::bytea || payload;
UPDATE dead_letter SET payload = '\x00'::bytea || payload;
