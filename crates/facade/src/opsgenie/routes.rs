//! The paths under `/v2/alerts`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post, put};
use domain::alert::fit_alias;
use domain::priority::Priority;
use http::StatusCode;
use kernel::{PageRequest, PersonId};
use ops::alert::Verb;
use ops::alert::api::Alert;
use ops::alert::search::{AlertFilter, Order, SortKey};
use ops::alert::service::{self as alerts, AlertKey};
use platform::App;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;

use super::answer::{self, GenieError};
use super::body::{CreateAlert, Recipient, VerbBody, read, texts};
use super::caller::GenieCaller;
use super::service::{self, Identifier, Wanted, change_of};
use super::view::{self, Mails};

/// Bytes of a body.
const BODY_LIMIT: usize = 1024 * 1024;
/// Alerts beyond this offset are not listed.
const OFFSET_MOST: i64 = 20_000;

type Answer = Result<Response, GenieError>;

/// The routes. They stand outside the description of our own API: their description is Opsgenie's.
pub fn routes() -> OpenApiRouter<App> {
    let router: Router<App> = Router::new()
        .route("/v2/alerts", get(list).post(create))
        .route("/v2/alerts/count", get(count))
        .route("/v2/alerts/requests/{id}", get(request))
        .route("/v2/alerts/{alert}", get(show))
        .route("/v2/alerts/{alert}/acknowledge", post(acknowledge))
        .route("/v2/alerts/{alert}/unacknowledge", post(unacknowledge))
        .route("/v2/alerts/{alert}/close", post(close))
        .route("/v2/alerts/{alert}/snooze", post(snooze))
        .route("/v2/alerts/{alert}/escalate", post(escalate))
        .route("/v2/alerts/{alert}/assign", post(assign))
        .route("/v2/alerts/{alert}/responders", post(add_responder))
        .route("/v2/alerts/{alert}/teams", post(add_team))
        .route("/v2/alerts/{alert}/notes", post(add_note).get(list_notes))
        .route("/v2/alerts/{alert}/logs", get(list_logs))
        .route("/v2/alerts/{alert}/tags", post(add_tags).delete(remove_tags))
        .route("/v2/alerts/{alert}/details", post(add_details).delete(remove_details))
        .route("/v2/alerts/{alert}/message", put(change_message))
        .route("/v2/alerts/{alert}/description", put(change_description))
        .route("/v2/alerts/{alert}/priority", put(change_priority))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    OpenApiRouter::from(router)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Naming {
    identifier_type: Option<String>,
    /// Of tags to take away, separated by commas.
    tags: Option<String>,
    /// Of details to take away, separated by commas.
    keys: Option<String>,
    user: Option<String>,
    note: Option<String>,
    source: Option<String>,
    limit: Option<u32>,
    offset: Option<String>,
}

impl Naming {
    fn identifier(&self, text: String) -> Result<Identifier, GenieError> {
        match self.identifier_type.as_deref() {
            None | Some("id" | "") => Ok(Identifier::Id(text)),
            Some("alias") => Ok(Identifier::Alias(text)),
            Some("tiny") => Ok(Identifier::Tiny(text)),
            Some(_) => {
                Err(GenieError::new(StatusCode::BAD_REQUEST, "Identifier type should be one of [id, alias, tiny]"))
            }
        }
    }

    fn body(&self) -> VerbBody {
        VerbBody {
            user: self.user.clone(),
            note: self.note.clone(),
            source: self.source.clone(),
            ..VerbBody::default()
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Listing {
    query: Option<String>,
    limit: Option<i64>,
    offset: Option<i64>,
    sort: Option<String>,
    order: Option<String>,
}

fn filter(query: Option<&str>) -> Result<AlertFilter, GenieError> {
    let query = query.map(AlertFilter::query).transpose()?;
    Ok(AlertFilter { query, ..AlertFilter::default() })
}

impl Listing {
    fn order(&self) -> Result<Order, GenieError> {
        let key = match self.sort.as_deref() {
            None | Some("" | "createdAt") => SortKey::CreatedAt,
            Some("updatedAt") => SortKey::UpdatedAt,
            Some("lastOccurredAt") => SortKey::LastOccurredAt,
            Some("tinyId") => SortKey::Number,
            Some("alias") => SortKey::Alias,
            Some("message") => SortKey::Message,
            Some("status") => SortKey::Status,
            Some("acknowledged") => SortKey::Acknowledged,
            Some("isSeen") => SortKey::Seen,
            Some("snoozed" | "snoozedUntil") => SortKey::SnoozedUntil,
            Some("count") => SortKey::Count,
            Some("source") => SortKey::Source,
            Some("owner") => SortKey::Owner,
            Some(other) => {
                return Err(GenieError::new(StatusCode::BAD_REQUEST, format!("Alerts can not be sorted by {other}")));
            }
        };
        Ok(Order { key, descending: self.order.as_deref() != Some("asc") })
    }
}

async fn create(State(app): State<App>, caller: GenieCaller, body: Bytes) -> Answer {
    let body: CreateAlert = read(&body)?;
    let id = service::create(&app, &caller, body).await?;
    Ok(answer::accepted(id, caller.began, app.now()))
}

async fn list(State(app): State<App>, caller: GenieCaller, Query(listing): Query<Listing>) -> Answer {
    let (offset, limit) = (listing.offset.unwrap_or(0).max(0), listing.limit.unwrap_or(20).clamp(1, 100));
    if offset + limit > OFFSET_MOST {
        return Err(GenieError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Sum of offset and limit should be lower than 20000",
        ));
    }
    let filter = filter(listing.query.as_deref())?;
    let total = alerts::count(&app, &caller.ctx, filter.clone()).await?;
    let found = alerts::list_at(&app, &caller.ctx, filter, listing.order()?, offset, limit).await?;
    let mails = Mails::of(&app, &caller.ctx, &found).await?;
    let data: Vec<Value> = found.iter().map(|alert| view::alert(alert, &mails, false)).collect();
    let paging = paging(&app, &listing, offset, limit, total);
    Ok(answer::data(json!(data), Some(paging), caller.began, app.now()))
}

fn paging(app: &App, listing: &Listing, offset: i64, limit: i64, total: i64) -> Value {
    let link = |offset: i64| {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("limit", &limit.to_string());
        pairs.append_pair("sort", listing.sort.as_deref().unwrap_or("createdAt"));
        pairs.append_pair("offset", &offset.to_string());
        pairs.append_pair("order", listing.order.as_deref().unwrap_or("desc"));
        if let Some(query) = &listing.query {
            pairs.append_pair("query", query);
        }
        app.url(&format!("/v2/alerts?{}", pairs.finish()))
    };
    let last = if total == 0 { 0 } else { (total - 1) / limit * limit };
    let mut paging = json!({"first": link(0), "last": link(last)});
    if let Value::Object(paging) = &mut paging {
        if offset > 0 {
            paging.insert("prev".to_owned(), json!(link((offset - limit).max(0))));
        }
        if offset + limit < total {
            paging.insert("next".to_owned(), json!(link(offset + limit)));
        }
    }
    paging
}

async fn count(State(app): State<App>, caller: GenieCaller, Query(listing): Query<Listing>) -> Answer {
    let count = alerts::count(&app, &caller.ctx, filter(listing.query.as_deref())?).await?;
    Ok(answer::data(json!({ "count": count }), None, caller.began, app.now()))
}

async fn request(State(app): State<App>, caller: GenieCaller, Path(id): Path<String>) -> Answer {
    let found = match id.parse() {
        Ok(id) => super::store::find_request(&app.db.read(), &caller.ctx.actor, id).await?,
        Err(_) => None,
    };
    let row = found
        .ok_or_else(|| GenieError::new(StatusCode::NOT_FOUND, "Request not found. It might not be processed, yet."))?;
    Ok(answer::data(view::request(&row), None, caller.began, app.now()))
}

async fn find(app: &App, caller: &GenieCaller, naming: &Naming, text: String) -> Result<Alert, GenieError> {
    let key = match naming.identifier(text)? {
        Identifier::Id(text) => text.parse().map(AlertKey::Id).map_err(|_| GenieError::no_alert())?,
        Identifier::Alias(alias) => AlertKey::Alias(fit_alias(&alias)),
        Identifier::Tiny(text) => text.parse().map(AlertKey::Number).map_err(|_| GenieError::no_alert())?,
    };
    let row = alerts::find_row(app, &caller.ctx, &key).await?.ok_or_else(GenieError::no_alert)?;
    Ok(alerts::get(app, &caller.ctx, row.id.into()).await?)
}

async fn show(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
) -> Answer {
    let alert = find(&app, &caller, &naming, text).await?;
    let mails = Mails::of(&app, &caller.ctx, std::slice::from_ref(&alert)).await?;
    Ok(answer::data(view::alert(&alert, &mails, true), None, caller.began, app.now()))
}

/// Runs one verb, with what the body says about who asked for it.
async fn verb(app: App, caller: GenieCaller, text: String, naming: Naming, body: VerbBody, wanted: Wanted) -> Answer {
    let identifier = naming.identifier(text)?;
    let change = change_of(&body);
    let id = service::run(&app, &caller, identifier, wanted, change).await?;
    Ok(answer::accepted(id, caller.began, app.now()))
}

fn wanted(verb: Verb, action: &'static str, done: &'static str) -> Wanted {
    Wanted { verbs: vec![verb], action, done }
}

async fn acknowledge(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let body = read(&body)?;
    verb(app, caller, text, naming, body, wanted(Verb::Acknowledge, "Acknowledge", "Alert acknowledged")).await
}

async fn unacknowledge(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let body = read(&body)?;
    verb(app, caller, text, naming, body, wanted(Verb::Unacknowledge, "UnAcknowledge", "Alert unacknowledged")).await
}

async fn close(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let body = read(&body)?;
    verb(app, caller, text, naming, body, wanted(Verb::Close, "Close", "Alert closed")).await
}

async fn snooze(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let body: VerbBody = read(&body)?;
    let end = body.end_time.as_deref().unwrap_or_default();
    let until = end.parse().map_err(|_| GenieError::field("endTime", "End time should be an ISO 8601 instant."))?;
    verb(app, caller, text, naming, body, wanted(Verb::Snooze(until), "Snooze", "Alert snoozed")).await
}

/// Somebody that a verb needs; one that is not known fails the request, not the call.
async fn recipient(
    app: &App,
    recipient: Option<Recipient>,
    kind: Option<&str>,
    field: &str,
) -> Result<(Recipient, Option<ops::alert::Responder>), GenieError> {
    let recipient = recipient.ok_or_else(|| GenieError::field(field, "Can not be empty."))?;
    let recipient = Recipient { kind: kind.map(str::to_owned).or(recipient.kind), ..recipient };
    let found = service::responder(app, &recipient).await?;
    Ok((recipient, found))
}

async fn add(
    app: App,
    caller: GenieCaller,
    identifier: Identifier,
    body: VerbBody,
    somebody: (Recipient, Option<ops::alert::Responder>),
    action: &'static str,
    then: Option<Verb>,
) -> Answer {
    let (named, found) = somebody;
    let id = match found {
        Some(found) => {
            let mut verbs = vec![Verb::AddResponder(found.kind, found.id, service::named(&named))];
            verbs.extend(then);
            let wanted = Wanted { verbs, action, done: "Responder added" };
            service::run(&app, &caller, identifier, wanted, change_of(&body)).await?
        }
        None => {
            let why = format!("{} is not known here", service::named(&named));
            service::record_failure(&app, &caller, identifier, action, why).await?
        }
    };
    Ok(answer::accepted(id, caller.began, app.now()))
}

async fn escalate(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let somebody = recipient(&app, body.escalation.take(), Some("escalation"), "escalation").await?;
    add(app, caller, naming.identifier(text)?, body, somebody, "EscalateToNext", Some(Verb::Escalate)).await
}

async fn add_responder(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let somebody = recipient(&app, body.responder.take(), None, "responder").await?;
    add(app, caller, naming.identifier(text)?, body, somebody, "AddResponder", None).await
}

async fn add_team(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let somebody = recipient(&app, body.team.take(), Some("team"), "team").await?;
    add(app, caller, naming.identifier(text)?, body, somebody, "AddTeam", None).await
}

async fn assign(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let (named, found) = recipient(&app, body.owner.take(), Some("user"), "owner").await?;
    let Some(owner) = found else {
        let why = format!("{} is not known here", service::named(&named));
        let id = service::record_failure(&app, &caller, naming.identifier(text)?, "Assign", why).await?;
        return Ok(answer::accepted(id, caller.began, app.now()));
    };
    let assign = Verb::Assign(PersonId(owner.id), service::named(&named));
    verb(app, caller, text, naming, body, wanted(assign, "Assign", "Alert assigned")).await
}

async fn add_note(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let note = body.note.take().filter(|note| !note.trim().is_empty());
    let note = note.ok_or_else(|| GenieError::field("note", "Note can not be empty."))?;
    let add = Verb::AddNote(domain::alert::fit_note(&note));
    verb(app, caller, text, naming, body, wanted(add, "AddNote", "Note added")).await
}

async fn add_tags(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let tags = body.tags.take().ok_or_else(|| GenieError::field("tags", "Tags can not be empty."))?;
    verb(app, caller, text, naming, body, wanted(Verb::AddFittingTags(tags), "AddTags", "Tags added")).await
}

fn separated(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

async fn remove_tags(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
) -> Answer {
    let remove = Verb::RemoveTags(separated(naming.tags.as_deref()));
    let body = naming.body();
    verb(app, caller, text, naming, body, wanted(remove, "RemoveTags", "Tags removed")).await
}

async fn add_details(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let details = body.details.take().ok_or_else(|| GenieError::field("details", "Details can not be empty."))?;
    let add = Verb::AddFittingDetails(texts(details));
    verb(app, caller, text, naming, body, wanted(add, "AddDetails", "Details added")).await
}

async fn remove_details(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
) -> Answer {
    let remove = Verb::RemoveDetails(separated(naming.keys.as_deref()));
    let body = naming.body();
    verb(app, caller, text, naming, body, wanted(remove, "RemoveDetails", "Details removed")).await
}

async fn change_message(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let change = Verb::ChangeMessage(service::message(body.message.take())?);
    verb(app, caller, text, naming, body, wanted(change, "UpdateMessage", "Message updated")).await
}

async fn change_description(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let mut body: VerbBody = read(&body)?;
    let change = Verb::ChangeDescription(service::description(body.description.take()));
    verb(app, caller, text, naming, body, wanted(change, "UpdateDescription", "Description updated")).await
}

async fn change_priority(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
    body: Bytes,
) -> Answer {
    let body: VerbBody = read(&body)?;
    let priority = body.priority.as_deref().and_then(Priority::parse);
    let priority =
        priority.ok_or_else(|| GenieError::field("priority", "Priority should be one of [ P1, P2, P3, P4, P5 ]"))?;
    verb(app, caller, text, naming, body, wanted(Verb::ChangePriority(priority), "UpdatePriority", "Priority updated"))
        .await
}

fn page(naming: &Naming) -> PageRequest {
    let before = naming.offset.as_deref().and_then(|offset| offset.parse().ok());
    PageRequest { before, ..PageRequest::first(naming.limit.unwrap_or(100).min(100)) }
}

fn pages(app: &App, text: &str, naming: &Naming, what: &str, next: Option<&String>) -> Value {
    let kind = naming.identifier_type.as_deref().unwrap_or("id");
    let mut base = url::form_urlencoded::Serializer::new(String::new());
    base.append_pair("identifierType", kind).append_pair("limit", &naming.limit.unwrap_or(100).min(100).to_string());
    let first = app.url(&format!("/v2/alerts/{text}/{what}?{}", base.finish()));
    match next {
        Some(next) => json!({"first": first, "next": format!("{first}&offset={next}")}),
        None => json!({ "first": first }),
    }
}

async fn list_notes(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
) -> Answer {
    let alert = find(&app, &caller, &naming, text.clone()).await?;
    let notes = alerts::list_notes(&app, &caller.ctx, alert.id, page(&naming)).await?;
    let data: Vec<Value> = notes.items.iter().map(view::note).collect();
    let paging = pages(&app, &text, &naming, "notes", notes.next.as_ref());
    Ok(answer::data(json!(data), Some(paging), caller.began, app.now()))
}

async fn list_logs(
    State(app): State<App>,
    caller: GenieCaller,
    Path(text): Path<String>,
    Query(naming): Query<Naming>,
) -> Answer {
    let alert = find(&app, &caller, &naming, text.clone()).await?;
    let lines = alerts::list_log(&app, &caller.ctx, alert.id, page(&naming)).await?;
    let data: Vec<Value> = lines.items.iter().map(view::log_line).collect();
    let paging = pages(&app, &text, &naming, "logs", lines.next.as_ref());
    Ok(answer::data(json!(data), Some(paging), caller.began, app.now()))
}
