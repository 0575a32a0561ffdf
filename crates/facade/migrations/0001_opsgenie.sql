CREATE TABLE opsgenie_requests (
  id {uuid} NOT NULL UNIQUE,
  at BIGINT NOT NULL,
  owner_kind TEXT NOT NULL,
  owner_key TEXT NOT NULL,
  action TEXT NOT NULL,
  success BOOLEAN NOT NULL,
  status TEXT NOT NULL,
  alert_id {uuid},
  alias TEXT
);
CREATE INDEX opsgenie_requests_at ON opsgenie_requests (at);
