//! People, teams, roles, sign-in, tokens, contacts.
//!
//! **Vocabulary.** A *person* has a *role* (administrator, agent, customer) that gives *permissions*, and belongs to
//! *teams*. A person proves who they are with a password and, when switched on, a *second factor*; the browser then
//! holds a *session*, a program an *API token*. The [`kernel::Scope`] of a caller, computed for each request, says
//! which private teams and projects stay hidden. A *contact* is a way to reach a person.
//!
//! **Invariants**
//! - No answer and no delay tells whether an account exists.
//! - Passwords are stored as argon2id hashes, tokens, links and sessions as hashes, the second factor sealed.
//! - Events carry ids and the names of changed fields: personal data stands in its own rows, so that it can be erased.
//! - Absent on purpose: memberships of projects (with the projects), and sign-in by other providers (later).
//!
//! **One request walked through.** A request with the cookie `bw_session` arrives; [`auth::IdentityAuthenticator`]
//! finds the session by its hash, compares the CSRF header, and makes the [`platform::Ctx`]; the route calls one
//! service function; that requires a permission, locks the row, decides, stores, emits.

pub mod access;
mod auth;
pub mod contact;
mod link;
pub mod lookup;
mod mail;
pub mod notification;
pub mod organisation;
mod password;
pub mod person;
pub mod session;
mod sweep;
pub mod team;
mod throttle;
mod titles;
pub mod token;
pub mod totp;

pub use auth::{HiddenProjects, IdentityAuthenticator, NoProjects};
pub use password::HashError;
pub use session::setup;
pub use titles::{PersonTitles, TeamTitles};

use platform::{App, Migration, Work};
use utoipa_axum::router::OpenApiRouter;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "identity_0001_people", sql: include_str!("../migrations/0001_identity.sql") },
    Migration { name: "identity_0002_contact_secrets", sql: include_str!("../migrations/0002_contact_secrets.sql") },
    Migration { name: "identity_0003_notifications", sql: include_str!("../migrations/0003_notifications.sql") },
    Migration { name: "identity_0004_organisation", sql: include_str!("../migrations/0004_organisation.sql") },
];

/// The routes of this crate; those of [`notification`] come with the sources of the slices above.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(access::routes())
        .merge(session::routes::routes())
        .merge(person::routes::routes())
        .merge(organisation::routes())
        .merge(team::routes::routes())
        .merge(token::routes::routes())
        .merge(totp::routes::routes())
        .merge(contact::routes::routes())
}

/// The jobs of this crate; those of [`notification`] come with the sources of the slices above.
pub fn work(app: &App) -> Work {
    Work::new()
        .job(mail::jobs::SendMail(app.clone()))
        .job(session::jobs::MailReset(app.clone()))
        .job(contact::jobs::CheckWebhook(app.clone()))
        .job(sweep::Sweep(app.clone()))
}
