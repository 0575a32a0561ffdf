CREATE TABLE alerts (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  alias TEXT NOT NULL,
  message TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  priority TEXT NOT NULL,
  count BIGINT NOT NULL,
  source TEXT NOT NULL,
  entity TEXT NOT NULL,
  tags {json} NOT NULL,
  details {json} NOT NULL,
  actions {json} NOT NULL,
  seen BOOLEAN NOT NULL,
  acknowledged_at BIGINT,
  acknowledged_by_kind TEXT,
  acknowledged_by {uuid},
  acknowledged_by_part TEXT,
  first_acknowledged_at BIGINT,
  snoozed_until BIGINT,
  snoozed_by_kind TEXT,
  snoozed_by {uuid},
  snoozed_by_part TEXT,
  owner_id {uuid},
  team_id {uuid},
  service_id {uuid},
  service_reason TEXT,
  integration_id {uuid},
  incident_state TEXT NOT NULL,
  incident_id {uuid},
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  last_occurred_at BIGINT NOT NULL,
  closed_at BIGINT,
  closed_by_kind TEXT,
  closed_by {uuid},
  closed_by_part TEXT,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX alerts_open_alias ON alerts (alias) WHERE status = 'open';
CREATE INDEX alerts_open ON alerts (seq) WHERE status = 'open';
CREATE INDEX alerts_alias ON alerts (alias, seq);
CREATE INDEX alerts_service ON alerts (service_id, seq);
CREATE INDEX alerts_team ON alerts (team_id, seq);
CREATE INDEX alerts_incident ON alerts (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX alerts_created ON alerts (created_at);
CREATE INDEX alerts_first_acknowledged ON alerts (first_acknowledged_at) WHERE first_acknowledged_at IS NOT NULL;

CREATE TABLE alert_tags (
  alert_id {uuid} NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (alert_id, tag)
);
CREATE INDEX alerts_tag_tag ON alert_tags (tag, alert_id);

CREATE TABLE alert_details (
  alert_id {uuid} NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (alert_id, name)
);
CREATE INDEX alerts_detail_name ON alert_details (name, alert_id);

CREATE TABLE alert_responders (
  alert_id {uuid} NOT NULL,
  kind TEXT NOT NULL,
  responder_id {uuid} NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (alert_id, kind, responder_id)
);

CREATE TABLE alert_log (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  alert_id {uuid} NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id {uuid},
  actor_part TEXT,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  because TEXT,
  data {json} NOT NULL
);
CREATE INDEX alerts_log_alert ON alert_log (alert_id, seq);

CREATE TABLE alert_notes (
  seq {serial},
  id {uuid} NOT NULL UNIQUE,
  alert_id {uuid} NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id {uuid},
  actor_part TEXT,
  text TEXT NOT NULL
);
CREATE INDEX alerts_note_alert ON alert_notes (alert_id, seq);
