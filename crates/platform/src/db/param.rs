//! Parameters of SQL statements.

use std::fmt::Write as _;

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
    let mut list = String::with_capacity(count * 5);
    push_placeholders(&mut list, first, count);
    list
}

/// `($1,$2),($3,$4)`: `rows` groups of `columns` placeholders, for VALUES of many rows.
pub fn placeholder_rows(rows: usize, columns: usize) -> String {
    let mut list = String::with_capacity(rows * columns * 5);
    for row in 0..rows {
        list.push_str(if row == 0 { "(" } else { ",(" });
        push_placeholders(&mut list, 1 + row * columns, columns);
        list.push(')');
    }
    list
}

fn push_placeholders(list: &mut String, first: usize, count: usize) {
    for n in first..first + count {
        if n > first {
            list.push(',');
        }
        // Writing to a string does not fail.
        let _ = write!(list, "${n}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on() {
        assert_eq!(placeholders(3, 3), "$3,$4,$5");
        assert_eq!(placeholders(3, 0), "NULL");
        assert_eq!(placeholder_rows(2, 2), "($1,$2),($3,$4)");
        assert_eq!(placeholder_rows(1, 1), "($1)");
    }
}
