-- Sealed. A zero before a value says that it is not sealed yet, see V2026_11_22_1500.
ALTER TABLE flag ALTER COLUMN assessment TYPE bytea USING '\x00'::bytea || convert_to(assessment::text, 'UTF8');
ALTER TABLE flag_history ALTER COLUMN note TYPE bytea USING '\x00'::bytea || convert_to(note, 'UTF8');
ALTER TABLE delivery
    ALTER COLUMN subject TYPE bytea USING '\x00'::bytea || convert_to(subject, 'UTF8'),
    ALTER COLUMN body_text TYPE bytea USING '\x00'::bytea || convert_to(body_text, 'UTF8'),
    ALTER COLUMN body_html TYPE bytea USING '\x00'::bytea || convert_to(body_html, 'UTF8');
