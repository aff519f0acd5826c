-- The assessment that set a flag's severity, where a newer and milder one took its place in the flag. Sealed.
ALTER TABLE flag ADD COLUMN decisive_assessment bytea;

-- Since when a flag calls for somebody: its opening, its last raise, the end of a snooze. Null in flags that an
-- instance of the version before opens.
ALTER TABLE flag ADD COLUMN calls_since timestamptz;
UPDATE flag SET calls_since = opened_at;

-- From here on: when somebody took note since then.
UPDATE flag SET acknowledged_at = NULL WHERE status = 'OPEN';

-- The worklist with closed flags, in the order of its page.
CREATE INDEX flag_all ON flag (severity_rank, opened_at, id);
