-- Since when a flag fails to do what is due of it; null while it does. Its due time moves on with each try.
ALTER TABLE flag ADD COLUMN failed_since timestamptz;
CREATE INDEX flag_failing ON flag (failed_since) WHERE failed_since IS NOT NULL;

-- The mails that did not reach everybody, the last made first; and how many were sent lately.
CREATE INDEX delivery_unreached ON delivery (id) WHERE status = 'FAILED' OR cardinality(failed) > 0;
CREATE INDEX delivery_created ON delivery (created_at);
