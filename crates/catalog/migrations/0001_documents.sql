-- Versioned configuration documents: the head row is the lock, every version stays.
CREATE TABLE documents (
    id {uuid} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE document_versions (
    seq {serial},
    document_id {uuid} NOT NULL REFERENCES documents (id),
    version BIGINT NOT NULL,
    schema_version BIGINT NOT NULL,
    body {json} NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (document_id, version)
);
