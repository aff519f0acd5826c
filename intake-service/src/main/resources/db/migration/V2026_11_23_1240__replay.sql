-- A replay reads the versions in the order they were stored.
CREATE INDEX submission_version_stored_at ON submission_version (stored_at, submission_id, version);
