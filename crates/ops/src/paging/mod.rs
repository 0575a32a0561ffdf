//! Paging: running escalations, notifications, and the trail of who was told when, how and why.
