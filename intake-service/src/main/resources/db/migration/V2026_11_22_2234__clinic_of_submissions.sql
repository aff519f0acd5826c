-- The clinic a submission belongs to where a portal for several clinics named it; an id, not patient data.
ALTER TABLE submission ADD COLUMN clinic text;
