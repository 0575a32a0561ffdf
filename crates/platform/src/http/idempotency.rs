//! Idempotency keys: per principal and operation, with the hash of the request, stored with the change.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    db::{DbError, FromRow, Sql, Tx},
    params,
};

/// `Idempotency-Key` of a request.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub(crate) principal: String,
    pub(crate) key: String,
    pub(crate) request_hash: String,
}

impl IdempotencyKey {
    /// Binds the key to a content that the body's hash does not cover, such as a file of a form.
    #[must_use]
    pub fn bound_to(mut self, content: &str) -> Self {
        self.request_hash = crate::secret::hash_token(&format!("{} {content}", self.request_hash));
        self
    }
}

#[derive(FromRow)]
struct Row {
    request_hash: String,
    answer: Value,
}

/// The answer given before to the same request.
pub(crate) async fn find<T: DeserializeOwned>(
    tx: &Tx,
    key: &IdempotencyKey,
    operation: &str,
) -> Result<Option<T>, DbError> {
    let sql = "SELECT request_hash, answer FROM idempotency WHERE principal = $1 AND key = $2 AND operation = $3";
    let row: Option<Row> = tx.one(sql, params![&key.principal, &key.key, operation]).await?;
    match row {
        None => Ok(None),
        Some(row) if row.request_hash != key.request_hash => Err(DbError::IdempotencyMismatch),
        Some(row) => serde_json::from_value(row.answer).map(Some).map_err(|error| DbError::Corrupt(error.to_string())),
    }
}

/// Keeps an answer. A request that runs at the same moment fails on the key, is rolled back, and finds it when repeated.
pub(crate) async fn store(tx: &Tx, key: &IdempotencyKey, operation: &str, answer: Value) -> Result<(), DbError> {
    let sql =
        "INSERT INTO idempotency (principal, key, operation, request_hash, answer, at) VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(sql, params![&key.principal, &key.key, operation, &key.request_hash, answer, tx.now()]).await.map(drop)
}
