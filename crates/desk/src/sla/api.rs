//! Calendars, service levels and clocks over the wire.

use domain::calendar::{CalendarBody, OpenSpan};
use domain::sla::SlaBody;
use jiff::Timestamp;
use kernel::{Action, ProjectId, Ref};
use platform::history::ShownActor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A calendar or service level named in the answer about another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KeyedRef)]
pub(crate) struct KeyedRef {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// A calendar.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calendar)]
pub(super) struct CalendarDto {
    pub key: String,
    pub version: i64,
    pub name: String,
    /// Whether it is open now.
    pub open_now: bool,
    /// When it next closes or opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_change: Option<Timestamp>,
    pub definition: CalendarBody,
    /// The service levels that count by it.
    pub used_by: Vec<KeyedRef>,
    pub actions: Vec<Action>,
}

/// What to work out with a calendar: a stored one, or one that is not saved yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PreviewCalendar)]
pub(super) struct PreviewBody {
    /// Key of a calendar; or give `definition`.
    pub calendar: Option<String>,
    /// A calendar; or give `calendar`.
    pub definition: Option<CalendarBody>,
    /// When the time starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Minutes of business time, up to ten years.
    pub duration_min: u32,
}

/// A stretch of open time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalendarOpenSpan)]
pub(super) struct OpenSpanDto {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

impl From<OpenSpan> for OpenSpanDto {
    fn from(span: OpenSpan) -> Self {
        Self { from: span.from, to: span.to }
    }
}

/// When business time is over.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarPreview {
    #[schema(value_type = String, format = DateTime)]
    pub due: Timestamp,
    /// Whether the calendar is open at the start.
    pub open_at_start: bool,
    /// When it next closes or opens after the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_change: Option<Timestamp>,
    /// The open time in between; the first 60 stretches of the first 400 days.
    pub spans: Vec<OpenSpanDto>,
}

/// A service level.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sla)]
pub(super) struct SlaDto {
    pub key: String,
    pub version: i64,
    pub name: String,
    /// The projects whose tickets it is for; all, if empty.
    pub projects: Vec<Ref>,
    pub definition: SlaBody,
    pub recompute: Recompute,
    pub actions: Vec<Action>,
}

/// How far a re-computation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SlaRecompute)]
pub(super) struct Recompute {
    /// Open tickets whose clock is still to be worked out by the newest version.
    pub pending: i64,
    /// Open tickets that it is for.
    pub total: i64,
}

/// A service level to put into force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutSla)]
pub(super) struct PutSlaBody {
    /// Ids of the projects whose tickets it is for; all, if empty.
    #[serde(default)]
    pub projects: Vec<ProjectId>,
    /// What it says.
    pub definition: SlaBody,
}

/// What the clock of a service level shows on a ticket: its latest cycle.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct TicketSla {
    /// Key of the service level.
    pub key: String,
    /// Its name.
    pub name: String,
    /// `running`, `paused` or `completed`.
    pub phase: String,
    /// When no time remains; of a completed one, when it would have been. Absent while paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// When it was first breached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub breached_at: Option<Timestamp>,
    /// Seconds of business time that remain; negative after the breach.
    pub remaining_s: i64,
    /// Seconds of business time that have passed.
    pub elapsed_s: i64,
    /// Seconds of business time that it may take.
    pub target_s: i64,
    /// Whether no time remains, or none remained when it was stopped.
    pub breached: bool,
    /// Whether a state of the ticket pauses it.
    pub paused: bool,
    /// Whether its calendar is open now: outside its hours a clock stands still.
    pub within_hours: bool,
    /// When the calendar next closes or opens; absent around the clock and for completed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_change: Option<Timestamp>,
}

/// The goal of a clock.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketClockGoal)]
pub(super) struct GoalDto {
    pub key: String,
    /// Which tickets it is for; empty for all.
    pub query: String,
    pub target_min: i64,
}

/// One run of a clock.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketClockCycle)]
pub(super) struct CycleDto {
    pub number: i64,
    pub phase: String,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    pub elapsed_s: i64,
    pub remaining_s: i64,
    pub target_s: i64,
    pub breached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub breached_at: Option<Timestamp>,
}

/// Time by whoever had the ticket; absent name: nobody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketClockShare)]
pub(super) struct ShareDto {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Ref>,
    pub elapsed_s: i64,
}

/// The clock of a service level on a ticket, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TicketClock {
    #[serde(flatten)]
    pub shown: TicketSla,
    /// Number of the latest cycle.
    pub cycle: i64,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Absent for customers, as all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalDto>,
    /// By what it counts; absent around the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<KeyedRef>,
    /// Why it is paused, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_because: Option<String>,
    /// Time of the latest cycle by assignee.
    pub by_assignee: Vec<ShareDto>,
    /// Time of the latest cycle by team.
    pub by_team: Vec<ShareDto>,
    /// All cycles, oldest first.
    pub cycles: Vec<CycleDto>,
}

/// The clocks of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TicketClocks {
    pub items: Vec<TicketClock>,
}

/// Something that happened to a clock.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockEntry {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub sla: KeyedRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<u32>,
    /// `started`, `paused`, `resumed`, `goal_changed`, `warned`, `breached`, `stopped`, `continued`, `recomputed` ...
    pub kind: String,
    /// In words.
    pub text: String,
    /// The event that did it; absent for what time alone did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Uuid>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<ShownActor>,
    /// What the clock showed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
}

/// Why the clocks of a ticket show what they show, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClockTimeline {
    pub items: Vec<ClockEntry>,
}
