-- Files attached to tickets; their contents are blobs.
CREATE TABLE attachments (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    comment_id {uuid} REFERENCES ticket_comments (id),
    blob_id {uuid} NOT NULL REFERENCES blobs (id),
    small_id {uuid} REFERENCES blobs (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    internal BOOLEAN NOT NULL,
    width BIGINT,
    height BIGINT,
    small_type TEXT,
    author_kind TEXT NOT NULL,
    author_key TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX attachments_by_ticket ON attachments (ticket_id, seq);
CREATE INDEX attachments_by_comment ON attachments (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX attachments_by_blob ON attachments (blob_id);
