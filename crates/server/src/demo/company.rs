//! The company: people, teams, services, schedules, policies, rules, sources, projects.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan, civil::Weekday, tz::TimeZone};
use kernel::{Clock, Role};
use serde_json::{Value, json};

use super::{
    Past,
    person::{Person, id},
};

/// Nordhaven.
pub struct Company {
    people: Vec<Person>,
    /// Service ids by name.
    pub services: HashMap<&'static str, String>,
    /// The key of the Prometheus source.
    pub prometheus_key: String,
}

const ZONE: &str = "Europe/Oslo";

const PEOPLE: &[(&str, Role)] = &[
    ("Amara Okafor", Role::Admin),
    ("Jonas Berg", Role::Agent),
    ("Henrik Lund", Role::Agent),
    ("Mikkel Juhl", Role::Agent),
    ("Sara Lindqvist", Role::Agent),
    ("Priya Raman", Role::Agent),
    ("Tomasz Wieczorek", Role::Agent),
    ("Lena Hofer", Role::Agent),
    ("Elin Dahl", Role::Agent),
    ("Ingrid Solberg", Role::Customer),
];

struct Team {
    name: &'static str,
    what: &'static str,
    lead: &'static str,
    members: &'static [&'static str],
    second: &'static [&'static str],
}

const TEAMS: &[Team] = &[
    Team {
        name: "Payments",
        what: "Card payments in shops and online",
        lead: "Henrik Lund",
        members: &["Jonas Berg", "Sara Lindqvist", "Mikkel Juhl"],
        second: &["Mikkel Juhl", "Amara Okafor"],
    },
    Team {
        name: "Platform",
        what: "Clusters, databases, networks",
        lead: "Tomasz Wieczorek",
        members: &["Tomasz Wieczorek", "Priya Raman"],
        second: &["Lena Hofer", "Elin Dahl"],
    },
    Team {
        name: "Web shop",
        what: "The shop on the web and its search",
        lead: "Lena Hofer",
        members: &["Lena Hofer", "Elin Dahl", "Priya Raman"],
        second: &["Elin Dahl"],
    },
];

/// Name, key in labels, tier, team, what it does.
const SERVICES: &[(&str, &str, i64, &str, &str)] = &[
    ("Payments API", "payments-api", 1, "Payments", "Authorises and settles card payments"),
    ("Checkout", "checkout-web", 1, "Web shop", "Basket and checkout of the web shop"),
    ("Till gateway", "till-gateway", 1, "Payments", "Connects 412 tills in nine countries"),
    ("Product search", "search", 2, "Web shop", "Finds products by words and pictures"),
    ("Orders database", "orders-db", 2, "Platform", "PostgreSQL cluster behind orders"),
    ("Settlement batch", "settlement-batch", 3, "Payments", "Pays shops out each night"),
    ("Office network", "office-network", 3, "Platform", "Wi-Fi and VPN of the offices"),
    ("Intranet", "intranet", 4, "Platform", "News, phone book, canteen menu"),
];

impl Company {
    /// Somebody by name.
    ///
    /// # Errors
    /// When nobody has that name: a slip in the story.
    pub fn person(&self, name: &str) -> anyhow::Result<&Person> {
        self.people.iter().find(|person| person.name == name).ok_or_else(|| anyhow::anyhow!("nobody is called {name}"))
    }

    /// Somebody by id.
    pub fn by_id(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// Everybody gives their demo token back.
    pub async fn leave(&self, past: &Past) -> anyhow::Result<()> {
        for person in &self.people {
            person.leave(past).await?;
        }
        Ok(())
    }
}

/// The Monday morning, in the company's zone, of the week before the story begins.
fn first_monday(now: Timestamp) -> anyhow::Result<String> {
    let today = now.to_zoned(TimeZone::get(ZONE)?).date();
    let monday = today.nth_weekday(-1, Weekday::Monday)?.checked_sub(1.week())?;
    Ok(format!("{monday}T09:00"))
}

/// Makes the company.
pub async fn found(past: &Past) -> anyhow::Result<Company> {
    let mut people = Vec::new();
    for (name, role) in PEOPLE {
        people.push(Person::hire(past, name, *role).await?);
    }
    let mut company = Company { people, services: HashMap::new(), prometheus_key: String::new() };
    for person in &company.people {
        person.patch(past, "/api/v1/me", json!({"time_zone": ZONE})).await?;
    }
    let mut teams = HashMap::new();
    let mut policies = HashMap::new();
    for team in TEAMS {
        let (team_id, policy) = found_team(past, &company, team).await?;
        teams.insert(team.name, team_id);
        policies.insert(team.name, policy);
    }
    let boss = company.person("Amara Okafor")?.clone();
    let mut rules = Vec::new();
    for (name, label, tier, team, what) in SERVICES {
        let service = boss
            .post(
                past,
                "/api/v1/services",
                json!({
                    "name": name, "description": what, "tier": tier, "owner_team_id": teams[team],
                    "escalation_policy_id": policies[team], "responders": [{"kind": "policy", "id": policies[team]}],
                }),
            )
            .await?;
        let service = id(&service)?;
        rules.push(json!({
            "name": format!("{name} by label"), "service_id": service,
            "conditions": [{"label": "service", "op": "equals", "value": label}],
        }));
        company.services.insert(name, service);
    }
    boss.put(past, "/api/v1/service-rules", json!({ "rules": rules })).await?;
    desk::seed(&past.app).await?;
    boss.put(past, "/api/v1/calendars/office", office_hours()).await?;
    let prometheus =
        boss.post(past, "/api/v1/integrations", json!({"name": "Prometheus prod-eu", "kind": "alertmanager"})).await?;
    company.prometheus_key = prometheus["key"].as_str().unwrap_or_default().to_owned();
    boss.post(past, "/api/v1/integrations", json!({"name": "Scripts", "kind": "opsgenie"})).await?;
    Ok(company)
}

/// When the service desk of Nordhaven is open: its zone, with the public holidays that keep their date.
fn office_hours() -> Value {
    let hours = json!([{"from": "08:00", "to": "16:00"}]);
    let holidays = [
        ("New Year's Day", "2026-01-01"),
        ("Labour Day", "2026-05-01"),
        ("Constitution Day", "2026-05-17"),
        ("Christmas Day", "2026-12-25"),
        ("Boxing Day", "2026-12-26"),
    ];
    let holidays = holidays.map(|(name, date)| json!({"name": name, "date": date, "yearly": true}));
    json!({"kind": "business", "name": "Office hours", "time_zone": ZONE, "holidays": holidays,
        "week": {"monday": hours, "tuesday": hours, "wednesday": hours, "thursday": hours, "friday": hours}})
}

/// A team with its members, a schedule of two lines, and its policy.
async fn found_team(past: &Past, company: &Company, team: &Team) -> anyhow::Result<(String, String)> {
    let boss = company.person("Amara Okafor")?;
    let made = boss
        .post(past, "/api/v1/teams", json!({"name": team.name, "description": team.what, "time_zone": ZONE}))
        .await?;
    let team_id = id(&made)?;
    let mut members: Vec<&str> = [team.lead].iter().chain(team.members).chain(team.second).copied().collect();
    members.sort_unstable();
    members.dedup();
    for name in members {
        let role = if name == team.lead { "admin" } else { "member" };
        let person = &company.person(name)?.id;
        boss.put(past, &format!("/api/v1/teams/{team_id}/members/{person}"), json!({"role": role})).await?;
    }
    let participants = |names: &[&str]| -> anyhow::Result<Vec<Value>> {
        names.iter().map(|name| Ok(json!({"kind": "person", "id": company.person(name)?.id}))).collect()
    };
    let start = first_monday(past.clock.now())?;
    let mut schedules = Vec::new();
    for (line, names) in [("primary", team.members), ("secondary", team.second)] {
        let schedule = boss
            .post(past, "/api/v1/schedules", json!({
                "name": format!("{} {line}", team.name), "team_id": team_id, "time_zone": ZONE,
                "rotations": [{"name": format!("Weekly, {line}"), "kind": "weekly", "length": 1, "start": start, "participants": participants(names)?}],
            }))
            .await?;
        schedules.push(id(&schedule)?);
    }
    let lead = &company.person(team.lead)?.id;
    let step =
        |delay_min: u32, notify: Value| json!({"delay_min": delay_min, "condition": "if_not_acked", "notify": notify});
    let policy = boss
        .post(
            past,
            "/api/v1/escalation-policies",
            json!({
                "name": format!("{} 24x7", team.name), "team_id": team_id,
                "steps": [
                    step(0, json!({"kind": "schedule", "id": schedules[0]})),
                    step(5, json!({"kind": "schedule", "id": schedules[1]})),
                    step(10, json!({"kind": "person", "id": lead})),
                ],
                "repeat": {"wait_min": 5, "count": 2}, "ack_timeout_min": 60,
            }),
        )
        .await?;
    let policy = id(&policy)?;
    boss.put(past, &format!("/api/v1/teams/{team_id}/routing"), json!({"escalation_policy_id": policy})).await?;
    Ok((team_id, policy))
}
