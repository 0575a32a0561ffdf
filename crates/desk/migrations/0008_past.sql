-- What a ticket's status, priority, assignee and team were: a row for each value that one of them held. The columns
-- are the types; where none is set the field was empty.
CREATE TABLE ticket_past (
    ticket_id {uuid} NOT NULL REFERENCES tickets (id),
    field TEXT NOT NULL,
    number BIGINT NOT NULL,
    text TEXT,
    text_before TEXT,
    rank BIGINT,
    rank_before BIGINT,
    reference {uuid},
    reference_before {uuid},
    held_since BIGINT NOT NULL,
    held_until BIGINT,
    person_id {uuid},
    is_first BOOLEAN NOT NULL,
    PRIMARY KEY (ticket_id, field, number)
);
-- What is worked out of the event log for tickets that were there before a table was: up to which insertion number it
-- is done, and up to which it has to be.
CREATE TABLE ticket_rebuilds (
    name TEXT NOT NULL PRIMARY KEY,
    done_to BIGINT NOT NULL,
    up_to BIGINT NOT NULL
);
INSERT INTO ticket_rebuilds (name, done_to, up_to) SELECT 'past', 0, COALESCE(MAX(seq), 0) FROM tickets;
