-- The last result of each step of the set-up that a person tests.
CREATE TABLE setup_tests (
    step TEXT PRIMARY KEY,
    ok BOOLEAN NOT NULL,
    detail TEXT NOT NULL,
    tested_at BIGINT NOT NULL
);
-- What is remembered of the set-up itself: one row.
CREATE TABLE setup_state (
    id BIGINT PRIMARY KEY,
    dismissed BOOLEAN NOT NULL,
    demo BOOLEAN NOT NULL
);
