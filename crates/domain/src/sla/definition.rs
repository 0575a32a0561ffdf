//! What an SLA says, and the facts of a ticket that it speaks about.

use std::fmt;

use jiff::civil::Date;
use kernel::{PersonId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::workflow::{Category, Unsound};

/// An SLA as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaBody {
    /// Its name, by which queries know it, such as `Time to resolution`.
    pub name: String,
    /// Between whom it is.
    #[serde(default)]
    pub agreement: Agreement,
    /// Any of these starts the clock.
    pub start: Vec<Trigger>,
    /// While any of these holds, the clock is paused.
    #[serde(default)]
    pub pause: Vec<StateMatch>,
    /// Any of these stops it.
    pub stop: Vec<Trigger>,
    /// What happens when a ticket is reopened whose resolution stopped the clock.
    #[serde(default)]
    pub on_reopen: OnReopen,
    /// Tried from the top; the first that matches is in force.
    pub goals: Vec<Goal>,
    /// When to warn. A breach is always noted.
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
}

/// An SLA whose parts fit together. Whether it fits the rest of the configuration says [`Sla::check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SlaBody", into = "SlaBody")]
pub struct Sla(SlaBody);

/// Between whom an SLA is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Agreement {
    /// Between the organisation and its customers.
    #[default]
    ServiceLevel,
    /// Between teams: what one team promises the others.
    OperationalLevel {
        /// The team that promises.
        team: TeamId,
    },
    /// What a vendor promises.
    UnderpinningContract {
        /// Name of the vendor.
        vendor: String,
    },
}

/// Something that happens in a change. A new ticket changes from nothing: one that is created with an assignee was
/// assigned, and entered its first status.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = SlaTrigger)]
pub enum Trigger {
    /// The ticket was created.
    Created,
    /// It had no assignee and got one.
    AssigneeFromUnassigned,
    /// It had an assignee and has none.
    AssigneeToUnassigned,
    /// Its assignee changed, also from and to nobody.
    AssigneeChanged,
    /// A customer commented.
    CommentByCustomer,
    /// A person of the organisation commented where customers can read it.
    CommentForCustomers,
    /// It had no due date and got one.
    DueDateSet,
    /// It had a due date and has none.
    DueDateCleared,
    /// Its due date changed, also from and to none.
    DueDateChanged,
    /// It became resolved.
    ResolutionSet,
    /// It was resolved and no longer is.
    ResolutionCleared,
    /// It entered a status.
    StatusEntered {
        /// Key of the status.
        status: String,
    },
}

/// A state of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = SlaStateMatch)]
pub enum StateMatch {
    /// It is in this status.
    Status {
        /// Key of the status.
        status: String,
    },
    /// Its status is of this category. `waiting` is how a clock pauses while it waits for the customer.
    Category {
        /// The category.
        category: Category,
    },
    /// Somebody is assigned.
    Assigned,
    /// Nobody is assigned.
    Unassigned,
    /// It has a due date.
    DueDateSet,
    /// It has no due date.
    DueDateUnset,
    /// It is resolved.
    Resolved,
    /// It is not resolved.
    Unresolved,
    /// Another team works on it, or none: the time of an operational level agreement.
    TeamIsNot {
        /// The team.
        team: TeamId,
    },
}

/// What a reopened ticket does to the cycle that its resolution completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlaOnReopen)]
pub enum OnReopen {
    /// The cycle goes on. The time in which the ticket was resolved does not count.
    #[default]
    Continue,
    /// Nothing, but that `resolution_cleared` may be a start condition and open a new cycle.
    StartCondition,
}

/// How long a ticket may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlaGoal)]
pub struct Goal {
    /// Its key, unique in the SLA, such as `p1`.
    pub key: String,
    /// Which tickets it is for, in the query language; all, if empty.
    #[serde(default)]
    pub query: String,
    /// How long it may take, in minutes of business time.
    pub target_min: u32,
    /// Key of the calendar that counts; around the clock, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// From when time counts for it.
    #[serde(default)]
    pub counts_from: CountsFrom,
}

/// From when time counts for a goal that takes over in the middle of a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SlaCountsFrom)]
pub enum CountsFrom {
    /// From the start of the cycle.
    #[default]
    CycleStart,
    /// From when it took over.
    Change,
}

/// When to warn, in business time of the goal in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = SlaThreshold)]
pub enum Threshold {
    /// When so much of the target is used up; above 100 for a breach that goes on.
    Percent {
        /// Percent of the target.
        percent: u32,
    },
    /// When so much time remains. It does not apply to goals that are not longer.
    Remaining {
        /// Minutes of business time.
        remaining_min: u32,
    },
}

/// What a ticket is like after a change, as far as clocks care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Key of its status.
    pub status: String,
    /// Category of that status at that time.
    pub category: Category,
    /// Who works on it.
    pub assignee: Option<PersonId>,
    /// Which team works on it.
    pub team: Option<TeamId>,
    /// Its due date.
    pub due: Option<Date>,
    /// Whether it is resolved.
    pub resolved: bool,
}

/// A comment that a change brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who wrote it.
    pub by: CommentBy,
    /// Whether customers can read it.
    pub public: bool,
}

/// Who wrote a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentBy {
    /// A customer, by hand.
    Customer,
    /// A person of the organisation, by hand.
    Agent,
    /// A rule or another part of Bridgewatch.
    Automation,
    /// A mailbox that answered by itself, such as an out-of-office note.
    AutoReply,
    /// The copy of a comment of another system.
    Echo,
}

impl SlaBody {
    /// Time to first response, by priority: stopped by the first public reply of a person, or by resolution.
    pub fn first_response(calendar: Option<&str>) -> Self {
        Self {
            name: "Time to first response".to_owned(),
            agreement: Agreement::ServiceLevel,
            start: vec![Trigger::Created],
            pause: Vec::new(),
            stop: vec![Trigger::CommentForCustomers, Trigger::ResolutionSet],
            on_reopen: OnReopen::StartCondition,
            goals: goals_by_priority([15, 30, 4 * 60, 8 * 60], calendar),
            thresholds: vec![Threshold::Percent { percent: 75 }],
        }
    }

    /// Time to resolution, by priority: paused while the ticket waits for somebody else, continued when it is
    /// reopened.
    pub fn resolution(calendar: Option<&str>) -> Self {
        Self {
            name: "Time to resolution".to_owned(),
            agreement: Agreement::ServiceLevel,
            start: vec![Trigger::Created],
            pause: vec![StateMatch::Category { category: Category::Waiting }],
            stop: vec![Trigger::ResolutionSet],
            on_reopen: OnReopen::Continue,
            goals: goals_by_priority([4 * 60, 8 * 60, 24 * 60, 40 * 60], calendar),
            thresholds: vec![Threshold::Percent { percent: 75 }],
        }
    }
}

/// Goals for P1 and P2 around the clock, and for P3 and the rest by a calendar.
fn goals_by_priority(targets_min: [u32; 4], calendar: Option<&str>) -> Vec<Goal> {
    let goal = |key: &str, query: &str, target_min: u32, calendar: Option<&str>| Goal {
        key: key.to_owned(),
        query: query.to_owned(),
        target_min,
        calendar: calendar.map(str::to_owned),
        counts_from: CountsFrom::CycleStart,
    };
    let [p1, p2, p3, rest] = targets_min;
    vec![
        goal("p1", "priority = P1", p1, None),
        goal("p2", "priority = P2", p2, None),
        goal("p3", "priority = P3", p3, calendar),
        goal("rest", "", rest, calendar),
    ]
}

impl Sla {
    /// The SLA that this document describes.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn new(body: SlaBody) -> Result<Self, Unsound> {
        super::validate::parts(&body)?;
        Ok(Self(body))
    }

    /// The document that describes it.
    pub fn body(&self) -> &SlaBody {
        &self.0
    }
}

impl TryFrom<SlaBody> for Sla {
    type Error = Unsound;

    fn try_from(body: SlaBody) -> Result<Self, Unsound> {
        Self::new(body)
    }
}

impl From<Sla> for SlaBody {
    fn from(sla: Sla) -> Self {
        sla.0
    }
}

impl Goal {
    /// Whether it is for every ticket.
    pub fn is_for_all(&self) -> bool {
        self.query.trim().is_empty()
    }

    /// Its target in microseconds.
    pub fn target_us(&self) -> i64 {
        i64::from(self.target_min) * 60_000_000
    }
}

impl Trigger {
    /// Whether this happened in a change: `before` is absent for a new ticket.
    pub fn happened(&self, before: Option<&Facts>, after: &Facts, comment: Option<Comment>) -> bool {
        let assignee = before.and_then(|facts| facts.assignee);
        let due = before.and_then(|facts| facts.due);
        let resolved = before.is_some_and(|facts| facts.resolved);
        match self {
            Self::Created => before.is_none(),
            Self::AssigneeFromUnassigned => assignee.is_none() && after.assignee.is_some(),
            Self::AssigneeToUnassigned => assignee.is_some() && after.assignee.is_none(),
            Self::AssigneeChanged => assignee != after.assignee,
            Self::CommentByCustomer => comment.is_some_and(|comment| comment.by == CommentBy::Customer),
            Self::CommentForCustomers => {
                comment.is_some_and(|comment| comment.public && comment.by == CommentBy::Agent)
            }
            Self::DueDateSet => due.is_none() && after.due.is_some(),
            Self::DueDateCleared => due.is_some() && after.due.is_none(),
            Self::DueDateChanged => due != after.due,
            Self::ResolutionSet => !resolved && after.resolved,
            Self::ResolutionCleared => resolved && !after.resolved,
            Self::StatusEntered { status } => {
                after.status == *status && before.is_none_or(|facts| facts.status != *status)
            }
        }
    }
}

impl StateMatch {
    /// Whether a ticket is in this state.
    pub fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Status { status } => facts.status == *status,
            Self::Category { category } => facts.category == *category,
            Self::Assigned => facts.assignee.is_some(),
            Self::Unassigned => facts.assignee.is_none(),
            Self::DueDateSet => facts.due.is_some(),
            Self::DueDateUnset => facts.due.is_none(),
            Self::Resolved => facts.resolved,
            Self::Unresolved => !facts.resolved,
            Self::TeamIsNot { team } => facts.team != Some(*team),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "the ticket was created",
            Self::AssigneeFromUnassigned => "it was assigned",
            Self::AssigneeToUnassigned => "its assignee was removed",
            Self::AssigneeChanged => "its assignee changed",
            Self::CommentByCustomer => "a customer commented",
            Self::CommentForCustomers => "a person answered in public",
            Self::DueDateSet => "a due date was set",
            Self::DueDateCleared => "the due date was cleared",
            Self::DueDateChanged => "the due date changed",
            Self::ResolutionSet => "it was resolved",
            Self::ResolutionCleared => "it was reopened",
            Self::StatusEntered { status } => return write!(f, "it entered the status {status}"),
        })
    }
}

impl fmt::Display for StateMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status { status } => return write!(f, "its status is {status}"),
            Self::Category { category: Category::Waiting } => "it waits for somebody else",
            Self::Category { category } => return write!(f, "its status is of the category {}", category.as_str()),
            Self::Assigned => "it has an assignee",
            Self::Unassigned => "it has no assignee",
            Self::DueDateSet => "it has a due date",
            Self::DueDateUnset => "it has no due date",
            Self::Resolved => "it is resolved",
            Self::Unresolved => "it is not resolved",
            Self::TeamIsNot { .. } => "another team has it",
        })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent { percent } => write!(f, "{percent} % of the time is used"),
            Self::Remaining { remaining_min } => {
                write!(f, "{} remain", super::timeline::words(i64::from(*remaining_min) * 60_000_000))
            }
        }
    }
}
