-- Where a flag's mails go: by its severity, the category of its headline and the clinic.
ALTER TABLE flag
    ADD COLUMN headline_category text NOT NULL DEFAULT '',
    ADD COLUMN clinic text;

-- When a flag next does something by itself: escalate, wake up, remind. The defaults have one that an instance of the
-- version before opens looked at soon, and given the right time then.
ALTER TABLE flag
    ADD COLUMN due_at timestamptz DEFAULT now(),
    ADD COLUMN waiting_since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN escalations integer NOT NULL DEFAULT 0,
    ADD COLUMN own_mails integer NOT NULL DEFAULT 0,
    ADD COLUMN acknowledged_at timestamptz;
CREATE INDEX flag_due ON flag (due_at, id) WHERE due_at IS NOT NULL;

UPDATE flag SET acknowledged_at = (
    SELECT min(at) FROM flag_history
    WHERE flag_id = flag.id AND (action = 'ACKNOWLEDGED' OR action = 'CLOSED'));

-- The worklist: what is most severe first, then what waits longest.
ALTER TABLE flag ADD COLUMN severity_rank smallint NOT NULL GENERATED ALWAYS AS (
    CASE severity WHEN 'EMERGENCY' THEN 0 WHEN 'URGENT_SAME_DAY' THEN 1 ELSE 2 END) STORED;
CREATE INDEX flag_worklist ON flag (severity_rank, opened_at, id) WHERE status <> 'CLOSED';

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX flag_search ON flag USING gin (search_text gin_trgm_ops);

-- What was found in each submission: for the course of the values, and for flags that rest on several submissions of
-- which one is erased. Sealed.
ALTER TABLE assessed_submission
    ADD COLUMN assessed_at timestamptz,
    ADD COLUMN assessment bytea;

-- When the last digest was made.
CREATE TABLE digest (
    id      integer PRIMARY KEY CHECK (id = 1),
    made_at timestamptz NOT NULL
);
INSERT INTO digest VALUES (1, now());
