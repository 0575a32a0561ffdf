-- Payloads that were accepted and wait for their turn. Place is their order among those that one server (owner) took.
CREATE TABLE integration_backlog (
  owner {uuid} NOT NULL,
  place BIGINT NOT NULL,
  integration_id {uuid} NOT NULL,
  request_id TEXT,
  received_at BIGINT NOT NULL,
  commands BIGINT NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (owner, place)
);
