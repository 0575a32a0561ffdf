//! Typed record ids: UUIDv7 underneath, so that they sort by creation time.

/// Declares an id type: a UUID that cannot be confused with the id of another kind of record.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = uuid::Uuid)]
        pub struct $name(pub uuid::Uuid);
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self { Self(id) }
        }
        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { text.parse().map(Self) }
        }
    )+};
}

ids! {
    /// A person: agent, administrator or customer.
    PersonId,
    /// A team of people.
    TeamId,
    /// A browser session.
    SessionId,
    /// An API token.
    TokenId,
    /// A way to reach a person: a mail address or a webhook.
    ContactId,
    /// A versioned configuration document (any version of it).
    DocumentId,
    /// A typed link between two records.
    LinkId,
    /// A service that the organisation runs.
    ServiceId,
    /// A project: a home for tickets with a key.
    ProjectId,
    /// A ticket.
    TicketId,
    /// A comment on a ticket.
    CommentId,
    /// A source of alerts.
    IntegrationId,
    /// An alert.
    AlertId,
    /// An on-call schedule.
    ScheduleId,
    /// One intended notification: alert x step x contact.
    PageId,
    /// A timer or job.
    JobId,
    /// An entry of the event log.
    EventId,
    /// Content that is kept outside the database, such as an attached file.
    BlobId,
    /// A file attached to a ticket.
    AttachmentId,
}
