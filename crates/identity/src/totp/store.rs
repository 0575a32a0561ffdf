//! SQL of the second factor.

use kernel::PersonId;
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, params};

/// A second factor as stored.
#[derive(Clone, Debug, FromRow)]
pub struct TotpRow {
    pub secret_sealed: String,
    pub confirmed_at: Option<i64>,
}

/// A person's second factor, with the row locked.
pub async fn find_for_update(tx: &Tx, person: PersonId) -> Result<Option<TotpRow>, DbError> {
    let text = format!("SELECT secret_sealed, confirmed_at FROM totp WHERE person_id = $1{}", tx.for_update());
    tx.one(&text, params![person]).await
}

/// Stores an unconfirmed secret in place of an earlier one.
pub async fn put_unconfirmed(tx: &Tx, person: PersonId, sealed: &str) -> Result<(), DbError> {
    let text = "INSERT INTO totp (person_id, secret_sealed, confirmed_at, last_step, created_at) VALUES ($1, $2, NULL, 0, $3) \
                ON CONFLICT (person_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, confirmed_at = NULL, \
                last_step = 0, created_at = excluded.created_at";
    tx.execute(text, params![person, sealed, tx.now()]).await?;
    Ok(())
}

/// Switches it on.
pub async fn update_confirmed(tx: &Tx, person: PersonId, step: i64) -> Result<(), DbError> {
    let text = "UPDATE totp SET confirmed_at = $2, last_step = $3 WHERE person_id = $1";
    tx.execute(text, params![person, tx.now(), step]).await?;
    Ok(())
}

/// Uses a time step up; false when it or a later one was used already.
pub async fn use_step(tx: &Tx, person: PersonId, step: i64) -> Result<bool, DbError> {
    let text = "UPDATE totp SET last_step = $2 WHERE person_id = $1 AND last_step < $2";
    Ok(tx.execute(text, params![person, step]).await? == 1)
}

/// Stores a recovery code.
pub async fn insert_recovery(tx: &Tx, person: PersonId, hash: &str) -> Result<(), DbError> {
    tx.execute("INSERT INTO recovery_codes (person_id, code_hash) VALUES ($1, $2)", params![person, hash]).await?;
    Ok(())
}

/// Uses a recovery code up; false when there is none such unused.
pub async fn use_recovery(tx: &Tx, person: PersonId, hash: &str) -> Result<bool, DbError> {
    let text = "UPDATE recovery_codes SET used_at = $3 WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL";
    Ok(tx.execute(text, params![person, hash, tx.now()]).await? == 1)
}

/// Removes the recovery codes.
pub async fn delete_recovery(tx: &Tx, person: PersonId) -> Result<(), DbError> {
    tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", params![person]).await?;
    Ok(())
}

/// Removes the second factor and its recovery codes.
pub async fn delete(tx: &Tx, person: PersonId) -> Result<(), DbError> {
    delete_recovery(tx, person).await?;
    tx.execute("DELETE FROM totp WHERE person_id = $1", params![person]).await?;
    Ok(())
}
