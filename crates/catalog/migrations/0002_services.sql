-- Services and who answers for them.
CREATE TABLE services (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    tier BIGINT NOT NULL,
    owner_team_id {uuid},
    escalation_policy_id {uuid},
    incident_rule {json} NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX services_live_key ON services (key) WHERE deleted_at IS NULL;
CREATE INDEX services_live ON services (seq) WHERE deleted_at IS NULL;
CREATE TABLE service_responders (
    service_id {uuid} NOT NULL REFERENCES services (id),
    ordinal BIGINT NOT NULL,
    kind TEXT NOT NULL,
    responder_id {uuid} NOT NULL,
    PRIMARY KEY (service_id, ordinal)
);
