//! Routes of the caller's contacts and notification rules.

use axum::extract::State;
use domain::notify::Rules;
use http::StatusCode;
use kernel::ContactId;
use platform::{
    ApiError, App, Caller,
    http::{IfMatch, Json, Path, Versioned},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{AddContact, Contact, Contacts, NotificationRules, PutNotificationRules, VerifyContact},
    service,
};

/// All of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_contacts, add_contact))
        .routes(routes!(remove_contact))
        .routes(routes!(verify_contact))
        .routes(routes!(send_contact_code))
        .routes(routes!(test_contact))
        .routes(routes!(get_notification_rules, put_notification_rules))
}

/// The caller's contacts, oldest first.
#[utoipa::path(get, path = "/api/v1/me/contacts", tag = "me",
    responses((status = 200, body = Contacts)), security(("session" = []), ("token" = [])))]
async fn list_contacts(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Contacts>, ApiError> {
    let items = service::list(&app, &ctx).await?.into_iter().map(Contact::from).collect();
    Ok(Json(Contacts { items }))
}

/// Adds a contact. A mail address is sent a code; a webhook is verified once it answers a test post.
#[utoipa::path(post, path = "/api/v1/me/contacts", tag = "me", request_body = AddContact,
    responses((status = 201, body = Contact)), security(("session" = []), ("token" = [])))]
async fn add_contact(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<AddContact>,
) -> Result<(StatusCode, Json<Contact>), ApiError> {
    let id = service::add(&app, &ctx, body.kind, &body.address).await?;
    Ok((StatusCode::CREATED, Json(service::get(&app, &ctx, id).await?.into())))
}

/// Removes a contact that no notification rule uses.
#[utoipa::path(delete, path = "/api/v1/me/contacts/{id}", tag = "me", params(("id" = ContactId, Path)),
    responses((status = 204)), security(("session" = []), ("token" = [])))]
async fn remove_contact(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, ApiError> {
    service::remove(&app, &ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Verifies a mail contact by the code that was mailed to it.
#[utoipa::path(post, path = "/api/v1/me/contacts/{id}/verify", tag = "me", params(("id" = ContactId, Path)), request_body = VerifyContact,
    responses((status = 200, body = Contact)), security(("session" = []), ("token" = [])))]
async fn verify_contact(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ContactId>,
    Json(body): Json<VerifyContact>,
) -> Result<Json<Contact>, ApiError> {
    service::verify(&app, &ctx, id, &body.code).await?;
    Ok(Json(service::get(&app, &ctx, id).await?.into()))
}

/// Mails the code again, or posts the test to a webhook again.
#[utoipa::path(post, path = "/api/v1/me/contacts/{id}/send-code", tag = "me", params(("id" = ContactId, Path)),
    responses((status = 202)), security(("session" = []), ("token" = [])))]
async fn send_contact_code(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, ApiError> {
    service::send_code(&app, &ctx, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sends a test message to a verified contact.
#[utoipa::path(post, path = "/api/v1/me/contacts/{id}/test", tag = "me", params(("id" = ContactId, Path)),
    responses((status = 202)), security(("session" = []), ("token" = [])))]
async fn test_contact(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, ApiError> {
    service::test(&app, &ctx, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// How the caller wants to be notified.
#[utoipa::path(get, path = "/api/v1/me/notification-rules", tag = "me",
    responses((status = 200, body = NotificationRules)), security(("session" = []), ("token" = [])))]
async fn get_notification_rules(
    State(app): State<App>,
    Caller(ctx): Caller,
) -> Result<Versioned<NotificationRules>, ApiError> {
    let rules = NotificationRules::of(service::rules(&app, &ctx).await?);
    let version = rules.version;
    Ok(Versioned(rules, version))
}

/// Replaces the caller's notification rules.
#[utoipa::path(put, path = "/api/v1/me/notification-rules", tag = "me", request_body = PutNotificationRules,
    responses((status = 200, body = NotificationRules)), security(("session" = []), ("token" = [])))]
async fn put_notification_rules(
    State(app): State<App>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(body): Json<PutNotificationRules>,
) -> Result<Versioned<NotificationRules>, ApiError> {
    let rules = Rules { steps: body.steps, quiet_hours: body.quiet_hours };
    service::set_rules(&app, &ctx, rules, expected.or(body.version)).await?;
    let rules = NotificationRules::of(service::rules(&app, &ctx).await?);
    let version = rules.version;
    Ok(Versioned(rules, version))
}
