-- People are told about what happens from now on, not about all that happened before there were notifications.
INSERT INTO readers (name, position) SELECT 'ticket-notifications', position FROM sequencer WHERE id = 1;
