//! Attachments over the wire.

use jiff::Timestamp;
use kernel::{Action, AttachmentId, CommentId, Ref};
use serde::Serialize;
use utoipa::ToSchema;

/// A file attached to a ticket.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub(crate) struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its name.
    pub name: String,
    /// What it is, by its content.
    #[schema(examples("image/png"))]
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Whether only agents see it.
    pub internal: bool,
    /// Width in pixels, of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Height in pixels, of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// When it was attached.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who attached it.
    pub created_by: Ref,
    /// Whether there is a small picture of it.
    pub thumbnail: bool,
    /// The comment that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment_id: Option<CommentId>,
    /// What the caller may do: `delete`.
    pub actions: Vec<Action>,
}

/// The files of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Attachments {
    /// Oldest first.
    pub items: Vec<Attachment>,
}

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form, which is read piece by piece")]
pub(super) struct AttachmentForm {
    /// The file, with its name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Whether only agents see it: `true` or `false`.
    #[schema(value_type = Option<String>)]
    internal: Option<String>,
}
