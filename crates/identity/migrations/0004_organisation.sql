-- One row once somebody has set it.
CREATE TABLE organisation (
  id BIGINT PRIMARY KEY,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
