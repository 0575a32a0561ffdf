-- On-call: who is on watch (schedules), whom an alert reaches (policies), and whom it reached (paging).

-- The current definition of a schedule; every version of it is kept as a document of kind `schedule`.
CREATE TABLE schedules (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    team_id {uuid},
    time_zone TEXT NOT NULL,
    rotations {json} NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One person on call instead of the rotations for a while. An empty list of rotations means all of them.
CREATE TABLE schedule_overrides (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    schedule_id {uuid} NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    person_id {uuid} NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    rotation_ids {json} NOT NULL,
    created_by {uuid},
    created_at BIGINT NOT NULL
);
CREATE INDEX schedule_overrides_schedule ON schedule_overrides (schedule_id, ends_at);

-- The current definition of an escalation policy; every version is kept as a document of kind `escalation_policy`.
CREATE TABLE escalation_policies (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    team_id {uuid},
    policy {json} NOT NULL,
    document_version BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The policy a team's alerts use when their service names none.
CREATE TABLE team_routing (
    team_id {uuid} NOT NULL PRIMARY KEY,
    escalation_policy_id {uuid},
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One flow of an alert: started by the alert, by an un-acknowledge or by the end of a snooze. The policy is
-- frozen into `run`, with how far it has come; an alert that notifies nobody has no run.
CREATE TABLE escalations (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    alert_id {uuid} NOT NULL,
    flow BIGINT NOT NULL,
    policy_id {uuid},
    policy_name TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    run {json},
    because TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    UNIQUE (alert_id, flow)
);
CREATE INDEX escalations_running ON escalations (alert_id) WHERE state = 'running';

-- One intended notification. The unique key is the promise: exactly one for a flow's round, step and contact.
CREATE TABLE pages (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    alert_id {uuid} NOT NULL,
    escalation_id {uuid} NOT NULL,
    round BIGINT NOT NULL,
    step BIGINT NOT NULL,
    step_text TEXT NOT NULL,
    person_id {uuid} NOT NULL,
    contact_id {uuid} NOT NULL,
    contact_kind TEXT NOT NULL,
    address TEXT NOT NULL,
    because TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    UNIQUE (escalation_id, round, step, contact_id)
);
CREATE INDEX pages_alert ON pages (alert_id, seq);
CREATE INDEX pages_waiting ON pages (alert_id) WHERE state IN ('pending', 'held');

-- A person whom a step did not tell, and why.
CREATE TABLE page_skips (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    alert_id {uuid} NOT NULL,
    escalation_id {uuid} NOT NULL,
    round BIGINT NOT NULL,
    step BIGINT NOT NULL,
    person_id {uuid},
    because TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX page_skips_alert ON page_skips (alert_id, seq);

-- What the auditor found and is not yet put right: at most one per alert.
CREATE TABLE paging_alarms (
    seq {serial},
    id {uuid} NOT NULL UNIQUE,
    alert_id {uuid} NOT NULL UNIQUE,
    problem TEXT NOT NULL,
    since BIGINT NOT NULL
);
