-- Who hears of what. The newest version is in force; the ones before say who changed what, so none is ever changed.
CREATE TABLE routing_table (
    version    integer     PRIMARY KEY CHECK (version > 0),
    document   text        NOT NULL,
    changed_by text        NOT NULL,
    changed_at timestamptz NOT NULL
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON routing_table
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE UPDATE, DELETE, TRUNCATE ON routing_table FROM "${app_role}";
