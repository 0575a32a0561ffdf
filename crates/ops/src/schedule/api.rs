//! What goes over the wire.

use std::collections::HashMap;

use domain::{
    schedule::{Because, Gap, Override, Participant, Restriction, Rotation, RotationId, RotationKind, Span},
    zone::{Zone, local_minute},
};
use jiff::{Timestamp, civil::DateTime};
use kernel::{Action, FieldError, PersonId, Ref, TeamId};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Names of people by id.
pub(crate) type Names = HashMap<PersonId, String>;

/// A person with a name, also when the person is gone.
pub(crate) fn person_ref(names: &Names, id: PersonId) -> Ref {
    Ref::new(id, names.get(&id).map_or("(unknown person)", String::as_str))
}

/// Whether a participant is a person or nobody on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantKind {
    /// A person.
    Person,
    /// Nobody, on purpose.
    None,
}

/// Who takes a turn. `name` is ignored in requests.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ParticipantDto {
    /// A person, or nobody.
    pub kind: ParticipantKind,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// People who take turns.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RotationDto {
    /// Its id; leave it out for a new rotation.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// The unit of `length`.
    pub kind: RotationKind,
    /// How many hours, days or weeks one shift lasts.
    pub length: u32,
    /// When the first shift starts, in the schedule's zone.
    #[serde(with = "local_minute")]
    #[schema(value_type = String, examples("2026-01-05T09:00"))]
    pub start: DateTime,
    /// When the rotation ends, in the schedule's zone.
    #[serde(default, with = "local_minute::option")]
    #[schema(value_type = Option<String>)]
    pub end: Option<DateTime>,
    /// Who takes turns, in order.
    pub participants: Vec<ParticipantDto>,
    /// When it counts; always, if empty.
    #[serde(default)]
    pub restrictions: Vec<Restriction>,
}

impl RotationDto {
    /// The rotation; `new_id` gives one to a rotation without an id.
    pub(crate) fn rotation(self, path: &str, new_id: impl FnOnce() -> Uuid) -> Result<Rotation, FieldError> {
        let participants = self
            .participants
            .into_iter()
            .enumerate()
            .map(|(index, participant)| match (participant.kind, participant.id) {
                (ParticipantKind::None, _) => Ok(Participant::None),
                (ParticipantKind::Person, Some(id)) => Ok(Participant::Person { id: PersonId(id) }),
                (ParticipantKind::Person, None) => {
                    Err(FieldError::new(format!("{path}.participants[{index}].id"), "name the person"))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Rotation {
            id: RotationId(self.id.unwrap_or_else(new_id)),
            name: self.name.trim().to_owned(),
            kind: self.kind,
            length: self.length,
            start: self.start,
            end: self.end,
            participants,
            restrictions: self.restrictions,
        })
    }

    pub(crate) fn of(rotation: Rotation, names: &Names) -> Self {
        Self {
            id: Some(rotation.id.0),
            name: rotation.name,
            kind: rotation.kind,
            length: rotation.length,
            start: rotation.start,
            end: rotation.end,
            participants: rotation
                .participants
                .into_iter()
                .map(|participant| match participant {
                    Participant::None => ParticipantDto { kind: ParticipantKind::None, id: None, name: None },
                    Participant::Person { id } => {
                        let person = person_ref(names, id);
                        ParticipantDto { kind: ParticipantKind::Person, id: Some(person.id), name: Some(person.name) }
                    }
                })
                .collect(),
            restrictions: rotation.restrictions,
        }
    }
}

/// A schedule to create, or the whole new definition of one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ScheduleBody {
    /// Name, unique among schedules.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The team that owns it.
    #[serde(default)]
    pub team_id: Option<TeamId>,
    /// The zone in which its rotations turn.
    #[schema(value_type = String, examples("Europe/Oslo"))]
    pub time_zone: Zone,
    /// Who takes turns; everybody whom a rotation names is on call.
    #[serde(default)]
    pub rotations: Vec<RotationDto>,
}

/// A schedule.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OnCallSchedule)]
pub struct ScheduleDto {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The team that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// The zone in which its rotations turn.
    pub time_zone: String,
    /// Who takes turns.
    pub rotations: Vec<RotationDto>,
    /// Who is on call now.
    pub on_call: Vec<OnCallDto>,
    /// Who comes on call next, per rotation.
    pub next: Vec<NextOnCall>,
    /// Version of the record, for `If-Match`.
    pub version: i64,
    /// What the caller may do.
    pub actions: Vec<Action>,
}

/// `rotation` or `override`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BecauseDto {
    /// It is their turn.
    Rotation,
    /// An override says so.
    Override,
}

impl From<Because> for BecauseDto {
    fn from(because: Because) -> Self {
        match because {
            Because::Rotation => Self::Rotation,
            Because::Override { .. } => Self::Override,
        }
    }
}

/// Somebody on call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnCallDto {
    /// Who.
    pub person: Ref,
    /// In which rotation.
    pub rotation: String,
    /// Why.
    pub because: BecauseDto,
    /// When that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// Somebody who comes on call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NextOnCall {
    /// Who.
    pub person: Ref,
    /// In which rotation.
    pub rotation: String,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
}

/// A stretch of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TimelineSpan)]
pub struct SpanDto {
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when, not included.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Who; absent for nobody on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Ref>,
    /// Why.
    pub because: BecauseDto,
    /// The override that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_id: Option<Uuid>,
}

impl SpanDto {
    pub(crate) fn of(span: &Span, names: &Names) -> Self {
        let override_id = match span.because {
            Because::Rotation => None,
            Because::Override { override_id } => Some(override_id.0),
        };
        Self {
            from: span.from,
            to: span.to,
            person: span.person.map(|id| person_ref(names, id)),
            because: span.because.into(),
            override_id,
        }
    }
}

/// The spans of one rotation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TimelineRotation)]
pub struct RotationSpansDto {
    /// Which rotation.
    pub rotation_id: Uuid,
    /// Its name.
    pub rotation: String,
    /// Its spans in order.
    pub spans: Vec<SpanDto>,
}

/// One override.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScheduleOverride)]
pub struct OverrideDto {
    /// Its id.
    pub id: Uuid,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when, not included.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Who is on call instead.
    pub person: Ref,
    /// Always `override`.
    pub because: BecauseDto,
    /// Which rotations; empty for all.
    pub rotation_ids: Vec<Uuid>,
}

impl OverrideDto {
    pub(crate) fn of(one: &Override, names: &Names) -> Self {
        Self {
            id: one.id.0,
            from: one.from,
            to: one.to,
            person: person_ref(names, one.person),
            because: BecauseDto::Override,
            rotation_ids: one.rotation_ids.iter().map(|id| id.0).collect(),
        }
    }
}

/// Overrides, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverrideList {
    /// The overrides.
    pub items: Vec<OverrideDto>,
}

/// What a schedule says about a stretch of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScheduleTimeline)]
pub struct TimelineDto {
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// The schedule's zone.
    pub time_zone: String,
    /// What the rotations say.
    pub base: Vec<RotationSpansDto>,
    /// The overrides that touch it.
    pub overrides: Vec<OverrideDto>,
    /// What holds.
    #[serde(rename = "final")]
    pub final_spans: Vec<RotationSpansDto>,
    /// Where nobody is on call.
    pub gaps: Vec<Gap>,
}

/// Who is on call now, everywhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnCallNow {
    /// One entry per schedule.
    pub items: Vec<ScheduleOnCall>,
}

/// Who is on call now on one schedule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScheduleOnCall {
    /// The schedule.
    pub schedule: Ref,
    /// The team that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// Its zone.
    pub time_zone: String,
    /// Who.
    pub on_call: Vec<OnCallDto>,
    /// Where nobody is on call in the next 14 days.
    pub gaps: Vec<Gap>,
}

/// When the caller is on call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyOnCall {
    /// Now.
    pub items: Vec<MyWatch>,
    /// In the next 14 days.
    pub next: Vec<MyShift>,
}

/// One schedule on which the caller is on call now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyWatch {
    /// The schedule.
    pub schedule: Ref,
    /// The rotation.
    pub rotation: String,
    /// Until when, if that is within 400 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// A shift to come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyShift {
    /// The schedule.
    pub schedule: Ref,
    /// The rotation.
    pub rotation: String,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}
