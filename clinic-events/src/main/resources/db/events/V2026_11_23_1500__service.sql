-- The service that a database belongs to: org.calciwatch.start.OwnDatabase refuses every other.
CREATE TABLE service (name text PRIMARY KEY);
INSERT INTO service (name) VALUES ('${service}');
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON service FROM "${app_role}";
