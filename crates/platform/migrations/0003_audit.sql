-- Who did what: the audit list filtered by actor.
CREATE INDEX events_by_actor ON events (actor_key, seq);
