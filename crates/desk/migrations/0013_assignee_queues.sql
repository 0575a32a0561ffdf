-- The queues that most people look at first: open tickets of one person, or of nobody, most pressing first.
CREATE INDEX tickets_open_by_assignee_priority ON tickets (assignee_id, priority, seq) WHERE resolved_at IS NULL;
