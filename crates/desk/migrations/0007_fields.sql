-- Custom fields, and the due date. A ticket's own values stand in its row for showing, and in typed rows for queries.
ALTER TABLE tickets ADD COLUMN due_at BIGINT;
{sqlite} CREATE INDEX tickets_open_by_due ON tickets (due_at, seq) WHERE resolved_at IS NULL;
{postgres} CREATE INDEX tickets_open_by_due ON tickets (due_at NULLS FIRST, seq) WHERE resolved_at IS NULL;
ALTER TABLE tickets ADD COLUMN fields {json} NOT NULL DEFAULT '{}';
-- A row per value; a field with several values has several. The columns are the types: exactly one is set. Texts are
-- in lower case; long ones, which no index takes, stand apart.
CREATE TABLE field_values (
    field TEXT NOT NULL,
    record_id {uuid} NOT NULL REFERENCES tickets (id),
    ordinal BIGINT NOT NULL,
    text TEXT,
    long_text TEXT,
    number DOUBLE PRECISION,
    instant BIGINT,
    date TEXT,
    reference {uuid},
    PRIMARY KEY (record_id, field, ordinal)
);
CREATE INDEX field_values_by_text ON field_values (field, text, record_id) WHERE text IS NOT NULL;
CREATE INDEX field_values_by_number ON field_values (field, number, record_id) WHERE number IS NOT NULL;
CREATE INDEX field_values_by_instant ON field_values (field, instant, record_id) WHERE instant IS NOT NULL;
CREATE INDEX field_values_by_date ON field_values (field, date, record_id) WHERE date IS NOT NULL;
CREATE INDEX field_values_by_reference ON field_values (field, reference, record_id) WHERE reference IS NOT NULL;
