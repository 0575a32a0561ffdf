-- Contents in the blob store, by their SHA-256. A row stands before its content does: place names where that is.
CREATE TABLE blobs (
    id {uuid} NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    size BIGINT NOT NULL,
    place TEXT NOT NULL UNIQUE,
    stored BOOLEAN NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE INDEX blobs_by_touch ON blobs (touched_at);
-- Who needs a blob: one row per record and purpose.
CREATE TABLE blob_uses (
    blob_id {uuid} NOT NULL REFERENCES blobs (id),
    record_id {uuid} NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (blob_id, record_id, purpose)
);
CREATE INDEX blob_uses_by_record ON blob_uses (record_id);
-- Places that no row names any more and that are to be emptied.
CREATE TABLE blob_garbage (
    place TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
