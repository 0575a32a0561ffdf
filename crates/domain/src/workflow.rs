//! Workflows: the statuses of a ticket and the ways between them.
//!
//! **Vocabulary.** A *status* has a *category* (todo, doing, waiting, done), which every report and list
//! understands whatever the status is called. A *transition* leads from some statuses to one; it may ask for a
//! *resolution*.
//!
//! **Invariants**
//! - A [`Workflow`] that exists is sound: [`Workflow::new`] and reading from JSON refuse anything else.
//! - The first status is where tickets start. It is not done.
//! - Absent on purpose: conditions and actions on transitions; they belong to automation.

use std::fmt;

use kernel::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a status means to lists, reports and clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StatusCategory)]
pub enum Category {
    /// Nobody works on it yet.
    Todo,
    /// Somebody works on it.
    Doing,
    /// It waits for somebody or something else.
    Waiting,
    /// Nothing is left to do.
    Done,
}

impl Category {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Todo, Self::Doing, Self::Waiting, Self::Done];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Doing => "doing",
            Self::Waiting => "waiting",
            Self::Done => "done",
        }
    }

    /// Reads the stored spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.as_str() == text)
    }
}

/// A status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Its key, such as `in_progress`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it means.
    pub category: Category,
}

/// A way to a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Its name, such as `Resolve`.
    pub name: String,
    /// The statuses it leads from.
    pub from: Vec<String>,
    /// The status it leads to.
    pub to: String,
    /// Whether it asks for one of the workflow's resolutions.
    #[serde(default)]
    pub requires_resolution: bool,
}

/// The shape of a workflow before it is known to be sound.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    statuses: Vec<Status>,
    transitions: Vec<Transition>,
    #[serde(default)]
    resolutions: Vec<String>,
}

/// A sound workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Body")]
pub struct Workflow {
    statuses: Vec<Status>,
    transitions: Vec<Transition>,
    resolutions: Vec<String>,
}

/// Why a workflow is not sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound(pub Vec<FieldError>);

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<String> = self.0.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect();
        f.write_str(&told.join(" "))
    }
}

impl std::error::Error for Unsound {}

impl TryFrom<Body> for Workflow {
    type Error = Unsound;

    fn try_from(body: Body) -> Result<Self, Unsound> {
        Self::new(body.statuses, body.transitions, body.resolutions)
    }
}

/// A step along the workflow that may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Key of the status after it.
    pub to: String,
    /// Category of that status.
    pub category: Category,
    /// The resolution, where the transition asks for one.
    pub resolution: Option<String>,
}

/// Why a step may not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No transition leads there.
    NoWay {
        /// Name of the status now.
        from: String,
        /// Name or key of the status asked for.
        to: String,
        /// Names of the statuses that can be reached.
        ways: Vec<String>,
    },
    /// The transition asks for a resolution, and none or an unknown one was given.
    Resolution {
        /// The resolutions there are.
        known: Vec<String>,
    },
    /// The transition takes no resolution.
    NoResolution,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWay { from, to, ways } if ways.is_empty() => {
                write!(f, "Nothing leads from {from} to {to}: {from} is an end.")
            }
            Self::NoWay { from, to, ways } => {
                write!(f, "Nothing leads from {from} to {to}; from here it goes to {}.", ways.join(", "))
            }
            Self::Resolution { known } => write!(f, "Give one of these resolutions: {}.", known.join(", ")),
            Self::NoResolution => f.write_str("This step takes no resolution; leave it out."),
        }
    }
}

impl std::error::Error for Refused {}

impl Workflow {
    /// Makes a workflow of these parts.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(statuses: Vec<Status>, transitions: Vec<Transition>, resolutions: Vec<String>) -> Result<Self, Unsound> {
        let mut wrong = Vec::new();
        match statuses.first() {
            None => wrong.push(FieldError::new("statuses", "A workflow needs a status.")),
            Some(first) if first.category == Category::Done => {
                wrong.push(FieldError::new(
                    "statuses[0].category",
                    "Tickets start in the first status: it is not done.",
                ));
            }
            Some(_) => {}
        }
        for (n, status) in statuses.iter().enumerate() {
            if status.key.trim().is_empty() || statuses[..n].iter().any(|other| other.key == status.key) {
                wrong.push(FieldError::new(format!("statuses[{n}].key"), "Each status needs a key of its own."));
            }
        }
        let known = |key: &str| statuses.iter().any(|status| status.key == key);
        for (n, transition) in transitions.iter().enumerate() {
            for key in transition.from.iter().chain([&transition.to]) {
                if !known(key) {
                    wrong.push(FieldError::new(format!("transitions[{n}]"), format!("There is no status {key}.")));
                }
            }
            if transition.requires_resolution && resolutions.is_empty() {
                let message = "It asks for a resolution, but the workflow has none.";
                wrong.push(FieldError::new(format!("transitions[{n}].requires_resolution"), message));
            }
        }
        if wrong.is_empty() { Ok(Self { statuses, transitions, resolutions }) } else { Err(Unsound(wrong)) }
    }

    /// Where tickets start.
    pub fn first(&self) -> &Status {
        &self.statuses[0]
    }

    /// The status with this key.
    pub fn status(&self, key: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.key == key)
    }

    /// All statuses, in the order in which people see them.
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// The resolutions that a transition may ask for.
    pub fn resolutions(&self) -> &[String] {
        &self.resolutions
    }

    /// The transitions that lead from a status, with the statuses they lead to.
    pub fn ways_from<'a>(&'a self, from: &'a str) -> impl Iterator<Item = (&'a Transition, &'a Status)> {
        self.transitions
            .iter()
            .filter(move |transition| transition.from.iter().any(|key| key == from))
            .filter_map(|transition| Some((transition, self.status(&transition.to)?)))
    }

    fn name(&self, key: &str) -> String {
        self.status(key).map_or_else(|| key.to_owned(), |status| status.name.clone())
    }

    /// The step from one status to another.
    ///
    /// # Errors
    /// Why it may not be taken, with what may be done instead.
    pub fn step(&self, from: &str, to: &str, resolution: Option<&str>) -> Result<Step, Refused> {
        let resolution = resolution.map(str::trim).filter(|resolution| !resolution.is_empty());
        let Some((transition, status)) = self.ways_from(from).find(|(transition, _)| transition.to == to) else {
            let ways = self.ways_from(from).map(|(_, status)| status.name.clone()).collect();
            return Err(Refused::NoWay { from: self.name(from), to: self.name(to), ways });
        };
        let resolution = match (transition.requires_resolution, resolution) {
            (false, None) => None,
            (false, Some(_)) => return Err(Refused::NoResolution),
            (true, Some(given)) if self.resolutions.iter().any(|known| known == given) => Some(given.to_owned()),
            (true, _) => return Err(Refused::Resolution { known: self.resolutions.clone() }),
        };
        Ok(Step { to: status.key.clone(), category: status.category, resolution })
    }
}

impl Default for Workflow {
    /// Open, in progress, waiting, resolved, closed.
    fn default() -> Self {
        let status = |key: &str, name: &str, category| Status { key: key.to_owned(), name: name.to_owned(), category };
        let way = |name: &str, from: &[&str], to: &str, requires_resolution| Transition {
            name: name.to_owned(),
            from: from.iter().map(|&key| key.to_owned()).collect(),
            to: to.to_owned(),
            requires_resolution,
        };
        Self {
            statuses: vec![
                status("open", "Open", Category::Todo),
                status("in_progress", "In progress", Category::Doing),
                status("waiting", "Waiting", Category::Waiting),
                status("resolved", "Resolved", Category::Done),
                status("closed", "Closed", Category::Done),
            ],
            transitions: vec![
                way("Start", &["open", "waiting"], "in_progress", false),
                way("Wait", &["open", "in_progress"], "waiting", false),
                way("Resolve", &["open", "in_progress", "waiting"], "resolved", true),
                way("Reopen", &["resolved"], "in_progress", false),
                way("Close", &["resolved"], "closed", false),
            ],
            resolutions: ["done", "fixed", "workaround", "duplicate", "not_reproducible", "declined"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn the_default_is_sound_and_reads_back() {
        let workflow = Workflow::default();
        let parts = workflow.clone();
        assert_eq!(Workflow::new(parts.statuses, parts.transitions, parts.resolutions), Ok(workflow.clone()));
        let json = serde_json::to_value(&workflow).expect("serializes");
        assert_eq!(serde_json::from_value::<Workflow>(json).expect("reads back"), workflow);
        assert_eq!(workflow.first().key, "open");
    }

    #[test]
    fn steps_follow_the_transitions() {
        let workflow = Workflow::default();
        let step = workflow.step("open", "resolved", Some("fixed")).expect("leads there");
        assert_eq!(step, Step { to: "resolved".into(), category: Category::Done, resolution: Some("fixed".into()) });
        let refused = |from: &str, to: &str, resolution: Option<&str>| {
            workflow.step(from, to, resolution).expect_err("refused").to_string()
        };
        assert_snapshot!(refused("open", "closed", None), @"Nothing leads from Open to Closed; from here it goes to In progress, Waiting, Resolved.");
        assert_snapshot!(refused("closed", "open", None), @"Nothing leads from Closed to Open: Closed is an end.");
        assert_snapshot!(refused("open", "resolved", None), @"Give one of these resolutions: done, fixed, workaround, duplicate, not_reproducible, declined.");
        assert_snapshot!(refused("open", "resolved", Some("magic")), @"Give one of these resolutions: done, fixed, workaround, duplicate, not_reproducible, declined.");
        assert_snapshot!(refused("open", "waiting", Some("fixed")), @"This step takes no resolution; leave it out.");
        assert_snapshot!(refused("open", "mars", None), @"Nothing leads from Open to mars; from here it goes to In progress, Waiting, Resolved.");
    }

    #[test]
    fn unsound_workflows_do_not_exist() {
        let json = serde_json::json!({
            "statuses": [{"key": "a", "name": "A", "category": "done"}, {"key": "a", "name": "B", "category": "todo"}],
            "transitions": [{"name": "Go", "from": ["a"], "to": "c", "requires_resolution": true}],
        });
        let error = serde_json::from_value::<Workflow>(json).expect_err("is refused").to_string();
        assert_snapshot!(error, @"statuses[0].category: Tickets start in the first status: it is not done. statuses[1].key: Each status needs a key of its own. transitions[0]: There is no status c. transitions[0].requires_resolution: It asks for a resolution, but the workflow has none.");
    }
}
