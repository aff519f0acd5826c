-- Sealed. A zero before a value says that it is not sealed yet, see V2026_11_22_1500.
ALTER TABLE submission_version ALTER COLUMN resource TYPE bytea USING '\x00'::bytea || convert_to(resource, 'UTF8');
ALTER TABLE result ALTER COLUMN findings TYPE bytea USING '\x00'::bytea || convert_to(findings, 'UTF8');
