-- What was assessed, so that another rule pack can be tried on it. Assessments made before this have neither.
-- text and not jsonb: jsonb rewrites numbers, and refuses some JSON that can be assessed all the same.
ALTER TABLE assessment
    ADD COLUMN response     text,
    ADD COLUMN submitted_at timestamptz;
