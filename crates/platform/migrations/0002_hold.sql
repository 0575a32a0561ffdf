-- One row while outgoing effects are held.
CREATE TABLE outgoing_hold (
    id BIGINT PRIMARY KEY,
    since BIGINT NOT NULL
);
-- Proves that the vault key is the one under which this database's secrets were sealed.
CREATE TABLE vault_proof (
    id BIGINT PRIMARY KEY,
    sealed TEXT NOT NULL
);
