//! The words of tickets for full text, in the table that its index follows.
//!
//! **Invariants**
//! - A ticket's words change in the transaction that changes its texts.
//! - Words of custom fields are marked, so that they are no words of comments, and stand with those that only agents
//!   search.

use domain::query::indexed;
use kernel::TicketId;
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};
use uuid::Uuid;

use super::record::Ticket;
use crate::field::{self, Values};

/// A word between two comments that nobody looks for, so that no phrase reaches from one into the next.
const BETWEEN: &str = "\u{a015}\u{a015}";

/// What stands in front of each word of a custom field.
pub(crate) const MARK: char = '\u{a015}';

/// The words of custom fields that hold texts.
async fn of_fields(tx: &Tx, values: &Values) -> Result<String, DbError> {
    if values.is_empty() {
        return Ok(String::new());
    }
    let fields = field::in_force(tx).await?;
    let texts = fields.iter().filter(|field| field.body.kind.is_free_text());
    let texts = texts.filter_map(|field| values.get(&field.key)?.as_str());
    let all = indexed(&texts.collect::<Vec<_>>().join(&format!(" {BETWEEN} ")));
    let words = all.split(' ').filter(|word| !word.is_empty());
    Ok(words.map(|word| format!("{MARK}{word}")).collect::<Vec<_>>().join(" "))
}

/// Notes the words of a new ticket.
pub(super) async fn insert(tx: &Tx, ticket: &Ticket) -> Result<(), DbError> {
    let fields = of_fields(tx, &ticket.fields).await?;
    tx.execute(
        "INSERT INTO ticket_words (ticket_seq, summary, description, public_comments, internal_comments) \
         SELECT seq, $2, $3, '', $4 FROM tickets WHERE id = $1",
        params![ticket.id, indexed(&ticket.summary), indexed(&ticket.description), fields],
    )
    .await?;
    Ok(())
}

/// Notes the words of a ticket whose summary or description changed.
pub(super) async fn update(tx: &Tx, ticket: &Ticket) -> Result<(), DbError> {
    tx.execute(
        "UPDATE ticket_words SET summary = $2, description = $3 \
         WHERE ticket_seq = (SELECT seq FROM tickets WHERE id = $1)",
        params![ticket.id, indexed(&ticket.summary), indexed(&ticket.description)],
    )
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct FieldsRow {
    fields: serde_json::Value,
}

#[derive(FromRow)]
struct CommentRow {
    visibility: String,
    body: String,
}

/// Notes the words of all comments and custom fields of a ticket, after one was added or changed.
pub(crate) async fn update_comments(tx: &Tx, ticket: TicketId) -> Result<(), DbError> {
    let (public, internal) = of_comments(tx, ticket.0).await?;
    tx.execute(
        "UPDATE ticket_words SET public_comments = $2, internal_comments = $3 \
         WHERE ticket_seq = (SELECT seq FROM tickets WHERE id = $1)",
        params![ticket, public, internal],
    )
    .await?;
    Ok(())
}

async fn of_comments(tx: &Tx, ticket: Uuid) -> Result<(String, String), DbError> {
    let text = "SELECT visibility, body FROM ticket_comments WHERE ticket_id = $1 ORDER BY seq DESC";
    let comments = tx.all::<CommentRow>(text, params![ticket]).await?;
    let row = tx.one::<FieldsRow>("SELECT fields FROM tickets WHERE id = $1", params![ticket]).await?;
    let values = row.and_then(|row| serde_json::from_value(row.fields).ok()).unwrap_or_default();
    let fields = of_fields(tx, &values).await?;
    let joined = |public: bool| {
        let bodies = comments.iter().filter(|comment| (comment.visibility == "public") == public);
        let bodies: Vec<&str> = bodies.map(|comment| comment.body.as_str()).collect();
        indexed(&bodies.join(&format!(" {BETWEEN} ")))
    };
    let internal = if fields.is_empty() { joined(false) } else { format!("{fields} {BETWEEN} {}", joined(false)) };
    Ok((joined(true), internal))
}

#[derive(FromRow)]
struct Unindexed {
    seq: i64,
    id: Uuid,
    summary: String,
    description: String,
}

/// Notes the words of up to `limit` tickets that have none yet, as those of an earlier version; gives how many.
pub(crate) async fn catch_up(tx: &Tx, limit: i64) -> Result<usize, DbError> {
    let text = "SELECT t.seq, t.id, t.summary, t.description FROM tickets t \
                WHERE NOT EXISTS (SELECT 1 FROM ticket_words w WHERE w.ticket_seq = t.seq) ORDER BY t.seq LIMIT $1";
    let rows = tx.all::<Unindexed>(text, params![limit]).await?;
    for row in &rows {
        let (public, internal) = of_comments(tx, row.id).await?;
        let insert = "INSERT INTO ticket_words (ticket_seq, summary, description, public_comments, internal_comments) \
                      VALUES ($1, $2, $3, $4, $5)";
        let values = params![row.seq, indexed(&row.summary), indexed(&row.description), public, internal];
        tx.execute(insert, values).await?;
    }
    Ok(rows.len())
}
