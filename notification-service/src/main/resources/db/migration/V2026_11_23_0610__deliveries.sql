-- Since when a mail is not to go out to anybody else, as somebody had seen to its flag. The status stays one that the
-- version before knows.
ALTER TABLE delivery ADD COLUMN withdrawn_at timestamptz;

-- The last mails about dead letters, of which there is at most one an hour.
CREATE INDEX delivery_dead_letter ON delivery (created_at) WHERE step LIKE 'dead-letter-%';
