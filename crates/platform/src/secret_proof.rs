//! Whether the vault key is the one under which this database's secrets were sealed.
//!
//! The first start seals a known text and keeps it; every later start opens it. A wrong key is then found before
//! anything is sealed under it.

use crate::{
    auth::Ctx,
    db::{Db, DbError, FromRow, Lane, Sql},
    params,
    secret::Vault,
};

const KNOWN: &[u8] = b"bridgewatch";

#[derive(FromRow)]
struct ProofRow {
    sealed: String,
}

/// What the stored proof says about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is the right key.
    Right,
    /// It is another key.
    Wrong,
    /// Nothing was proved yet.
    None,
}

/// Looks whether the key opens what was sealed at the first start.
///
/// # Errors
/// When the database fails.
pub async fn look(sql: &impl Sql, vault: &Vault) -> Result<Proof, DbError> {
    let row: Option<ProofRow> = sql.one("SELECT sealed FROM vault_proof WHERE id = 1", vec![]).await?;
    Ok(match row {
        None => Proof::None,
        Some(row) if vault.open(&row.sealed).is_ok_and(|text| text == KNOWN) => Proof::Right,
        Some(_) => Proof::Wrong,
    })
}

/// As [`look`], and keeps the proof at the first start.
///
/// # Errors
/// When the database fails.
pub async fn ensure(db: &Db, vault: &Vault) -> Result<Proof, DbError> {
    let found = look(&db.read(), vault).await?;
    if found != Proof::None {
        return Ok(found);
    }
    let sealed = vault.seal(KNOWN).map_err(|_| DbError::Corrupt("the vault cannot seal".to_owned()))?;
    db.write::<(), DbError, _>(&Ctx::system("vault"), Lane::Front, move |tx| {
        Box::pin(async move {
            let text = "INSERT INTO vault_proof (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
            tx.execute(text, params![sealed]).await.map(drop)
        })
    })
    .await?;
    look(&db.read(), vault).await
}
