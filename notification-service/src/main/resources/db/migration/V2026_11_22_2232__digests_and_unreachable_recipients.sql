-- A digest is about several flags, and belongs to none.
ALTER TABLE delivery ALTER COLUMN flag_id DROP NOT NULL;

-- The flags that a digest names, so that it can be found when one of them is erased.
ALTER TABLE delivery ADD COLUMN mentions uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX delivery_mentions ON delivery USING gin (mentions) WHERE flag_id IS NULL;

-- Recipients whom the mail will not reach: refused for good, given up, or bounced.
ALTER TABLE delivery ADD COLUMN failed text[] NOT NULL DEFAULT '{}';
-- Those of earlier versions that count as failed were given up.
UPDATE delivery SET failed = ARRAY(SELECT unnest(recipients) EXCEPT SELECT unnest(reached)) WHERE status = 'FAILED';
-- Where some were reached, it is not failed any more.
UPDATE delivery SET status = 'SENT' WHERE status = 'FAILED' AND reached <> '{}';
