//! What kinds of failure there are. `platform` alone maps them to HTTP.

/// One field that was wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field, such as `steps[2].delay_min`.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl FieldError {
    /// A complaint about one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// What a failure means to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No such record, or none that the caller may see.
    NotFound,
    /// The caller is not signed in.
    Unauthenticated,
    /// The caller lacks a permission.
    Forbidden,
    /// The record is in a state that does not allow this, or was changed meanwhile.
    Conflict,
    /// The input is wrong in these fields.
    Invalid(Vec<FieldError>),
    /// Too many requests; try again after this many seconds.
    TooMany {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// What was sent is larger than is taken.
    TooLarge,
    /// What was sent is of a kind that is not taken.
    Unsupported,
    /// Something outside does not answer; trying again may help.
    Unavailable,
    /// A defect or a broken database.
    Internal,
}

/// An error of a capability, with its kind and a stable code.
pub trait KindedError: std::error::Error + Send + Sync + 'static {
    /// What it means to the caller.
    fn kind(&self) -> ErrorKind;
    /// A stable code in snake case, such as `ticket_not_found`.
    fn code(&self) -> &'static str;
}
