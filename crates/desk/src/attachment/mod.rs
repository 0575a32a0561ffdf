//! Files attached to tickets.
//!
//! **Vocabulary.** An *attachment* is a file under a name on one ticket, perhaps of one of its comments; an *internal* one
//! is for agents only. Its content is a blob ([`platform::blob`]), which several attachments may share.
//!
//! **Invariants**
//! - An attachment is found by its id and the sight of its ticket. Its hash is never told, and opens nothing.
//! - A customer never sees an internal attachment, nor that there is one.
//! - Its type comes from its content, its name is made harmless, and it is only ever given out to be saved.
//! - The content is durable before the row, which commits with its use of the blob and with its event. Events carry ids and
//!   sizes; the name stands in the row.
//! - A file takes the visibility of the comment that it is of; only its author can name it there.

mod api;
mod routes;
mod service;
mod store;

pub(crate) use api::Attachment;
pub(crate) use routes::routes;
pub(crate) use service::{attach_in, names, of_comments};
