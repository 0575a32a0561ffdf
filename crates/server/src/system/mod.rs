//! The server about itself: its state, what is held, and what is wrong with it.

pub mod doctor;
pub mod files;
pub mod heartbeat;
pub mod metrics;
pub mod status;

use platform::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The operations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(status::get_system_status)).routes(routes!(status::release_outgoing))
}
