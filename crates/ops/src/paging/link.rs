//! The signed link of a message: acknowledge with one click, as the person to whom it was sent.
//!
//! **Invariants**
//! - The token names alert, person and page (and with it the step), under an HMAC of the vault: nothing of it is
//!   stored, and none can be made up.
//! - Opening the link changes nothing, so that mail scanners may open it. Only the button acts, by POST.
//! - The link ends with the alert. A disabled account's links end with the account.
//! - Acting twice is harmless: an alert that somebody has taken stays with whom it is.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::zone::Zone;
use kernel::{Actor, AlertId, Origin, PageId, PersonId, Role, Scope, timestamp};
use platform::{App, Ctx, DbError, Lane, secret::Vault};
use uuid::Uuid;

use super::{
    PagingError, flow,
    message::in_zone,
    store::{self, PageRow},
};
use crate::alert::{self, Change};

const PURPOSE: &str = "acknowledge";

/// What a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Named {
    alert: AlertId,
    person: PersonId,
    page: PageId,
}

/// The token of a page's link.
pub(super) fn token_of(vault: &Vault, page: &PageRow) -> String {
    ack_token(vault, AlertId(page.alert_id), PersonId(page.person_id), PageId(page.id))
}

/// The token with which this person acknowledges this alert, by the link in this page.
pub fn ack_token(vault: &Vault, alert: AlertId, person: PersonId, page: PageId) -> String {
    let named = [alert.0.into_bytes(), person.0.into_bytes(), page.0.into_bytes()].concat();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(&named), vault.sign(PURPOSE, &named))
}

fn read_token(vault: &Vault, token: &str) -> Option<Named> {
    let (named, signature) = token.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(named).ok()?;
    if bytes.len() != 48 || !vault.verify(PURPOSE, &bytes, signature) {
        return None;
    }
    let id = |from: usize| Uuid::from_slice(&bytes[from..from + 16]).ok();
    Some(Named { alert: AlertId(id(0)?), person: PersonId(id(16)?), page: PageId(id(32)?) })
}

/// What the page behind a link shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) priority: String,
    pub(super) message: String,
    pub(super) service: Option<String>,
    pub(super) since: String,
    pub(super) because: String,
    pub(super) person: String,
    pub(super) alert_url: String,
    pub(super) stand: Stand,
}

/// How the alert stands, as the link sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It waits for an answer: the page has a button.
    Waits,
    /// Somebody has taken it.
    Taken {
        /// Who; nobody in particular when an integration did.
        by: Option<String>,
        /// Whether it is the person of the link.
        yours: bool,
        /// When.
        at: String,
    },
    /// It is closed: the link has ended.
    Closed,
}

/// What a link leads to; none for a token that is not ours, or whose account is disabled.
pub(super) async fn view(app: &App, token: &str) -> Result<Option<View>, DbError> {
    let Some(named) = read_token(&app.vault, token) else { return Ok(None) };
    let read = app.db.read();
    let Some(page) = store::find_page(&read, named.page).await?.filter(|page| named.matches(page)) else {
        return Ok(None);
    };
    let mut people = identity::lookup::people(&read, &[named.person]).await?;
    let Some(person) = people.remove(&named.person).filter(|person| person.active) else { return Ok(None) };
    let Some(alert) = store::find_alert(&read, named.alert).await? else { return Ok(None) };
    let service = match alert.service_id {
        Some(id) => store::find_service(&read, id).await?.map(|service| service.name),
        None => None,
    };
    let zone = Zone::parse(&person.time_zone).unwrap_or_else(|_| Zone::utc());
    let stand = match (alert.status.as_str(), alert.acknowledged_at) {
        ("open", None) => Stand::Waits,
        ("open", Some(at)) => {
            let by = alert.acknowledged_by.map(PersonId);
            let names = identity::lookup::person_names(&read, &by.into_iter().collect::<Vec<_>>()).await?;
            Stand::Taken {
                by: by.and_then(|by| names.get(&by).cloned()),
                yours: by == Some(named.person),
                at: in_zone(timestamp(at), &zone),
            }
        }
        _ => Stand::Closed,
    };
    Ok(Some(View {
        priority: alert.priority,
        message: alert.message,
        service,
        since: in_zone(timestamp(alert.created_at), &zone),
        because: page.because,
        person: person.name,
        alert_url: app.url(&format!("/alerts/{}", named.alert)),
        stand,
    }))
}

impl Named {
    fn matches(&self, page: &PageRow) -> bool {
        page.alert_id == self.alert.0 && page.person_id == self.person.0
    }
}

/// Acknowledges as the person of the link, unless the alert is closed or taken; gives what the link then leads to.
pub(super) async fn acknowledge(app: &App, token: &str) -> Result<Option<View>, PagingError> {
    let Some(before) = view(app, token).await? else { return Ok(None) };
    let Some(named) = read_token(&app.vault, token) else { return Ok(None) };
    if before.stand != Stand::Waits {
        return Ok(Some(before));
    }
    let change = Change::because("Acknowledged with the link in a message.");
    app.db
        .write(&acting(named.person), Lane::Front, move |tx| {
            Box::pin(async move {
                let alert = flow::locked(tx, named.alert).await?;
                // Somebody else may have been faster: their acknowledgement stands.
                if alert.open && !alert.is_acknowledged() {
                    alert::acknowledge_in(tx, named.alert, change).await?;
                }
                Ok::<_, PagingError>(())
            })
        })
        .await?;
    Ok(view(app, token).await?)
}

/// The person behind a link, who may do nothing but what the link is for.
fn acting(person: PersonId) -> Ctx {
    Ctx {
        actor: Actor::Person { id: person },
        permissions: std::collections::BTreeSet::new(),
        ..Ctx::person_with_role(person, Role::Customer, Scope::Customer(person), Origin::SignedLink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cannot_be_made_up_or_moved() {
        let vault = Vault::new([3; 32]);
        let id = |n| Uuid::from_u128(n);
        let token = ack_token(&vault, AlertId(id(1)), PersonId(id(2)), PageId(id(3)));
        let named = Named { alert: AlertId(id(1)), person: PersonId(id(2)), page: PageId(id(3)) };
        assert_eq!(read_token(&vault, &token), Some(named));
        assert_eq!(read_token(&Vault::new([4; 32]), &token), None);
        let other = ack_token(&vault, AlertId(id(1)), PersonId(id(9)), PageId(id(3)));
        let (named, _) = other.split_once('.').unwrap();
        let (_, signature) = token.split_once('.').unwrap();
        assert_eq!(read_token(&vault, &format!("{named}.{signature}")), None);
        assert_eq!(read_token(&vault, "nonsense"), None);
    }
}
