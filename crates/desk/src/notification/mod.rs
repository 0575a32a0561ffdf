//! Who is told about tickets, and what it says.
//!
//! **Vocabulary**: see [`identity::notification`], which keeps the rows, the choices and the mails. This is the source
//! for tickets: [`reader`] follows the event log and says who has a reason; [`source`] words what was stored.
//!
//! **Invariants**
//! - A mention counts when it is written: text that mentioned somebody before it was edited tells them nothing new.
//! - Comments tell whoever takes part: the assignee, the reporter, and those who commented before. What is internal
//!   tells agents only, because it has no words for customers.
//! - What Bridgewatch notes on incidents by itself is not told: alerts page, and whoever acknowledged one knows it.

mod reader;
mod source;
mod store;

use identity::notification::{Choice, Topic};
use platform::{App, Work};

pub use source::TicketNotices;

/// Somebody was given a ticket.
static ASSIGNED: &Topic = &TOPICS[0];
/// Somebody was named in a text.
static MENTIONED: &Topic = &TOPICS[1];
/// Somebody commented.
static COMMENTED: &Topic = &TOPICS[2];
/// A ticket's status changed.
static STATUS_CHANGED: &Topic = &TOPICS[3];
/// Little time remains.
static SLA_WARNED: &Topic = &TOPICS[4];
/// No time remains.
static SLA_BREACHED: &Topic = &TOPICS[5];

static TOPICS: [Topic; 6] = [
    Topic {
        key: "assigned",
        name: "Assigned to you",
        explanation: "Somebody gives you a ticket to work on.",
        usual: Choice::BOTH,
    },
    Topic {
        key: "mentioned",
        name: "Mentions",
        explanation: "Somebody names you in a comment or a description.",
        usual: Choice::BOTH,
    },
    Topic {
        key: "commented",
        name: "Comments",
        explanation: "Somebody comments on a ticket that you work on, raised, or commented on.",
        usual: Choice::BOTH,
    },
    Topic {
        key: "status_changed",
        name: "Status of what you raised",
        explanation: "A ticket that you raised moves on, is resolved, or is opened again.",
        usual: Choice::BOTH,
    },
    Topic {
        key: "sla_warned",
        name: "Service level warnings",
        explanation: "Little time remains for a ticket that you work on, or that nobody of your team works on.",
        usual: Choice::APP,
    },
    Topic {
        key: "sla_breached",
        name: "Service level breaches",
        explanation: "No time remains for a ticket that you work on, or that nobody of your team works on.",
        usual: Choice::BOTH,
    },
];

/// The reader that tells people.
pub(crate) fn work(app: &App) -> Work {
    Work::new().reader(reader::TicketNotificationReader::new(app))
}
