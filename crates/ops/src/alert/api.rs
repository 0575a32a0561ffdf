//! What alerts look like in the API.

use std::collections::BTreeMap;

use kernel::{Action, AlertId, PersonId, Ref, ServiceId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActorView {
    /// `person`, `integration` or `system`.
    pub kind: String,
    /// Id of the person or integration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its name, or the name of the part of Bridgewatch.
    pub name: String,
}

/// The affected service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AffectedService {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// 1 (most critical) to 4.
    pub tier: i64,
}

/// Somebody who was named on the alert itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResponderView {
    /// `person`, `team`, `schedule` or `policy`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// The incident that an alert belongs to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentRef {
    /// Id of the ticket.
    pub id: Uuid,
    /// Its key, such as `OPS-12`.
    pub key: String,
    /// Its summary.
    pub summary: String,
    /// Its status.
    pub status: String,
}

/// The running, stopped or finished escalation of an alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AlertEscalation {
    /// The policy, by its name of today.
    pub policy: Ref,
    /// The version of the policy that was frozen onto the alert.
    pub policy_version: i64,
    /// 1 for the first walk through the steps.
    pub round: i64,
    /// When the next step falls due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step_at: Option<String>,
    /// What the next step does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_text: Option<String>,
    /// `running`, `stopped` or `finished`.
    pub state: String,
}

/// An alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Its number, for people.
    pub tiny_id: String,
    /// What de-duplicates it: at most one alert is open per alias.
    pub alias: String,
    /// One line.
    pub message: String,
    /// The rest.
    pub description: String,
    /// `open` or `closed`.
    pub status: String,
    /// Whether somebody has taken it.
    pub acknowledged: bool,
    /// Who took it, when a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<Ref>,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<String>,
    /// Until when it stays quiet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<String>,
    /// Whether a person has acted on it.
    pub seen: bool,
    /// `P1` to `P5`.
    pub priority: String,
    /// How often it was reported while open.
    pub count: i64,
    /// Where it comes from, in the sender's words.
    pub source: String,
    /// What it is about, in the sender's words.
    pub entity: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its details: names and values.
    pub details: BTreeMap<String, String>,
    /// What the caller may do to it.
    pub actions: Vec<Action>,
    /// The person it is assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Ref>,
    /// The team that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref>,
    /// The affected service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<AffectedService>,
    /// Why this service (or none) was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_reason: Option<String>,
    /// The integration that reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<Ref>,
    /// Who was named on the alert itself.
    pub responders: Vec<ResponderView>,
    /// When it was raised.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it was last reported.
    pub last_occurred_at: String,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// Who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<ActorView>,
    /// The incident it belongs to, where the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentRef>,
    /// `none`, `opened`, `proposed`, `folded` or `joined`.
    pub incident_state: String,
    /// Its escalation, if one was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<AlertEscalation>,
    /// Counts its changes.
    pub version: i64,
}

/// An alert in short, inside another record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AlertRef {
    /// Its id.
    pub id: AlertId,
    /// Its number.
    pub tiny_id: String,
    /// One line.
    pub message: String,
    /// `P1` to `P5`.
    pub priority: String,
    /// `open` or `closed`.
    pub status: String,
}

/// An alert of an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentAlert {
    /// The alert.
    #[serde(flatten)]
    pub alert: AlertRef,
    /// How often it was reported.
    pub count: i64,
    /// Whether somebody has taken it.
    pub acknowledged: bool,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
}

/// Which alerts to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertFilterQuery {
    /// `open` or `closed`.
    pub status: Option<String>,
    /// Only those (not) acknowledged.
    pub acknowledged: Option<bool>,
    /// One or several of `P1` to `P5`, separated by commas.
    pub priority: Option<String>,
    /// Id of the team.
    pub team: Option<TeamId>,
    /// Id of the service.
    pub service: Option<ServiceId>,
    /// Words of its texts, the last of which may be the beginning of one; or its number.
    pub text: Option<String>,
    /// A query, such as `owner = currentUser() AND priority > Medium ORDER BY last`.
    pub query: Option<String>,
}

/// Somebody to be named on an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponderInput {
    /// `person`, `team`, `schedule` or `policy`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

/// A new alert.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct RaiseAlertBody {
    /// One line, up to 130 characters.
    pub message: String,
    /// What de-duplicates it; the alert's own id when absent.
    pub alias: Option<String>,
    /// Up to 15,000 characters.
    pub description: Option<String>,
    /// `P1` to `P5`; `P3` when absent.
    pub priority: Option<String>,
    /// Up to 20.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Names and values, 8,000 characters in all.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
    /// What it is about.
    pub entity: Option<String>,
    /// Where it comes from.
    pub source: Option<String>,
    /// The affected service; found by the service rules when absent.
    pub service_id: Option<ServiceId>,
    /// The team; the service's owner when absent.
    pub team_id: Option<TeamId>,
    /// Who to tell besides.
    #[serde(default)]
    pub responders: Vec<ResponderInput>,
    /// A first note.
    pub note: Option<String>,
}

/// What goes with an action.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct NoteBody {
    /// A note to add.
    pub note: Option<String>,
}

/// How long to stay quiet.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SnoozeBody {
    /// The end of the snooze, RFC 3339.
    #[schema(format = DateTime)]
    pub until: String,
    /// A note to add.
    pub note: Option<String>,
}

/// Who takes it over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct AssignBody {
    /// The person.
    pub person_id: PersonId,
    /// A note to add.
    pub note: Option<String>,
}

/// A note.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewNote {
    /// Up to 25,000 characters.
    pub text: String,
}

/// Tags to add or take away.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TagsBody {
    /// The tags.
    pub tags: Vec<String>,
}

/// A change of an alert; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ChangeAlertBody {
    /// One line.
    pub message: Option<String>,
    /// The rest.
    pub description: Option<String>,
    /// `P1` to `P5`.
    pub priority: Option<String>,
    /// Replaces all details.
    pub details: Option<BTreeMap<String, String>>,
    /// Adds or replaces single details.
    pub add_details: Option<BTreeMap<String, String>>,
}

/// One action on many alerts.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct BulkBody {
    /// `acknowledge`, `close` or `snooze`.
    pub action: String,
    /// The alerts, up to 200.
    pub ids: Vec<AlertId>,
    /// The end of the snooze.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// What became of one alert of a bulk action.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkItem {
    /// The alert.
    pub id: AlertId,
    /// Whether it worked.
    pub ok: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of a bulk action, alert by alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// In the order of the request.
    pub items: Vec<BulkItem>,
}

/// A line of an alert's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogLine {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: String,
    /// Who.
    pub actor: ActorView,
    /// What kind of line, such as `acknowledged`.
    pub kind: String,
    /// What happened, in a sentence.
    pub text: String,
    /// Why it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Facts of it.
    pub data: serde_json::Value,
}

/// A note of an alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Note {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: String,
    /// Who.
    pub author: ActorView,
    /// What it says.
    pub text: String,
}
