-- Queries over alerts: what the first queues are sorted by, and full text.
DROP INDEX alerts_created;
CREATE INDEX alerts_by_creation ON alerts (created_at, seq);
CREATE INDEX alerts_open_by_priority ON alerts (priority, seq) WHERE status = 'open';
CREATE INDEX alerts_open_by_owner ON alerts (owner_id, seq) WHERE status = 'open';
-- The words of an alert as the query language cuts them, by the alert's number. The index for full text follows this
-- table, also when a backup fills it. On PostgreSQL a word that nobody looks for ends each text, so that no phrase
-- reaches from one into the next.
CREATE TABLE alert_words (
    alert_seq BIGINT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    other TEXT NOT NULL
);
{sqlite} CREATE VIRTUAL TABLE alert_search USING fts5(title, description, other, content='alert_words', content_rowid='alert_seq', tokenize='unicode61 remove_diacritics 0');
{sqlite} CREATE TRIGGER alert_words_added AFTER INSERT ON alert_words BEGIN INSERT INTO alert_search (rowid, title, description, other) VALUES (new.alert_seq, new.title, new.description, new.other); END;
{sqlite} CREATE TRIGGER alert_words_removed AFTER DELETE ON alert_words BEGIN INSERT INTO alert_search (alert_search, rowid, title, description, other) VALUES ('delete', old.alert_seq, old.title, old.description, old.other); END;
{sqlite} CREATE TRIGGER alert_words_changed AFTER UPDATE ON alert_words BEGIN INSERT INTO alert_search (alert_search, rowid, title, description, other) VALUES ('delete', old.alert_seq, old.title, old.description, old.other); INSERT INTO alert_search (rowid, title, description, other) VALUES (new.alert_seq, new.title, new.description, new.other); END;
{postgres} ALTER TABLE alert_words ADD COLUMN search tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', title || ' ꀕꀕ'), 'A') || setweight(to_tsvector('simple', description || ' ꀕꀕ'), 'B') || setweight(to_tsvector('simple', other || ' ꀕꀕ'), 'C')) STORED;
{postgres} CREATE INDEX alert_search ON alert_words USING GIN (search);
