-- Typed links between any two records.
CREATE TABLE links (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    type TEXT NOT NULL,
    from_kind TEXT NOT NULL,
    from_id {uuid} NOT NULL,
    to_kind TEXT NOT NULL,
    to_id {uuid} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (from_kind, from_id, type, to_kind, to_id)
);
CREATE INDEX links_to ON links (to_kind, to_id);
