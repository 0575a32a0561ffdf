//! Definitions: reading, putting into force, removing.

use kernel::{Action, Permission, Scope};
use platform::{App, Ctx, Lane, Sql};

use super::api::FieldDto;
use super::definition::{CustomerAccess, FieldBody};
use super::error::CustomFieldError;
use super::in_force::{Defined, in_force};
use super::{documents, store};

/// The definitions that a caller may see.
async fn seen(sql: &impl Sql, ctx: &Ctx) -> Result<Vec<Defined>, CustomFieldError> {
    let customer = matches!(ctx.scope, Scope::Customer(_));
    ctx.require(if customer { Permission::TicketsReadOwn } else { Permission::TicketsRead })?;
    let fields = in_force(sql).await?;
    let seen = fields.iter().filter(|field| !customer || field.body.customers != CustomerAccess::Hidden);
    Ok(seen.cloned().collect())
}

async fn dto(sql: &impl Sql, ctx: &Ctx, field: Defined) -> Result<FieldDto, CustomFieldError> {
    let needed = Permission::FieldsManage;
    let refusal = (!ctx.allows(needed)).then(|| format!("This needs the permission {}.", needed.as_str()));
    Ok(FieldDto {
        used: store::is_used(sql, &field.key).await?,
        key: field.key,
        version: field.version,
        definition: field.body,
        actions: vec![Action::new("edit", refusal.clone()), Action::new("delete", refusal)],
    })
}

/// All definitions that the caller may see, by name.
pub(super) async fn list(app: &App, ctx: &Ctx) -> Result<Vec<FieldDto>, CustomFieldError> {
    let sql = app.db.read();
    let mut all = Vec::new();
    for field in seen(&sql, ctx).await? {
        all.push(dto(&sql, ctx, field).await?);
    }
    Ok(all)
}

/// One definition.
pub(super) async fn find(app: &App, ctx: &Ctx, key: &str) -> Result<FieldDto, CustomFieldError> {
    let sql = app.db.read();
    let found = seen(&sql, ctx).await?.into_iter().find(|field| field.key == key);
    dto(&sql, ctx, found.ok_or(CustomFieldError::NotFound)?).await
}

/// Puts a definition into force.
pub(super) async fn put(
    app: &App,
    ctx: &Ctx,
    key: String,
    body: FieldBody,
    expected: Option<i64>,
) -> Result<(), CustomFieldError> {
    ctx.require(Permission::FieldsManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                documents::put_field(tx, &key, body, expected).await?;
                Ok(())
            })
        })
        .await
}

/// Takes a field away. Tickets show and find its values no more; they come back with it.
pub(super) async fn delete(app: &App, ctx: &Ctx, key: String, expected: Option<i64>) -> Result<(), CustomFieldError> {
    ctx.require(Permission::FieldsManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                if !in_force(&*tx).await?.iter().any(|field| field.key == key) {
                    return Err(CustomFieldError::NotFound);
                }
                documents::delete(tx, &key, expected).await?;
                Ok(())
            })
        })
        .await
}
