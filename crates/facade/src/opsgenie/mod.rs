//! The alert API of Opsgenie.
//!
//! **Vocabulary.** *GenieKey*: an integration's key or an API token, in `Authorization: GenieKey ...`. *Request*: what
//! a client polls after a 202; here the change is committed before the 202, so its status is there at once.
//!
//! **Invariants**
//! - Every body is JSON, also of errors: the Python SDK parses every body.
//! - A verb on an alert that does not exist answers 202 all the same; the failure stands in the request's status.
//! - Over-long fields are cut, never refused: Alertmanager gives up on any 4xx but 429.
//! - A request's status is shown to the key that made it only.
//!
//! **One request walked through.** `POST /v2/alerts/disk/close?identifierType=alias`: `caller` turns the key into a
//! caller; `routes` reads the body; `service::run` finds the open alert by its alias, closes it and writes the
//! request's row, in one transaction; the answer is 202 with the request's id.
//!
//! Source: the public description of the Opsgenie REST API, and what its SDKs send.

mod answer;
mod body;
mod caller;
mod routes;
mod service;
mod store;
mod view;

pub use routes::routes;
