-- What came of the last test of each step of the first set-up, and whether its list was put away.
CREATE TABLE setup_tests (
    step TEXT NOT NULL PRIMARY KEY,
    ok BOOLEAN NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL
);
