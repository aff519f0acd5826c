-- The cards that were shown, so that feedback on them can be taken. Nothing here tells whose chart was open.
CREATE TABLE cds_card (
    uuid              uuid PRIMARY KEY,
    about             text        NOT NULL, -- the id of a rule, or the kind of an information card
    rule_pack_version text        NOT NULL,
    issued_at         timestamptz NOT NULL,
    outcome           text,
    override_reason   text,
    outcome_at        timestamptz
);
