-- When the next clock of a ticket runs out, so that lists are sorted by it along an index.
ALTER TABLE tickets ADD COLUMN sla_due_at BIGINT;
UPDATE tickets SET sla_due_at = (SELECT MIN(y.breach_at) FROM sla_cycles y WHERE y.ticket_id = tickets.id AND y.latest AND y.phase = 'running') WHERE resolved_at IS NULL;
{sqlite} CREATE INDEX tickets_open_by_sla_due ON tickets (sla_due_at, seq) WHERE resolved_at IS NULL;
{postgres} CREATE INDEX tickets_open_by_sla_due ON tickets (sla_due_at NULLS FIRST, seq) WHERE resolved_at IS NULL;
-- Clocks that are paused with little time left, as the index by deadline is for those that run.
CREATE INDEX sla_cycles_paused ON sla_cycles (remaining_us) WHERE phase = 'paused' AND latest;
