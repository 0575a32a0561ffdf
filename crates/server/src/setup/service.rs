//! How far the set-up is, and its tests.

use domain::alert::Raise;
use domain::priority::Priority;
use identity::organisation::{self, Organisation};
use jiff::Timestamp;
use kernel::{AlertId, Permission, timestamp};
use ops::alert::{RaiseAlert, Responder};
use platform::{App, Ctx, Lane, Mail};

use super::SetupError;
use super::api::{Setup, Step, StepKey, StepState, TestResult};
use super::store::{self, FactsRow, StateRow, TestRow};

/// What the aliases of test pages begin with.
const TEST_PAGE: &str = "test-page/";

/// How far the set-up is.
pub(super) async fn get(app: &App, ctx: &Ctx) -> Result<Setup, SetupError> {
    ctx.require(Permission::SystemManage)?;
    let read = app.db.read();
    let state = store::state(&read).await?;
    let tests = store::list_tests(&read).await?;
    let facts = store::facts(&read, TEST_PAGE).await?;
    let home = organisation::current(&read, &app.settings).await?;
    let steps: Vec<Step> = StepKey::ALL.into_iter().map(|key| step(app, key, &home, &facts, &tests)).collect();
    let done = steps.iter().filter(|step| step.state == StepState::Done).count();
    Ok(Setup { done, total: steps.len(), dismissed: state.dismissed, demo: state.demo, steps })
}

fn step(app: &App, key: StepKey, home: &Organisation, facts: &FactsRow, tests: &[TestRow]) -> Step {
    let test = tests.iter().find(|row| row.step == key.as_str());
    let tested = |otherwise: String| match test {
        Some(row) => (if row.ok { StepState::Done } else { StepState::Failing }, Some(row.detail.clone())),
        None => (StepState::Todo, Some(otherwise)),
    };
    let there = |number: i64, one: &str, many: &str| match number {
        0 => (StepState::Todo, None),
        1 => (StepState::Done, Some(format!("1 {one}"))),
        _ => (StepState::Done, Some(format!("{number} {many}"))),
    };
    let (title, explanation, (state, detail)) = match key {
        StepKey::BaseUrl => (
            "Check the server's address",
            "Links in mails and the addresses of alert sources begin with the setting base_url. The test looks whether \
             you came by it.",
            tested(format!("Configured: {}", app.settings.base_url)),
        ),
        StepKey::Organisation => (
            "Name the organisation and its time zone",
            "Office hours, and with them every clock of a service level, run in this zone.",
            match home.version {
                0 => (StepState::Todo, Some(format!("{}, in UTC until you say otherwise", home.name))),
                _ => (StepState::Done, Some(format!("{}, {}", home.name, home.time_zone))),
            },
        ),
        StepKey::Mail => (
            "Let mail go out",
            "Pages, invitations and answers leave by mail. The test sends one to you.",
            if app.settings.mail_configured {
                tested("Configured, not tested yet".to_owned())
            } else {
                (StepState::Failing, Some("Mail is not configured: give the settings under [smtp]".to_owned()))
            },
        ),
        StepKey::Team => (
            "Make a team",
            "Alerts and tickets belong to teams; a team has its on-call schedule.",
            there(facts.teams, "team", "teams"),
        ),
        StepKey::Service => (
            "Add a service",
            "Something the organisation runs. It says who is paged, and when an alert opens an incident.",
            there(facts.services, "service", "services"),
        ),
        StepKey::Integration => (
            "Connect an alert source",
            "Prometheus, anything that posts JSON, or whatever speaks to Opsgenie today. Done when it has sent something.",
            match (facts.integrations, facts.last_event_at) {
                (0, _) => (StepState::Todo, None),
                (_, None) => (StepState::Todo, Some("A source is there; nothing came from it yet".to_owned())),
                (_, Some(at)) => (StepState::Done, Some(format!("Something came at {}", moment(at)))),
            },
        ),
        StepKey::TestPage => (
            "Send a test page to yourself",
            "Raises a harmless alert that pages you by your own contacts and rules, on the way that every page takes.",
            match (facts.pages_sent, facts.pages) {
                (1.., _) => (StepState::Done, Some("A test page was delivered".to_owned())),
                (_, 0) => (StepState::Todo, None),
                _ => match &facts.page_error {
                    Some(error) => (StepState::Failing, Some(format!("Not delivered yet: {error}"))),
                    None => (StepState::Todo, Some("On its way".to_owned())),
                },
            },
        ),
    };
    let tested_at: Option<Timestamp> = test.map(|row| timestamp(row.tested_at));
    Step { key, title, explanation, state, detail, tested_at, testable: testable(key) }
}

fn testable(key: StepKey) -> bool {
    matches!(key, StepKey::BaseUrl | StepKey::Mail)
}

fn moment(at: i64) -> String {
    timestamp(at).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Puts the list away, or back.
pub(super) async fn put(app: &App, ctx: &Ctx, dismissed: bool) -> Result<(), SetupError> {
    ctx.require(Permission::SystemManage)?;
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let state = store::state(&*tx).await?;
                Ok(store::put_state(tx, StateRow { dismissed, ..state }).await?)
            })
        })
        .await
}

/// Tests a step; `came_by` is the address that the caller's browser used, as far as the request tells.
pub(super) async fn test(app: &App, ctx: &Ctx, key: &str, came_by: Option<String>) -> Result<TestResult, SetupError> {
    ctx.require(Permission::SystemManage)?;
    let key = StepKey::parse(key).ok_or(SetupError::UnknownStep)?;
    let (ok, detail) = match key {
        StepKey::BaseUrl => address(app, came_by),
        StepKey::Mail => mail(app, ctx).await?,
        _ => return Err(SetupError::NotTestable),
    };
    let kept = detail.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move { Ok::<_, SetupError>(store::put_test(tx, key.as_str(), ok, &kept).await?) })
        })
        .await?;
    Ok(TestResult { ok, detail })
}

fn address(app: &App, came_by: Option<String>) -> (bool, String) {
    let configured = &app.settings.base_url;
    match came_by {
        Some(address) if address == *configured => (true, format!("You came by {configured}")),
        Some(address) => (
            false,
            format!("You came by {address}, but base_url is {configured}: set it to the address that people use"),
        ),
        None => (false, "The request does not tell by which address it came".to_owned()),
    }
}

async fn mail(app: &App, ctx: &Ctx) -> Result<(bool, String), SetupError> {
    let Some(me) = ctx.person() else {
        return Ok((false, "Only a person can be sent a test mail".to_owned()));
    };
    let read = app.db.read();
    let people = identity::lookup::people(&read, &[me]).await?;
    let Some(to) = people.get(&me).map(|person| person.email.clone()) else {
        return Ok((false, "You have no mail address".to_owned()));
    };
    if platform::work::hold::since(&read).await?.is_some() {
        return Ok((false, "Messages are held since a restore: release them first".to_owned()));
    }
    let home = organisation::current(&read, &app.settings).await?;
    let mail = Mail {
        to: to.clone(),
        subject: format!("Test mail of {}", home.name),
        text: format!("Mail from Bridgewatch at {} reaches you.\n", app.settings.base_url),
        html: None,
        message_id: format!("setup.{}", platform::secret::random_token()),
        headers: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
    };
    Ok(match app.mailer.send(mail).await {
        Ok(()) => (true, format!("The mail server has taken a mail to {to}")),
        Err(error) => (false, format!("The mail server did not take it: {error}")),
    })
}

/// Raises an alert that pages the caller by the way that every page takes.
pub(super) async fn test_page(app: &App, ctx: &Ctx) -> Result<AlertId, SetupError> {
    ctx.require(Permission::SystemManage)?;
    let me = ctx.person().ok_or(platform::Denied(Permission::OwnProfile))?;
    let report = RaiseAlert {
        raise: Raise {
            alias: Some(format!("{TEST_PAGE}{me}/{}", app.now().as_second())),
            message: "Test page: you are reached. Acknowledge it to try that too, then close it.".to_owned(),
            priority: Some(Priority::P3),
            source: "Set-up".to_owned(),
            ..Raise::default()
        },
        responders: vec![Responder { kind: "person".to_owned(), id: me.0 }],
        because: Some("you asked for a test page".to_owned()),
        ..RaiseAlert::default()
    };
    Ok(ops::alert::service::raise(app, ctx, report).await?.id)
}

/// The organisation, for everybody who is signed in.
pub(super) async fn organisation(app: &App) -> Result<Organisation, SetupError> {
    Ok(organisation::current(&app.db.read(), &app.settings).await?)
}

/// Changes the organisation. Office hours that nobody edited follow its zone.
pub(super) async fn put_organisation(
    app: &App,
    ctx: &Ctx,
    new: Organisation,
    expected: Option<i64>,
) -> Result<(), SetupError> {
    let settings = app.settings.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let (before, after) = organisation::service::put_in(tx, &settings, new, expected).await?;
                if before.time_zone != after.time_zone {
                    desk::sla::move_office_in(tx, &before.time_zone, &after.time_zone).await?;
                }
                Ok(())
            })
        })
        .await
}
