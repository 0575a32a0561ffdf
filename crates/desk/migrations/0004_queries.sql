-- Queries: what lists are sorted by, and full text.
DROP INDEX tickets_by_creation;
CREATE INDEX tickets_by_creation ON tickets (created_at, seq);
-- The words of a ticket as the query language cuts them, by the insertion number of the ticket. The index for full
-- text follows this table, also when a backup fills it. On PostgreSQL a word that nobody looks for ends each text, so
-- that no phrase reaches from one into the next.
CREATE TABLE ticket_words (
    ticket_seq BIGINT NOT NULL PRIMARY KEY,
    summary TEXT NOT NULL,
    description TEXT NOT NULL,
    public_comments TEXT NOT NULL,
    internal_comments TEXT NOT NULL
);
{sqlite} CREATE VIRTUAL TABLE ticket_search USING fts5(summary, description, public_comments, internal_comments, content='ticket_words', content_rowid='ticket_seq', tokenize='unicode61 remove_diacritics 0');
{sqlite} CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket_words BEGIN INSERT INTO ticket_search (rowid, summary, description, public_comments, internal_comments) VALUES (new.ticket_seq, new.summary, new.description, new.public_comments, new.internal_comments); END;
{sqlite} CREATE TRIGGER ticket_words_removed AFTER DELETE ON ticket_words BEGIN INSERT INTO ticket_search (ticket_search, rowid, summary, description, public_comments, internal_comments) VALUES ('delete', old.ticket_seq, old.summary, old.description, old.public_comments, old.internal_comments); END;
{sqlite} CREATE TRIGGER ticket_words_changed AFTER UPDATE ON ticket_words BEGIN INSERT INTO ticket_search (ticket_search, rowid, summary, description, public_comments, internal_comments) VALUES ('delete', old.ticket_seq, old.summary, old.description, old.public_comments, old.internal_comments); INSERT INTO ticket_search (rowid, summary, description, public_comments, internal_comments) VALUES (new.ticket_seq, new.summary, new.description, new.public_comments, new.internal_comments); END;
{postgres} ALTER TABLE ticket_words ADD COLUMN search tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', summary || ' ꀕꀕ'), 'A') || setweight(to_tsvector('simple', description || ' ꀕꀕ'), 'B') || setweight(to_tsvector('simple', public_comments || ' ꀕꀕ'), 'C') || setweight(to_tsvector('simple', internal_comments || ' ꀕꀕ'), 'D')) STORED;
{postgres} CREATE INDEX ticket_search ON ticket_words USING GIN (search);
