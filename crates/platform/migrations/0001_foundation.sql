CREATE TABLE sequencer (
    id BIGINT PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO sequencer (id, position) VALUES (1, 0);
CREATE TABLE events (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    position BIGINT UNIQUE,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id {uuid} NOT NULL,
    record_version BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_key TEXT NOT NULL,
    origin TEXT NOT NULL,
    request_id TEXT,
    data {json} NOT NULL
);
CREATE INDEX events_by_record ON events (record_id, seq);
CREATE INDEX events_unplaced ON events (seq) WHERE position IS NULL;
CREATE TABLE readers (
    name TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0,
    last_error TEXT
);
CREATE TABLE jobs (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    payload {json} NOT NULL,
    attempt BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    lease_until BIGINT,
    lease_owner TEXT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 'pending';
CREATE INDEX jobs_dead ON jobs (created_at) WHERE state = 'dead';
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer {json} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (principal, key, operation)
);
CREATE INDEX idempotency_by_age ON idempotency (at);
