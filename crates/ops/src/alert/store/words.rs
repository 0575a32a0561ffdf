//! SQL of the words of alerts.

use platform::db::{FromRow, Sql, placeholder_rows};
use platform::{DbError, Tx, params};

use super::{AlertRow, CHUNK, COLUMNS};

/// A row of `alert_words`.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct WordsRow {
    pub alert_seq: i64,
    pub title: String,
    pub description: String,
    pub other: String,
}

/// Adds the words of alerts that have none. In statements of many rows on SQLite too: after each statement it writes
/// down what it gathered for the index.
pub async fn insert_words(tx: &Tx, rows: &[WordsRow]) -> Result<(), DbError> {
    for chunk in rows.chunks(CHUNK) {
        let values =
            chunk.iter().flat_map(|row| params![row.alert_seq, &row.title, &row.description, &row.other]).collect();
        let places = placeholder_rows(chunk.len(), 4);
        let text = format!("INSERT INTO alert_words (alert_seq, title, description, other) VALUES {places}");
        tx.execute(&text, values).await?;
    }
    Ok(())
}

/// Changes the words of an alert.
pub async fn update_words(tx: &Tx, row: &WordsRow) -> Result<(), DbError> {
    let sql = "UPDATE alert_words SET title = $2, description = $3, other = $4 WHERE alert_seq = $1";
    tx.execute(sql, params![row.alert_seq, row.title.clone(), row.description.clone(), row.other.clone()]).await?;
    Ok(())
}

/// Up to `limit` alerts without words, as those of an earlier version.
pub async fn list_without_words(sql: &impl Sql, limit: i64) -> Result<Vec<AlertRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM alert_words w WHERE w.alert_seq = a.seq) \
         ORDER BY a.seq LIMIT $1"
    );
    sql.all(&text, params![limit]).await
}
