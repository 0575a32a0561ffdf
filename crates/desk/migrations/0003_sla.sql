-- Clocks of service levels: what the fold over a ticket's changes gave, by which versions of its documents.
CREATE TABLE sla_clocks (
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    sla_key TEXT NOT NULL,
    sla_version BIGINT NOT NULL,
    calendar_versions {json} NOT NULL,
    clock {json} NOT NULL,
    PRIMARY KEY (ticket_id, sla_key)
);
CREATE INDEX sla_clocks_by_sla ON sla_clocks (sla_key, sla_version);
-- A row per cycle with a goal, for lists and reports: queries compare these columns. The clock above says more.
CREATE TABLE sla_cycles (
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    sla_key TEXT NOT NULL,
    number BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    started_event {uuid} NOT NULL,
    phase TEXT NOT NULL,
    goal_key TEXT NOT NULL,
    calendar_key TEXT,
    target_us BIGINT NOT NULL,
    as_of BIGINT NOT NULL,
    elapsed_us BIGINT NOT NULL,
    remaining_us BIGINT NOT NULL,
    breach_at BIGINT,
    zero_at BIGINT,
    next_at BIGINT,
    breached_at BIGINT,
    ended_at BIGINT,
    latest BOOLEAN NOT NULL,
    PRIMARY KEY (ticket_id, sla_key, number)
);
CREATE INDEX sla_cycles_by_breach ON sla_cycles (breach_at) WHERE phase = 'running' AND latest;
CREATE INDEX sla_cycles_by_end ON sla_cycles (ended_at) WHERE ended_at IS NOT NULL;
