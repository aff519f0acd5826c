-- Where in its trace a mail was written, so that sending it is a part of the same trace. trace_id stays for the version
-- before.
ALTER TABLE delivery ADD COLUMN trace_parent text;
