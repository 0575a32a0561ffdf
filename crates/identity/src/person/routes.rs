//! Routes of people, invitations and the caller's own profile.

use axum::extract::State;
use http::StatusCode;
use kernel::{Page, PersonId};
use platform::{
    ApiError, App, Caller, Ctx,
    http::{IfMatch, Json, PageQuery, Path, Query, Versioned},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{AcceptInvitation, Invitation, InvitePerson, Me, PatchMe, PatchPerson, PeopleQuery, Person},
    service,
    store::Filter,
};
use crate::session::{Browser, api::Session, routes::SignedIn};

/// All of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_me, change_me))
        .routes(routes!(list_people))
        .routes(routes!(invite_person))
        .merge(super::import::routes())
        .routes(routes!(get_person, change_person))
        .routes(routes!(invite_person_again))
        .routes(routes!(get_invitation, accept_invitation))
}

/// The caller.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, body = Me)), security(("session" = []), ("token" = [])))]
async fn get_me(State(app): State<App>, Caller(ctx): Caller) -> Result<Versioned<Me>, ApiError> {
    shown_me(&app, &ctx).await
}

/// Changes the caller's own settings.
#[utoipa::path(patch, path = "/api/v1/me", tag = "me", request_body = PatchMe,
    responses((status = 200, body = Me)), security(("session" = []), ("token" = [])))]
async fn change_me(
    State(app): State<App>,
    Caller(ctx): Caller,
    IfMatch(expected): IfMatch,
    Json(body): Json<PatchMe>,
) -> Result<Versioned<Me>, ApiError> {
    service::change_me(&app, &ctx, body.into(), expected).await?;
    shown_me(&app, &ctx).await
}

async fn shown_me(app: &App, ctx: &Ctx) -> Result<Versioned<Me>, ApiError> {
    let me = Me::of(service::me(app, ctx).await?);
    let version = me.version;
    Ok(Versioned(me, version))
}

/// People, newest first.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(PeopleQuery, PageQuery),
    responses((status = 200, body = Page<Person>)), security(("session" = []), ("token" = [])))]
async fn list_people(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<PeopleQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let filter =
        Filter { query: filter.query.filter(|text| !text.trim().is_empty()), role: filter.role, team: filter.team };
    let found = service::list(&app, &ctx, &filter, &page.request()?).await?;
    let items = found.items.into_iter().map(|person| Person::of(&ctx, person)).collect();
    Ok(Json(Page { items, next: found.next }))
}

/// Invites somebody by mail.
#[utoipa::path(post, path = "/api/v1/people/invitations", tag = "people", request_body = InvitePerson,
    responses((status = 201, body = Person)), security(("session" = []), ("token" = [])))]
async fn invite_person(
    State(app): State<App>,
    Caller(ctx): Caller,
    Json(body): Json<InvitePerson>,
) -> Result<(StatusCode, Versioned<Person>), ApiError> {
    let (new, teams) = body.split();
    let id = service::invite(&app, &ctx, new, teams).await?;
    Ok((StatusCode::CREATED, shown(&app, &ctx, id).await?))
}

/// One person.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people", params(("id" = PersonId, Path)),
    responses((status = 200, body = Person)), security(("session" = []), ("token" = [])))]
async fn get_person(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<PersonId>,
) -> Result<Versioned<Person>, ApiError> {
    shown(&app, &ctx, id).await
}

/// Changes a person. Disabling an account ends its sessions.
#[utoipa::path(patch, path = "/api/v1/people/{id}", tag = "people", params(("id" = PersonId, Path)), request_body = PatchPerson,
    responses((status = 200, body = Person)), security(("session" = []), ("token" = [])))]
async fn change_person(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<PersonId>,
    IfMatch(expected): IfMatch,
    Json(body): Json<PatchPerson>,
) -> Result<Versioned<Person>, ApiError> {
    service::change(&app, &ctx, id, body.into(), expected).await?;
    shown(&app, &ctx, id).await
}

/// Mails the invitation again, with a new link.
#[utoipa::path(post, path = "/api/v1/people/{id}/invitation", tag = "people", params(("id" = PersonId, Path)),
    responses((status = 202)), security(("session" = []), ("token" = [])))]
async fn invite_person_again(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, ApiError> {
    service::invite_again(&app, &ctx, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whom an invitation is for.
#[utoipa::path(get, path = "/api/v1/invitations/{token}", tag = "session", params(("token" = String, Path)),
    responses((status = 200, body = Invitation)), security(()))]
async fn get_invitation(State(app): State<App>, Path(token): Path<String>) -> Result<Json<Invitation>, ApiError> {
    let person = service::find_invitation(&app, &token).await?;
    Ok(Json(Invitation { email: person.email, name: person.name }))
}

/// Accepts an invitation and signs the person in.
#[utoipa::path(post, path = "/api/v1/invitations/{token}", tag = "session", params(("token" = String, Path)), request_body = AcceptInvitation,
    responses((status = 200, body = Session)), security(()))]
async fn accept_invitation(
    State(app): State<App>,
    browser: Browser,
    Path(token): Path<String>,
    Json(body): Json<AcceptInvitation>,
) -> Result<SignedIn, ApiError> {
    let opened = service::accept_invitation(&app, browser, token, &body.name, body.password).await?;
    SignedIn::of(&app, opened).await
}

async fn shown(app: &App, ctx: &Ctx, id: PersonId) -> Result<Versioned<Person>, ApiError> {
    let person = Person::of(ctx, service::get(app, ctx, id).await?);
    let version = person.version;
    Ok(Versioned(person, version))
}
