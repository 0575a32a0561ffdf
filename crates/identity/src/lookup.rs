//! Batched questions that the slices above ask about people and teams. One query each, never one per row.
//!
//! These give names and reachability to code that already decided that it may show or use them; they take no
//! scope for that reason. What a *caller* may list goes through [`crate::person`] and [`crate::team`].

use std::collections::HashMap;

use domain::notify::{Contact, Rules};
use kernel::{ContactId, PersonId, Role, TeamId};
use platform::{App, DbError, Sql};

use crate::{
    contact::{self, ContactKind},
    person, team,
};

/// A person's name for each id that exists.
pub async fn person_names(sql: &impl Sql, ids: &[PersonId]) -> Result<HashMap<PersonId, String>, DbError> {
    person::store::names(sql, ids).await
}

/// A team's name for each id that exists.
pub async fn team_names(sql: &impl Sql, ids: &[TeamId]) -> Result<HashMap<TeamId, String>, DbError> {
    team::store::names(sql, ids).await
}

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The team.
    pub team: TeamId,
    /// The person.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// Whether the person administers the team.
    pub admin: bool,
}

/// The active members of these teams.
pub async fn members(sql: &impl Sql, teams: &[TeamId]) -> Result<Vec<Member>, DbError> {
    let rows = team::store::list_members(sql, teams, true).await?;
    Ok(rows
        .into_iter()
        .map(|row| Member {
            team: row.team_id.into(),
            person: row.person_id.into(),
            name: row.name,
            admin: row.role == team::MemberRole::Admin.as_str(),
        })
        .collect())
}

/// The active administrators of a team.
pub async fn team_admins(sql: &impl Sql, team: TeamId) -> Result<Vec<PersonId>, DbError> {
    Ok(members(sql, &[team]).await?.into_iter().filter(|member| member.admin).map(|member| member.person).collect())
}

/// What another slice may know about a person.
#[derive(Clone, Debug)]
pub struct PersonFacts {
    /// The person.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The sign-in address.
    pub email: String,
    /// The role.
    pub role: Role,
    /// IANA name of the person's zone.
    pub time_zone: String,
    /// BCP 47 tag of the person's language.
    pub locale: String,
    /// Whether the person may sign in and be paged.
    pub active: bool,
}

/// Facts about each of these people that exists.
pub async fn people(sql: &impl Sql, ids: &[PersonId]) -> Result<HashMap<PersonId, PersonFacts>, DbError> {
    let rows = person::store::list_by_ids(sql, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), facts(row))).collect())
}

/// The person who signs in with this address, active or not.
pub async fn person_by_email(sql: &impl Sql, email: &str) -> Result<Option<PersonFacts>, DbError> {
    Ok(person::store::find_by_email(sql, &person::email_key(email)).await?.map(facts))
}

fn facts(row: person::store::PersonRow) -> PersonFacts {
    PersonFacts {
        id: row.id.into(),
        role: row.role(),
        name: row.name,
        email: row.email,
        time_zone: row.time_zone,
        locale: row.locale,
        active: row.active,
    }
}

/// A way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactFacts {
    /// The contact.
    pub id: ContactId,
    /// Mail or webhook.
    pub kind: ContactKind,
    /// Mail address, or host of a webhook.
    pub address: String,
    /// Whether the person has proved that it is theirs.
    pub verified: bool,
}

/// How a person wants to be reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The person's name.
    pub name: String,
    /// Whether the person is active. Nobody pages a disabled account.
    pub active: bool,
    /// IANA name of the zone in which the quiet hours are meant.
    pub time_zone: String,
    /// Contacts, oldest first.
    pub contacts: Vec<ContactFacts>,
    /// The person's notification rules. No steps: all verified contacts at once.
    pub rules: Rules,
}

impl Reach {
    /// The contacts as the decisions know them.
    pub fn known(&self) -> Vec<Contact> {
        let label = |contact: &ContactFacts| match contact.kind {
            ContactKind::Mail => format!("mail {}", contact.address),
            ContactKind::Webhook => format!("webhook {}", contact.address),
        };
        self.contacts
            .iter()
            .map(|contact| Contact { id: contact.id, label: label(contact), verified: contact.verified })
            .collect()
    }
}

/// The address of a webhook contact, for sending to it. None when the contact is gone; else why it cannot be read.
pub async fn webhook_url(app: &App, contact: ContactId) -> Result<Option<Result<String, &'static str>>, DbError> {
    let sealed = contact::store::find_sealed(&app.db.read(), contact).await?;
    Ok(sealed.map(|sealed| contact::open_url(&app.vault, Some(&sealed))))
}

/// How each of these people wants to be reached. People that do not exist are absent.
pub async fn reach(sql: &impl Sql, ids: &[PersonId]) -> Result<HashMap<PersonId, Reach>, DbError> {
    let mut found: HashMap<PersonId, Reach> = person::store::list_by_ids(sql, ids)
        .await?
        .into_iter()
        .map(|row| {
            (row.id.into(), Reach { name: row.name, active: row.active, time_zone: row.time_zone, ..Reach::default() })
        })
        .collect();
    for row in contact::store::list_of_people(sql, ids).await? {
        let Some(reach) = found.get_mut(&row.person_id.into()) else { continue };
        reach.contacts.push(ContactFacts {
            id: row.id.into(),
            kind: row.kind(),
            verified: row.verified_at.is_some(),
            address: row.address,
        });
    }
    for row in contact::store::list_rules(sql, ids).await? {
        if let Some(reach) = found.get_mut(&row.person_id.into()) {
            reach.rules = row.rules()?;
        }
    }
    Ok(found)
}
