//! Rows of what was held, and how far they are worked out for old tickets.

use kernel::{TicketId, micros};
use platform::db::{FromRow, placeholders};
use platform::{DbError, Sql, Tx, params};
use sea_orm::Value;
use uuid::Uuid;

use super::{Held, HeldValue};

const COLUMNS: &str = "ticket_id, field, number, text, text_before, rank, rank_before, reference, reference_before, \
     held_since, held_until, person_id, is_first";

/// Text, rank and reference: exactly one is set, none for an empty field.
fn columns(value: Option<&HeldValue>) -> (Option<String>, Option<i64>, Option<Uuid>) {
    match value {
        Some(HeldValue::Text(text)) => (Some(text.clone()), None, None),
        Some(HeldValue::Rank(rank)) => (None, Some(*rank), None),
        Some(HeldValue::Reference(id)) => (None, None, Some(*id)),
        None => (None, None, None),
    }
}

fn values(ticket: TicketId, row: &Held, number: i64) -> Vec<Value> {
    let (text, rank, reference) = columns(row.value.as_ref());
    let (text_before, rank_before, reference_before) = columns(row.before.as_ref());
    params![
        ticket,
        row.field,
        number,
        text,
        text_before,
        rank,
        rank_before,
        reference,
        reference_before,
        row.since,
        row.until,
        row.by,
        row.first
    ]
}

/// Adds rows of a ticket that has none.
pub(super) async fn insert(tx: &Tx, ticket: TicketId, rows: &[Held]) -> Result<(), DbError> {
    let bound = rows.iter().flat_map(|row| values(ticket, row, row.number)).collect();
    tx.insert_rows(&format!("INSERT INTO ticket_past ({COLUMNS})"), bound, "").await.map(drop)
}

#[derive(FromRow)]
struct NumberRow {
    number: i64,
}

/// Ends what a field holds and adds what it holds now.
pub(super) async fn add(tx: &Tx, ticket: TicketId, row: &Held) -> Result<(), DbError> {
    let end = "UPDATE ticket_past SET held_until = $3 WHERE ticket_id = $1 AND field = $2 AND held_until IS NULL";
    tx.execute(end, params![ticket, row.field, micros(row.since)]).await?;
    let last = "SELECT COALESCE(MAX(number), 0) AS number FROM ticket_past WHERE ticket_id = $1 AND field = $2";
    let last = tx.one::<NumberRow>(last, params![ticket, row.field]).await?.map_or(0, |row| row.number);
    let text = format!("INSERT INTO ticket_past ({COLUMNS}) VALUES ({})", placeholders(1, 13));
    tx.execute(&text, values(ticket, row, last + 1)).await.map(drop)
}

/// Removes the rows of a ticket, to be worked out anew.
pub(super) async fn delete(tx: &Tx, ticket: TicketId) -> Result<(), DbError> {
    tx.execute("DELETE FROM ticket_past WHERE ticket_id = $1", params![ticket]).await.map(drop)
}

/// How far the rows of old tickets are worked out, by insertion number.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Progress {
    pub done_to: i64,
    pub up_to: i64,
}

/// What is left to work out, if anything is.
pub(super) async fn left(sql: &impl Sql) -> Result<Option<Progress>, DbError> {
    let text = "SELECT done_to, up_to FROM ticket_rebuilds WHERE name = 'past' AND done_to < up_to";
    sql.one(text, vec![]).await
}

/// Notes how far the rows are worked out.
pub(super) async fn note_done(tx: &Tx, to: i64) -> Result<(), DbError> {
    tx.execute("UPDATE ticket_rebuilds SET done_to = $1 WHERE name = 'past'", params![to]).await.map(drop)
}

#[derive(FromRow)]
struct PlaceRow {
    id: Uuid,
    seq: i64,
}

/// The next old tickets with their insertion numbers.
pub(super) async fn next(sql: &impl Sql, left: Progress, limit: i64) -> Result<Vec<(TicketId, i64)>, DbError> {
    let text = "SELECT t.id, t.seq FROM tickets t WHERE t.seq > $1 AND t.seq <= $2 ORDER BY t.seq LIMIT $3";
    let rows: Vec<PlaceRow> = sql.all(text, params![left.done_to, left.up_to, limit]).await?;
    Ok(rows.into_iter().map(|row| (TicketId(row.id), row.seq)).collect())
}
