-- A message whose seal cannot be opened waits here, while the others go out.
ALTER TABLE outbox ADD COLUMN set_aside_at timestamptz;
