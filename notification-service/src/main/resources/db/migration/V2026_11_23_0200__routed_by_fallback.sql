-- That no row of the routing table was for a flag when somebody was told of it; for the admins to add one.
ALTER TABLE flag ADD COLUMN routed_by_fallback boolean NOT NULL DEFAULT false;
CREATE INDEX flag_routed_by_fallback ON flag (opened_at) WHERE routed_by_fallback;
