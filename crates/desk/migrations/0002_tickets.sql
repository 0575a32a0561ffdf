-- Tickets. resolved_at is set exactly while the status category is done: the partial indexes of open work use it.
CREATE TABLE tickets (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    project_id {uuid} NOT NULL REFERENCES projects (id),
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    summary TEXT NOT NULL,
    description TEXT NOT NULL,
    workflow_key TEXT NOT NULL,
    workflow_version BIGINT NOT NULL,
    status TEXT NOT NULL,
    status_category TEXT NOT NULL,
    resolution TEXT,
    impact {json} NOT NULL,
    urgency {json} NOT NULL,
    priority BIGINT NOT NULL,
    priority_reason {json} NOT NULL,
    assignee_id {uuid},
    reporter_id {uuid},
    team_id {uuid},
    service_id {uuid},
    labels {json} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    first_response_at BIGINT,
    resolved_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX tickets_open ON tickets (seq) WHERE resolved_at IS NULL;
CREATE INDEX tickets_open_by_priority ON tickets (priority, seq) WHERE resolved_at IS NULL;
CREATE INDEX tickets_open_by_assignee ON tickets (assignee_id, seq) WHERE resolved_at IS NULL;
CREATE INDEX tickets_open_by_team ON tickets (team_id, seq) WHERE resolved_at IS NULL;
CREATE INDEX tickets_open_by_service ON tickets (service_id, seq) WHERE resolved_at IS NULL;
CREATE INDEX tickets_by_reporter ON tickets (reporter_id, seq);
CREATE INDEX tickets_by_project ON tickets (project_id, seq);
CREATE INDEX tickets_by_update ON tickets (updated_at, seq);
CREATE INDEX tickets_by_creation ON tickets (created_at);
CREATE INDEX tickets_by_resolution ON tickets (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE TABLE ticket_labels (
    label TEXT NOT NULL,
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    PRIMARY KEY (label, ticket_id)
);
CREATE INDEX ticket_labels_ticket ON ticket_labels (ticket_id);
-- Free text that events point to by id, so that it can be erased without touching the event log.
CREATE TABLE ticket_texts (
    id {uuid} NOT NULL PRIMARY KEY,
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    body TEXT NOT NULL
);
CREATE INDEX ticket_texts_ticket ON ticket_texts (ticket_id);
CREATE TABLE ticket_comments (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    author_kind TEXT NOT NULL,
    author_key TEXT NOT NULL,
    visibility TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT
);
CREATE INDEX ticket_comments_ticket ON ticket_comments (ticket_id, seq);
