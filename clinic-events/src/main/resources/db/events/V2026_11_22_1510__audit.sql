-- Who did what with whose data. Patients stand here by pseudonym only, so that an erased patient is forgotten by deleting
-- one row of patient_pseudonym, while what is chained below stays as it was.
CREATE TABLE audit_event (
    id          uuid PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    agent       text        NOT NULL,
    agent_role  text        NOT NULL,
    source      text,
    action      text        NOT NULL CHECK (action IN ('C', 'R', 'U', 'D', 'E')),
    what        text        NOT NULL,
    entities    text[]      NOT NULL,
    patients    uuid[]      NOT NULL,
    outcome     integer     NOT NULL CHECK (outcome IN (0, 4, 8, 12)),
    http_status integer,
    trace_id    text        NOT NULL
);

CREATE INDEX audit_event_recorded_at ON audit_event (recorded_at);
CREATE INDEX audit_event_agent ON audit_event (agent, id);
CREATE INDEX audit_event_patients ON audit_event USING gin (patients);

-- Each hash is over the one before and the event: whoever changes, removes or moves an event breaks the chain.
CREATE TABLE audit_chain (
    seq      bigint PRIMARY KEY,
    event_id uuid  NOT NULL UNIQUE,
    hash     bytea NOT NULL
);

-- What the sealer has to chain next. Only a list of work: an event that is neither here nor in the chain is reported by
-- the verification.
CREATE TABLE audit_unchained (
    event_id uuid PRIMARY KEY
);

CREATE TABLE patient_pseudonym (
    patient_id text PRIMARY KEY,
    pseudonym  uuid NOT NULL UNIQUE DEFAULT gen_random_uuid()
);

-- The privilege keeps the application out, the triggers also whoever owns the tables and forgets that they are final.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; % is refused', TG_TABLE_NAME, TG_OP;
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

REVOKE UPDATE, DELETE, TRUNCATE ON audit_event, audit_chain FROM "${app_role}";
