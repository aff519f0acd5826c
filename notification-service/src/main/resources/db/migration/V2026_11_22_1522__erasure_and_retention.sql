-- Whose findings a flag rests on, so that those of erased submissions can be told from later ones. Of flags that are
-- there already, any of the patient's submissions may be among them.
ALTER TABLE flag ADD COLUMN submission_ids text[] NOT NULL DEFAULT '{}';
UPDATE flag SET submission_ids = ARRAY(
    SELECT submission_id FROM assessed_submission WHERE patient_id = flag.patient_id
    UNION SELECT flag.submission_id);

-- When this first was noted, for its retention.
ALTER TABLE assessed_submission ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX assessed_submission_of_patient ON assessed_submission (patient_id);

-- Gone once the retention period of the mail's words is over.
ALTER TABLE delivery
    ALTER COLUMN subject DROP NOT NULL,
    ALTER COLUMN body_text DROP NOT NULL,
    ALTER COLUMN body_html DROP NOT NULL;
