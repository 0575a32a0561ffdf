CREATE TABLE integrations (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  team_id {uuid},
  enabled BOOLEAN NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  key_prefix TEXT NOT NULL,
  settings {json} NOT NULL,
  mapping {json},
  accepted BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  last_event_at BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE integration_events (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  integration_id {uuid} NOT NULL,
  received_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  place TEXT,
  alerts {json} NOT NULL,
  payload TEXT NOT NULL,
  truncated BOOLEAN NOT NULL
);
CREATE INDEX integration_event_integration ON integration_events (integration_id, seq);
