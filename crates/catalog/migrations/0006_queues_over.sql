-- Queues over other records than tickets.
ALTER TABLE queues ADD COLUMN records TEXT NOT NULL DEFAULT 'tickets';
-- Which of the queues that come with the program a queue was, so that each is written once.
ALTER TABLE queues ADD COLUMN origin TEXT;
