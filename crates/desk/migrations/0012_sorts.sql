-- Sorts that people wait for: all tickets, and open ones, by priority and age, whichever of the two is reversed.
CREATE INDEX tickets_by_priority ON tickets (priority, created_at, seq);
CREATE INDEX tickets_open_by_priority_oldest ON tickets (priority, created_at, seq) WHERE resolved_at IS NULL;
CREATE INDEX tickets_open_by_priority_newest ON tickets (priority, created_at DESC, seq DESC) WHERE resolved_at IS NULL;
