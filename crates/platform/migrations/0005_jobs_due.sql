-- What is due of one kind, which each loop asks for. By the time alone, SQLite finds the kind and looks at all its timers.
DROP INDEX jobs_due;
CREATE INDEX jobs_due_by_kind ON jobs (kind, due_at) WHERE state = 'pending';
