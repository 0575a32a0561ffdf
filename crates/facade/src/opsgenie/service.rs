//! Changes in one transaction with the status of their request.

use domain::alert::{ALIAS_MAX, DESCRIPTION_MAX, MESSAGE_MAX, Raise, fit_alias, fit_note, fit_text};
use domain::priority::Priority;
use kernel::{Actor, AlertId, Permission, micros};
use ops::alert::service::find_responder;
use ops::alert::{
    AlertError, AlertState, Change, RaiseAlert, Responder, Verb, apply_in, find_in, find_open_in, raise_in,
};
use platform::{App, Lane, Tx};
use uuid::Uuid;

use super::answer::GenieError;
use super::body::{CreateAlert, Recipient, VerbBody, texts};
use super::caller::GenieCaller;
use super::store::{self, RequestRow};

/// How a client names an alert.
#[derive(Clone, Debug)]
pub enum Identifier {
    /// `identifierType=id`, which is the default.
    Id(String),
    /// `identifierType=alias`.
    Alias(String),
    /// `identifierType=tiny`.
    Tiny(String),
}

/// What a request wants of an alert, and how its status calls it.
pub struct Wanted {
    /// The verbs, in order.
    pub verbs: Vec<Verb>,
    /// The action in the status.
    pub action: &'static str,
    /// The status when it worked.
    pub done: &'static str,
}

/// What every change says about who asked for it.
pub fn change_of(body: &VerbBody) -> Change {
    let because = match (&body.user, &body.source) {
        (Some(user), Some(source)) => Some(format!("asked for by {user} from {source}")),
        (Some(user), None) => Some(format!("asked for by {user}")),
        (None, Some(source)) => Some(format!("asked for from {source}")),
        (None, None) => None,
    };
    Change { because: because.map(|text| fit_text(&text, 300)), note: body.note.as_deref().map(fit_note), by: None }
}

/// Creates an alert, or counts on the open one; gives the request's id.
pub async fn create(app: &App, caller: &GenieCaller, body: CreateAlert) -> Result<Uuid, GenieError> {
    caller.ctx.require(Permission::AlertsWrite)?;
    let report = report(app, caller, body).await?;
    let id = app
        .db
        .write(&caller.ctx, Lane::Bulk, move |tx| {
            Box::pin(async move {
                let raised = raise_in(tx, std::slice::from_ref(&report))
                    .await?
                    .into_iter()
                    .next()
                    .ok_or(AlertError::NotFound)?;
                let alias = report.raise.alias.clone().unwrap_or_else(|| raised.id.to_string());
                let request = row(tx, "Create", Ok("Created alert"), Some(raised.id), Some(alias));
                store::insert_request(tx, &request).await?;
                Ok::<_, AlertError>(request.id)
            })
        })
        .await?;
    Ok(id)
}

async fn report(app: &App, caller: &GenieCaller, body: CreateAlert) -> Result<RaiseAlert, GenieError> {
    let message = body.message.unwrap_or_default();
    if message.trim().is_empty() {
        return Err(GenieError::field("message", "Message can not be empty."));
    }
    let priority = match body.priority.as_deref() {
        None | Some("") => None,
        Some(text) => Some(
            Priority::parse(text)
                .ok_or_else(|| GenieError::field("priority", "Priority should be one of [ P1, P2, P3, P4, P5 ]"))?,
        ),
    };
    let (mut responders, mut unknown, mut team_id) = (Vec::new(), Vec::new(), None);
    let teams = body.teams.into_iter().flatten().map(|team| Recipient { kind: Some("team".to_owned()), ..team });
    for recipient in body.responders.into_iter().flatten().chain(teams) {
        match responder(app, &recipient).await? {
            Some(found) => {
                if found.kind == "team" && team_id.is_none() && caller.ctx.scope.sees_team(Some(found.id.into())) {
                    team_id = Some(found.id.into());
                }
                if !responders.contains(&found) {
                    responders.push(found);
                }
            }
            None => unknown.push(named(&recipient)),
        }
    }
    let mut reasons: Vec<String> = Vec::new();
    reasons.extend(body.user.map(|user| format!("reported by {}", fit_text(&user, 100))));
    if !unknown.is_empty() {
        reasons.push(format!("responders that are not known here: {}", unknown.join(", ")));
    }
    let raise = Raise {
        alias: body.alias,
        message,
        description: body.description.unwrap_or_default(),
        priority,
        source: body.source.unwrap_or_default(),
        entity: body.entity.unwrap_or_default(),
        tags: body.tags.unwrap_or_default(),
        details: texts(body.details.unwrap_or_default()),
        actions: body.actions.unwrap_or_default(),
    };
    Ok(RaiseAlert {
        raise: raise.fitted().map_err(AlertError::from)?,
        team_id,
        default_team_id: caller.team,
        responders,
        note: body.note.as_deref().map(fit_note),
        because: (!reasons.is_empty()).then(|| fit_text(&reasons.join("; "), 500)),
        ..RaiseAlert::default()
    })
}

/// Somebody as we know them, by id, name or mail address.
pub async fn responder(app: &App, recipient: &Recipient) -> Result<Option<Responder>, GenieError> {
    let kind = match recipient.kind.as_deref() {
        Some("team") => "team",
        Some("schedule") => "schedule",
        Some("escalation") => "policy",
        None | Some("user") => "person",
        Some(_) => return Ok(None),
    };
    let id = recipient.id.as_deref().and_then(|id| id.parse().ok());
    let name = recipient.username.as_deref().or(recipient.name.as_deref()).or(recipient.id.as_deref());
    Ok(find_responder(app, kind, id, name).await?)
}

/// How a client named somebody.
pub fn named(recipient: &Recipient) -> String {
    let name = recipient.username.as_ref().or(recipient.name.as_ref()).or(recipient.id.as_ref());
    fit_text(name.map_or("(nobody)", String::as_str), 100)
}

/// Does what is wanted of an alert; gives the request's id. An alert that does not exist, or does not allow it, is told
/// by the request's status alone.
pub async fn run(
    app: &App,
    caller: &GenieCaller,
    identifier: Identifier,
    wanted: Wanted,
    change: Change,
) -> Result<Uuid, GenieError> {
    caller.ctx.require(Permission::AlertsWrite)?;
    let (named, action) = (identifier.clone(), wanted.action);
    let done: Result<Uuid, AlertError> = app
        .db
        .write(&caller.ctx, Lane::Front, move |tx| Box::pin(async move { run_in(tx, &named, wanted, change).await }))
        .await;
    let refused = match done {
        Ok(id) => return Ok(id),
        Err(AlertError::NotFound) => "Alert does not exist".to_owned(),
        Err(AlertError::Refused(refused)) => refused.to_string(),
        Err(error) => return Err(error.into()),
    };
    record_failure(app, caller, identifier, action, refused).await
}

async fn run_in(tx: &mut Tx, identifier: &Identifier, wanted: Wanted, change: Change) -> Result<Uuid, AlertError> {
    let alert = find(tx, identifier).await?.ok_or(AlertError::NotFound)?;
    let mut change = change;
    let mut state: Option<AlertState> = None;
    for verb in wanted.verbs {
        state = Some(apply_in(tx, alert, verb, std::mem::take(&mut change)).await?);
    }
    let request = row(tx, wanted.action, Ok(wanted.done), Some(alert), state.map(|state| state.alias));
    store::insert_request(tx, &request).await?;
    Ok(request.id)
}

/// Keeps the status of a request that could not be done.
pub async fn record_failure(
    app: &App,
    caller: &GenieCaller,
    identifier: Identifier,
    action: &'static str,
    why: String,
) -> Result<Uuid, GenieError> {
    let id = app
        .db
        .write(&caller.ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let alert = find(tx, &identifier).await?;
                let alias = match &identifier {
                    Identifier::Alias(alias) => Some(fit_text(alias, ALIAS_MAX)),
                    _ => None,
                };
                let request = row(tx, action, Err(&why), alert, alias);
                store::insert_request(tx, &request).await?;
                Ok::<_, AlertError>(request.id)
            })
        })
        .await?;
    Ok(id)
}

async fn find(tx: &mut Tx, identifier: &Identifier) -> Result<Option<AlertId>, AlertError> {
    match identifier {
        Identifier::Alias(alias) => find_open_in(tx, &fit_alias(alias)).await,
        Identifier::Id(text) => match text.parse::<AlertId>() {
            Ok(id) => find_in(tx, id).await,
            Err(_) => Ok(None),
        },
        Identifier::Tiny(text) => match text.parse::<i64>() {
            Ok(number) => ops::alert::find_number_in(tx, number).await,
            Err(_) => Ok(None),
        },
    }
}

fn row(tx: &Tx, action: &str, status: Result<&str, &str>, alert: Option<AlertId>, alias: Option<String>) -> RequestRow {
    let actor: &Actor = &tx.ctx().actor;
    RequestRow {
        id: tx.new_id(),
        at: micros(tx.now()),
        owner_kind: actor.kind().to_owned(),
        owner_key: actor.key(),
        action: action.to_owned(),
        success: status.is_ok(),
        status: status.map_or_else(str::to_owned, str::to_owned),
        alert_id: alert.map(|alert| alert.0),
        alias,
    }
}

/// A message, cut to fit.
pub fn message(text: Option<String>) -> Result<String, GenieError> {
    let text = text.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(GenieError::field("message", "Message can not be empty."));
    }
    Ok(fit_text(text.trim(), MESSAGE_MAX))
}

/// A description, cut to fit.
pub fn description(text: Option<String>) -> String {
    fit_text(&text.unwrap_or_default(), DESCRIPTION_MAX)
}
