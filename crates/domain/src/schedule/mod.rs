//! Who is on call, by rotation and override.
//!
//! A [`Schedule`] has [`Rotation`]s and [`Override`]s. Rotations are cumulative: everybody whom a rotation names is
//! on call. An override puts one person into all or chosen rotations for a while and beats them. *Base* is what the
//! rotations say, *final* is what holds.
//!
//! **Invariants**
//! - **Only the wall clock of the schedule's zone counts.** The shift at an instant is the wall-clock time since the
//!   rotation's start, divided by the shift length. So a hand-over at 09:00 stays at 09:00 all year. Where clocks
//!   jump forward over a hand-over, it happens at the jump; where they go back over one, that part of the evening
//!   is served again as the wall clock shows it again. Nothing drifts, whatever the year.
//! - Shifts count from the rotation's start even while restrictions keep it silent, so an added restriction never
//!   changes whose week it is.
//! - An override holds for all of its time, also where the rotation would be silent. Of two overrides of one
//!   rotation the later in the list wins.
//! - `none` as a participant is nobody on purpose: no gap.
//! - The timeline agrees with [`on_call_at`] at every instant (tested minute by minute over years and zones).

mod resolve;
#[cfg(test)]
mod tests;
mod validate;

use jiff::{
    Timestamp,
    civil::{DateTime, Time},
};
use kernel::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use resolve::{on_call_at, people_on_call_at, timeline};

use crate::zone::{Zone, hour_minute, local_minute};

/// A rotation's id, unique in its schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Uuid)]
pub struct RotationId(pub Uuid);

/// An override's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Uuid)]
pub struct OverrideId(pub Uuid);

/// Who is on call when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleBody)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// The zone in which its rotations turn.
    #[schema(value_type = String, examples("Europe/Oslo"))]
    pub time_zone: Zone,
    /// Who is on call in turn; all of them count.
    pub rotations: Vec<Rotation>,
    /// Exceptions, oldest first.
    #[serde(default)]
    pub overrides: Vec<Override>,
}

/// People who take turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rotation {
    /// Its id.
    pub id: RotationId,
    /// Its name, such as `Primary`.
    pub name: String,
    /// The unit of `length`.
    pub kind: RotationKind,
    /// How many hours, days or weeks one shift lasts.
    pub length: u32,
    /// When the first participant's first shift starts, in the schedule's zone.
    #[serde(with = "local_minute")]
    #[schema(value_type = String, examples("2026-01-05T09:00"))]
    pub start: DateTime,
    /// When the rotation ends, in the schedule's zone.
    #[serde(default, with = "local_minute::option")]
    #[schema(value_type = Option<String>)]
    pub end: Option<DateTime>,
    /// Who takes turns, in order. The same person may stand in it twice.
    pub participants: Vec<Participant>,
    /// When it counts; always, if empty.
    #[serde(default)]
    pub restrictions: Vec<Restriction>,
}

/// The unit of a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RotationKind {
    /// Hours.
    Hourly,
    /// Days.
    Daily,
    /// Weeks.
    Weekly,
}

/// Who has a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Participant {
    /// A person.
    Person {
        /// Which.
        id: PersonId,
    },
    /// Nobody, on purpose.
    None,
}

impl Participant {
    /// The person, if it is one.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person { id } => Some(id),
            Self::None => None,
        }
    }
}

/// A part of the day, or of the week, in which a rotation counts. The end is not included. An end that is not after
/// the start means the next day (or week).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Restriction {
    /// Weekday of the start, 1 (Monday) to 7; absent with `to_weekday` for every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_weekday: Option<i8>,
    /// Time of day of the start, such as `18:00`.
    #[serde(with = "hour_minute")]
    #[schema(value_type = String, examples("09:00"))]
    pub from: Time,
    /// Weekday of the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_weekday: Option<i8>,
    /// Time of day of the end, such as `08:00`.
    #[serde(with = "hour_minute")]
    #[schema(value_type = String, examples("17:00"))]
    pub to: Time,
}

/// One person instead of the rotations, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleOverride)]
pub struct Override {
    /// Its id.
    pub id: OverrideId,
    /// Who is on call instead.
    pub person: PersonId,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when, not included.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Which rotations; empty for all.
    #[serde(default)]
    pub rotation_ids: Vec<RotationId>,
}

impl Override {
    /// Whether it replaces this rotation.
    pub fn covers(&self, rotation: RotationId) -> bool {
        self.rotation_ids.is_empty() || self.rotation_ids.contains(&rotation)
    }
}

/// Why somebody is on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "because", rename_all = "snake_case")]
#[schema(as = OnCallBecause)]
pub enum Because {
    /// It is their turn.
    Rotation,
    /// An override says so.
    Override {
        /// Which.
        override_id: OverrideId,
    },
}

/// Somebody who is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OnCall {
    /// In which rotation.
    pub rotation_id: RotationId,
    /// Its name.
    pub rotation: String,
    /// Who.
    pub person: PersonId,
    /// Why.
    #[serde(flatten)]
    pub because: Because,
    /// When that changes; absent if it does not within 400 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// A stretch of time in a rotation. The end is not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleSpan)]
pub struct Span {
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Who; absent for nobody on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Why.
    #[serde(flatten)]
    pub because: Because,
}

/// The spans of one rotation in order. Where there is none, nobody is on call in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RotationSpans {
    /// Which rotation.
    pub rotation_id: RotationId,
    /// Its name.
    pub rotation: String,
    /// Its spans.
    pub spans: Vec<Span>,
}

/// A stretch of time in which nobody is on call and nobody meant it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleGap)]
pub struct Gap {
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// What a schedule says about a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleTimeline)]
pub struct Timeline {
    /// What the rotations say.
    pub base: Vec<RotationSpans>,
    /// The overrides that touch it, cut to it.
    pub overrides: Vec<Override>,
    /// What holds.
    #[serde(rename = "final")]
    pub final_spans: Vec<RotationSpans>,
    /// Where nobody is on call.
    pub gaps: Vec<Gap>,
}
