//! Parameters of SQL statements.

use jiff::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

/// Something that can be bound to a `$n` of a statement.
pub trait IntoParam {
    /// The driver's value.
    fn into_param(self) -> Value;
}

macro_rules! from_value {
    ($($t:ty),+) => {$(
        impl IntoParam for $t { fn into_param(self) -> Value { self.into() } }
        impl IntoParam for Option<$t> { fn into_param(self) -> Value { self.into() } }
    )+};
}
from_value!(i64, bool, String, Uuid, serde_json::Value, Vec<u8>, f64);

macro_rules! id_params {
    ($($t:ident),+ $(,)?) => {$(
        impl IntoParam for kernel::$t { fn into_param(self) -> Value { self.0.into() } }
        impl IntoParam for Option<kernel::$t> { fn into_param(self) -> Value { self.map(|id| id.0).into() } }
    )+};
}
id_params!(
    AlertId,
    AttachmentId,
    BlobId,
    CommentId,
    ContactId,
    DocumentId,
    EventId,
    IntegrationId,
    JobId,
    LinkId,
    PageId,
    PersonId,
    ProjectId,
    ScheduleId,
    ServiceId,
    SessionId,
    TeamId,
    TicketId,
    TokenId,
);

impl IntoParam for &str {
    fn into_param(self) -> Value {
        self.to_owned().into()
    }
}
impl IntoParam for Option<&str> {
    fn into_param(self) -> Value {
        self.map(str::to_owned).into()
    }
}
impl IntoParam for &String {
    fn into_param(self) -> Value {
        self.clone().into()
    }
}
impl IntoParam for Timestamp {
    fn into_param(self) -> Value {
        kernel::micros(self).into()
    }
}
impl IntoParam for Option<Timestamp> {
    fn into_param(self) -> Value {
        self.map(kernel::micros).into()
    }
}
impl IntoParam for Value {
    fn into_param(self) -> Value {
        self
    }
}

/// `"$3,$4,$5"` for `first` 3 and `count` 3: the inside of an IN list. A list of none gives `NULL`, which
/// matches nothing.
pub fn placeholders(first: usize, count: usize) -> String {
    if count == 0 {
        return "NULL".to_owned();
    }
    let marks: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    marks.join(",")
}

/// `($1,$2),($3,$4)`: `rows` groups of `columns` placeholders, for an INSERT of many rows.
pub fn placeholder_rows(rows: usize, columns: usize) -> String {
    (0..rows).map(|row| format!("({})", placeholders(1 + row * columns, columns))).collect::<Vec<_>>().join(",")
}
