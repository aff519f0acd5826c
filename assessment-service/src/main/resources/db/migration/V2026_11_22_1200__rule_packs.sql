-- What every assessment can be traced back to, so nothing is ever changed or deleted here.
CREATE TABLE rule_pack (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     text        NOT NULL UNIQUE,
    digest      text        NOT NULL,
    archive     bytea       NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    uploaded_by text        NOT NULL
);

-- The newest row says which pack is active.
CREATE TABLE rule_pack_activation (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      text        NOT NULL REFERENCES rule_pack (version),
    activated_at timestamptz NOT NULL DEFAULT now(),
    activated_by text        NOT NULL
);
