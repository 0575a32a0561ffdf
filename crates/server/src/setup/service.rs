//! Looking at the steps, testing them, and the test page.

use domain::alert::Raise;
use domain::priority::Priority;
use kernel::{AlertId, Permission};
use ops::alert::{RaiseAlert, Responder};
use platform::{App, Ctx, DbError, Lane, Mail};

use super::SetupError;
use super::steps::{Facts, Step, host_of};
use super::{demo, store};

/// The list was put away.
const DISMISSED: &str = "dismissed";

/// The list.
pub(super) struct Checklist {
    pub steps: Vec<Step>,
    pub dismissed: bool,
    pub demo: Option<&'static str>,
}

/// The alias of the caller's test pages.
fn alias_of(ctx: &Ctx) -> String {
    format!("test-page:{}", ctx.actor.key())
}

/// The steps as they stand.
pub(super) async fn checklist(app: &App, ctx: &Ctx) -> Result<Checklist, SetupError> {
    ctx.require(Permission::SystemManage)?;
    let sql = app.db.read();
    let organisation = identity::organisation::find(&sql).await?;
    let facts = Facts {
        base_url: app.settings.base_url.clone(),
        mail_configured: app.settings.mail_configured,
        time_zone: (organisation.version > 0).then_some(organisation.time_zone),
        counts: store::counts(&sql, &alias_of(ctx)).await?,
        tests: store::tests(&sql).await?,
    };
    let dismissed = facts.tests.iter().any(|test| test.step == DISMISSED && test.ok);
    let demo = demo::company(&sql).await?;
    Ok(Checklist { steps: facts.steps(), dismissed, demo })
}

async fn note(app: &App, ctx: &Ctx, step: &'static str, ok: bool, detail: String) -> Result<(), DbError> {
    app.db.write(ctx, Lane::Front, move |tx| Box::pin(async move { store::note(tx, step, ok, &detail).await })).await
}

/// Puts the list away, or takes it out again.
pub(super) async fn dismiss(app: &App, ctx: &Ctx, dismissed: bool) -> Result<(), SetupError> {
    ctx.require(Permission::SystemManage)?;
    Ok(note(app, ctx, DISMISSED, dismissed, String::new()).await?)
}

/// Tests a step; `host` is where the caller reached the server. Gives whether it works, and what was found.
pub(super) async fn test(app: &App, ctx: &Ctx, step: &str, host: Option<&str>) -> Result<(bool, String), SetupError> {
    ctx.require(Permission::SystemManage)?;
    let known = checklist(app, ctx).await?.steps.iter().any(|known| known.key == step);
    let (step, (ok, detail)) = match step {
        "base_url" => ("base_url", address(app, host)),
        "mail" => ("mail", mail(app, ctx).await?),
        _ if known => return Err(SetupError::NotTestable),
        _ => return Err(SetupError::NotFound),
    };
    note(app, ctx, step, ok, detail.clone()).await?;
    Ok((ok, detail))
}

/// Whether links lead to where the caller is.
fn address(app: &App, host: Option<&str>) -> (bool, String) {
    let expected = host_of(&app.settings.base_url);
    match host.map(host_of) {
        Some(host) if host.eq_ignore_ascii_case(expected) => {
            (true, format!("You reached the server at {host}, where its links lead."))
        }
        Some(host) => (false, format!("You reached the server at {host}, but its links lead to {expected}.")),
        None => (false, "The request did not say where it went.".to_owned()),
    }
}

/// Whether the mail server takes a mail to the caller.
async fn mail(app: &App, ctx: &Ctx) -> Result<(bool, String), SetupError> {
    let me = ctx.person().ok_or(SetupError::NoPerson)?;
    let person = identity::lookup::people(&app.db.read(), &[me]).await?.remove(&me).ok_or(SetupError::NoPerson)?;
    let mail = Mail {
        to: person.email.clone(),
        subject: format!("Test mail from {}", app.settings.organisation),
        text: format!("Hello {},\n\noutgoing mail works.\n\n{}\n", person.name, app.settings.base_url),
        html: None,
        message_id: format!("setup.{}", kernel::micros(app.now())),
        thread: None,
        headers: vec![],
    };
    Ok(match app.mailer.send(mail).await {
        Ok(()) => (true, format!("The mail server took a mail to {}.", person.email)),
        Err(error) => (false, error.message),
    })
}

/// Pages the caller the way that every page goes.
pub(super) async fn test_page(app: &App, ctx: &Ctx) -> Result<AlertId, SetupError> {
    ctx.require(Permission::SystemManage)?;
    let me = ctx.person().ok_or(SetupError::NoPerson)?;
    let raise = Raise {
        alias: Some(alias_of(ctx)),
        message: "Test page".to_owned(),
        description: "Acknowledge it and close it: you have been paged.".to_owned(),
        priority: Some(Priority::P3),
        source: "set-up".to_owned(),
        ..Raise::default()
    };
    let responders = vec![Responder { kind: "person".to_owned(), id: me.0 }];
    let because = Some("asked for on the set-up list".to_owned());
    let report = RaiseAlert { raise, responders, because, ..RaiseAlert::default() };
    // A test page that still stands would only count up, and page nobody again.
    let standing = standing(app, ctx, alias_of(ctx)).await?;
    if let Some(alert) = standing {
        let change = ops::alert::Change::because("a new test page was asked for");
        ops::alert::service::act(app, ctx, alert, ops::alert::Verb::Close, change, None).await?;
    }
    Ok(ops::alert::service::raise(app, ctx, report).await?.id)
}

/// The caller's test page that is still open.
async fn standing(app: &App, ctx: &Ctx, alias: String) -> Result<Option<AlertId>, SetupError> {
    let key = ops::alert::service::AlertKey::Alias(alias);
    let found = ops::alert::service::find_row(app, ctx, &key).await?;
    Ok(found.filter(|row| row.status == "open").map(|row| AlertId(row.id)))
}
