//! The steps, and what the facts say about each.

use kernel::timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{Counts, TestRow};

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SetupStepState)]
pub(crate) enum State {
    /// It is done.
    Done,
    /// It is left to do.
    Todo,
    /// Its last test failed.
    Failing,
}

/// A step.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SetupStep)]
pub(crate) struct Step {
    /// Its key, such as `mail`.
    pub key: &'static str,
    /// Its name.
    title: &'static str,
    /// Why, and how.
    explanation: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The screen on which it is done; absent for what stands in the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'static str>,
    /// Whether `POST /api/v1/setup/steps/{key}/test` tests it.
    testable: bool,
}

/// The facts that decide.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub base_url: String,
    pub mail_configured: bool,
    /// None when nobody has set it.
    pub time_zone: Option<String>,
    pub counts: Counts,
    pub tests: Vec<TestRow>,
}

/// The host of an address, without its port.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap_or(url).split('/').next().unwrap_or_default();
    match rest.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(inner),
        None => rest.rsplit_once(':').map_or(rest, |(host, _)| host),
    }
}

fn is_only_here(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.") || host == "0.0.0.0"
}

impl Facts {
    fn tested(&self, step: &str) -> Option<&TestRow> {
        self.tests.iter().find(|test| test.step == step)
    }

    /// As its last test said; `Todo` without one.
    fn by_test(&self, step: &str) -> State {
        match self.tested(step) {
            Some(test) if test.ok => State::Done,
            Some(_) => State::Failing,
            None => State::Todo,
        }
    }

    fn said(&self, step: &str, otherwise: &str) -> Option<String> {
        Some(self.tested(step).map_or_else(|| otherwise.to_owned(), |test| test.detail.clone()))
    }

    /// The steps, in the order in which they are best done.
    pub fn steps(&self) -> Vec<Step> {
        let counts = &self.counts;
        let done = |done: bool| if done { State::Done } else { State::Todo };
        let none_or = |number: i64, what: &str| Some(format!("{number} {what}"));
        let only_here = is_only_here(host_of(&self.base_url));
        let base_url = match self.by_test("base_url") {
            State::Failing => State::Failing,
            _ => done(!only_here),
        };
        let mail = if self.mail_configured { self.by_test("mail") } else { State::Todo };
        let page = match (counts.test_pages_sent, counts.test_pages) {
            (1.., _) => (State::Done, "A test page was delivered."),
            (_, 1..) => (State::Failing, "A test page was raised and has not been delivered yet; its alert says why."),
            _ => (State::Todo, "No test page was sent yet."),
        };
        vec![
            Step {
                key: "base_url",
                title: "Address",
                explanation: "Links in mails and pages lead here. Set `base_url` in the configuration to the address \
                              that people use.",
                state: base_url,
                detail: self.said(
                    "base_url",
                    &if only_here {
                        format!("Only this machine can reach {}.", self.base_url)
                    } else {
                        self.base_url.clone()
                    },
                ),
                address: None,
                testable: true,
            },
            Step {
                key: "mail",
                title: "Outgoing mail",
                explanation: "Invitations and pages go by mail. Set `smtp` in the configuration, then send yourself a \
                              test.",
                state: mail,
                detail: if self.mail_configured {
                    self.said("mail", "Configured and not tested yet.")
                } else {
                    Some("No mail server is configured.".to_owned())
                },
                address: None,
                testable: true,
            },
            Step {
                key: "time_zone",
                title: "Time zone",
                explanation: "The zone and the language that new people begin with.",
                state: done(self.time_zone.is_some()),
                detail: self.time_zone.clone(),
                address: Some("/admin/setup"),
                testable: false,
            },
            Step {
                key: "team",
                title: "A team",
                explanation: "Alerts and services belong to teams, and teams have people.",
                state: done(counts.teams > 0),
                detail: none_or(counts.teams, "teams with people in them"),
                address: Some("/admin/teams"),
                testable: false,
            },
            Step {
                key: "service",
                title: "A service",
                explanation: "What people rely on, with the team that keeps it running.",
                state: done(counts.services > 0),
                detail: none_or(counts.services, "services that a team owns"),
                address: Some("/services"),
                testable: false,
            },
            Step {
                key: "integration",
                title: "A source of alerts",
                explanation: "Point a monitor at an integration; the step is done when the first alert has arrived.",
                state: done(counts.reporting > 0),
                detail: Some(match (counts.reporting, counts.integrations) {
                    (1, _) => "One integration has reported something".to_owned(),
                    (2.., _) => format!("{} integrations have reported something", counts.reporting),
                    (_, 0) => "There is no integration yet.".to_owned(),
                    (_, 1) => "One integration, which has reported nothing yet".to_owned(),
                    (_, made) => format!("{made} integrations, none of which has reported anything yet"),
                }),
                address: Some("/integrations"),
                testable: false,
            },
            Step {
                key: "test_page",
                title: "A page to yourself",
                explanation: "Sends you a page the way that a real one goes: by your own notification rules.",
                state: page.0,
                detail: Some(page.1.to_owned()),
                address: Some("/me"),
                testable: false,
            },
            Step {
                key: "backup",
                title: "A backup",
                explanation: "`bridgewatch backup FILE` writes all rows while the server runs. Keep it, and the vault \
                              key, elsewhere.",
                state: done(counts.backup_at.is_some()),
                detail: Some(match counts.backup_at {
                    Some(at) => format!("The last one was written at {}.", timestamp(at)),
                    None => "None was written yet.".to_owned(),
                }),
                address: None,
                testable: false,
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_ports() {
        assert_eq!(host_of("https://bw.example:8443/x"), "bw.example");
        assert_eq!(host_of("http://[::1]:8080"), "::1");
        assert_eq!(host_of("bw.example"), "bw.example");
        assert!(is_only_here(host_of("http://127.0.0.1:8080")) && !is_only_here("bw.example"));
    }

    #[test]
    fn a_failed_test_shows_and_a_step_never_ticks_itself() {
        let counts = Counts {
            teams: 1,
            services: 0,
            integrations: 2,
            reporting: 0,
            test_pages: 1,
            test_pages_sent: 0,
            backup_at: None,
        };
        let failed = TestRow { step: "mail".to_owned(), ok: false, detail: "refused".to_owned() };
        let facts = Facts {
            base_url: "https://bw.example".to_owned(),
            mail_configured: true,
            time_zone: None,
            counts,
            tests: vec![failed],
        };
        let states: Vec<_> = facts.steps().iter().map(|step| (step.key, step.state)).collect();
        assert_eq!(
            states,
            [
                ("base_url", State::Done),
                ("mail", State::Failing),
                ("time_zone", State::Todo),
                ("team", State::Done),
                ("service", State::Todo),
                ("integration", State::Todo),
                ("test_page", State::Failing),
                ("backup", State::Todo),
            ]
        );
    }
}
