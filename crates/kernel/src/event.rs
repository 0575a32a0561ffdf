//! The event envelope: the event row is also the audit row.

use serde_json::Value;
use uuid::Uuid;

/// Which kind of record an event is about. The text is stored and shown in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordKind(pub &'static str);

impl RecordKind {
    /// A person.
    pub const PERSON: Self = Self("person");
    /// A team.
    pub const TEAM: Self = Self("team");
    /// The organisation itself.
    pub const ORGANISATION: Self = Self("organisation");
    /// A browser session.
    pub const SESSION: Self = Self("session");
    /// An API token.
    pub const TOKEN: Self = Self("token");
    /// A configuration document.
    pub const DOCUMENT: Self = Self("document");
    /// A link between records.
    pub const LINK: Self = Self("link");
    /// A service.
    pub const SERVICE: Self = Self("service");
    /// A project.
    pub const PROJECT: Self = Self("project");
    /// A ticket.
    pub const TICKET: Self = Self("ticket");
    /// An integration.
    pub const INTEGRATION: Self = Self("integration");
    /// An alert.
    pub const ALERT: Self = Self("alert");
    /// A schedule.
    pub const SCHEDULE: Self = Self("schedule");
    /// An escalation policy.
    pub const ESCALATION_POLICY: Self = Self("escalation_policy");
    /// What a person was told; its id is the person's.
    pub const NOTIFICATION: Self = Self("notification");
    /// A job.
    pub const JOB: Self = Self("job");
    /// The server itself.
    pub const SERVER: Self = Self("server");
}

/// Something that happened to a record: what a service hands to the transaction, which adds actor, origin,
/// request, instant and id.
#[derive(Clone, Debug)]
pub struct Event {
    /// Past tense, such as `TicketAssigned`.
    pub kind: &'static str,
    /// Schema version of `data`.
    pub version: i16,
    /// Kind of the record.
    pub record_kind: RecordKind,
    /// Id of the record.
    pub record: Uuid,
    /// Version of the record after the change; live clients compare it.
    pub record_version: i64,
    /// Facts of the event: ids and small values, `{field: {before, after}}` under `changes`. No free text.
    pub data: Value,
}

impl Event {
    /// An event at schema version 1.
    pub fn new(
        kind: &'static str,
        record_kind: RecordKind,
        record: impl Into<Uuid>,
        record_version: i64,
        data: Value,
    ) -> Self {
        Self { kind, version: 1, record_kind, record: record.into(), record_version, data }
    }
}
