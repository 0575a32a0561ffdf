//! SQL of contacts and notification rules. Every statement names the person: nobody reaches another's contacts.

use domain::notify::Rules;
use jiff::Timestamp;
use kernel::{ContactId, PersonId};
use platform::db::FromRow;
use platform::{DbError, Sql, Tx, db::placeholders, params};
use uuid::Uuid;

use super::ContactKind;

/// A contact as stored.
#[derive(Clone, Debug, FromRow)]
pub struct ContactRow {
    pub id: Uuid,
    pub person_id: Uuid,
    pub kind: String,
    pub address: String,
    pub sealed: Option<String>,
    pub verified_at: Option<i64>,
    pub code_hash: Option<String>,
    pub code_expires_at: Option<i64>,
    pub code_attempts: i64,
    pub created_at: i64,
}

impl ContactRow {
    /// Mail or webhook.
    pub fn kind(&self) -> ContactKind {
        if self.kind == "webhook" { ContactKind::Webhook } else { ContactKind::Mail }
    }
}

/// Notification rules as stored.
#[derive(Clone, Debug, FromRow)]
pub struct RulesRow {
    pub person_id: Uuid,
    pub rules: serde_json::Value,
    pub version: i64,
}

impl RulesRow {
    /// The rules.
    pub fn rules(&self) -> Result<Rules, DbError> {
        serde_json::from_value(self.rules.clone())
            .map_err(|error| DbError::Corrupt(format!("notification rules: {error}")))
    }
}

const COLUMNS: &str =
    "id, person_id, kind, address, sealed, verified_at, code_hash, code_expires_at, code_attempts, created_at";

/// The contacts of a person, oldest first.
pub async fn list(sql: &impl Sql, person: PersonId) -> Result<Vec<ContactRow>, DbError> {
    sql.all(&format!("SELECT {COLUMNS} FROM contacts WHERE person_id = $1 ORDER BY seq"), params![person]).await
}

/// The contacts of these people, oldest first.
pub async fn list_of_people(sql: &impl Sql, people: &[PersonId]) -> Result<Vec<ContactRow>, DbError> {
    let list = placeholders(1, people.len());
    let params = people.iter().flat_map(|id| params![*id]).collect();
    sql.all(&format!("SELECT {COLUMNS} FROM contacts WHERE person_id IN ({list}) ORDER BY seq"), params).await
}

/// One contact of a person.
pub async fn find(sql: &impl Sql, person: PersonId, id: ContactId) -> Result<Option<ContactRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM contacts WHERE id = $1 AND person_id = $2");
    sql.one(&text, params![id, person]).await
}

/// One contact of a person, with the row locked.
pub async fn find_for_update(tx: &Tx, person: PersonId, id: ContactId) -> Result<Option<ContactRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM contacts WHERE id = $1 AND person_id = $2{}", tx.for_update());
    tx.one(&text, params![id, person]).await
}

/// A contact to store.
pub struct NewContact {
    pub id: ContactId,
    pub person: PersonId,
    pub kind: ContactKind,
    pub address: String,
    pub address_key: String,
    pub sealed: Option<String>,
    pub verified_at: Option<Timestamp>,
}

/// Stores a contact.
pub async fn insert(tx: &Tx, new: NewContact) -> Result<(), DbError> {
    let NewContact { id, person, kind, address, address_key, sealed, verified_at } = new;
    let text = "INSERT INTO contacts (id, person_id, kind, address, address_key, sealed, verified_at, code_attempts, \
                created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)";
    tx.execute(text, params![id, person, kind.as_str(), address, address_key, sealed, verified_at, tx.now()]).await?;
    Ok(())
}

/// The sealed address of a contact, whoever it belongs to; for those who page.
pub async fn find_sealed(sql: &impl Sql, id: ContactId) -> Result<Option<String>, DbError> {
    let row: Option<SealedRow> = sql.one("SELECT sealed FROM contacts WHERE id = $1", params![id]).await?;
    Ok(row.and_then(|row| row.sealed))
}

#[derive(FromRow)]
struct SealedRow {
    sealed: Option<String>,
}

/// Stores a fresh code, which makes an earlier one worthless.
pub async fn update_code(tx: &Tx, id: ContactId, code_hash: &str, until: Timestamp) -> Result<(), DbError> {
    let text = "UPDATE contacts SET code_hash = $2, code_expires_at = $3, code_attempts = 0 WHERE id = $1";
    tx.execute(text, params![id, code_hash, until]).await?;
    Ok(())
}

/// Counts a guess.
pub async fn count_guess(tx: &Tx, id: ContactId) -> Result<(), DbError> {
    tx.execute("UPDATE contacts SET code_attempts = code_attempts + 1 WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Marks a contact as verified; false when it was already or is gone.
pub async fn update_verified(tx: &Tx, id: ContactId) -> Result<bool, DbError> {
    let text = "UPDATE contacts SET verified_at = $2, code_hash = NULL, code_expires_at = NULL \
                WHERE id = $1 AND verified_at IS NULL";
    Ok(tx.execute(text, params![id, tx.now()]).await? == 1)
}

/// Removes a contact.
pub async fn delete(tx: &Tx, id: ContactId) -> Result<(), DbError> {
    tx.execute("DELETE FROM contacts WHERE id = $1", params![id]).await?;
    Ok(())
}

/// A person's notification rules.
pub async fn find_rules(sql: &impl Sql, person: PersonId) -> Result<Option<RulesRow>, DbError> {
    sql.one("SELECT person_id, rules, version FROM notification_rules WHERE person_id = $1", params![person]).await
}

/// Notification rules of these people; those without any have no row.
pub async fn list_rules(sql: &impl Sql, people: &[PersonId]) -> Result<Vec<RulesRow>, DbError> {
    let list = placeholders(1, people.len());
    let params = people.iter().flat_map(|id| params![*id]).collect();
    sql.all(&format!("SELECT person_id, rules, version FROM notification_rules WHERE person_id IN ({list})"), params)
        .await
}

/// Stores rules under the next version.
pub async fn put_rules(tx: &Tx, person: PersonId, rules: &Rules, version: i64) -> Result<(), DbError> {
    let rules = serde_json::to_value(rules).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let text = "INSERT INTO notification_rules (person_id, rules, version, updated_at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (person_id) DO UPDATE SET rules = excluded.rules, version = excluded.version, \
                updated_at = excluded.updated_at";
    tx.execute(text, params![person, rules, version, tx.now()]).await?;
    Ok(())
}
