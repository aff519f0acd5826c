-- Sealed. A zero before a value says that it is not sealed yet, see V2026_11_22_1500.
ALTER TABLE assessment
    ALTER COLUMN data TYPE bytea USING '\x00'::bytea || convert_to(data::text, 'UTF8'),
    ALTER COLUMN response TYPE bytea USING '\x00'::bytea || convert_to(response, 'UTF8');
