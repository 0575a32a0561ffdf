-- The organisation itself: one row, made when somebody first changes it.
CREATE TABLE organisation (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    version BIGINT NOT NULL
);
