//! What notifications about tickets say, to whom it may be said.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::mention;
use identity::notification::{Notice, Source, Topic, Words};
use kernel::{Permission, RecordKind};
use platform::{App, Ctx, DbError};
use serde_json::Value;
use uuid::Uuid;

use super::store::{self, CommentRow, TicketRow};
use super::{ASSIGNED, COMMENTED, MENTIONED, SLA_BREACHED, SLA_WARNED, STATUS_CHANGED, TOPICS};
use crate::ticket::Access;

/// Tickets as a source of notifications.
#[derive(Clone, Copy, Debug, Default)]
pub struct TicketNotices;

/// The comment that a notice is about.
fn comment_of(notice: &Notice) -> Option<Uuid> {
    notice.data.get("comment").and_then(Value::as_str).and_then(|id| id.parse().ok())
}

fn fact<'n>(notice: &'n Notice, name: &str) -> &'n str {
    notice.data.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[async_trait]
impl Source for TicketNotices {
    fn record_kind(&self) -> &'static str {
        RecordKind::TICKET.0
    }

    fn topics(&self) -> &'static [Topic] {
        &TOPICS
    }

    async fn words(&self, app: &App, ctx: &Ctx, notices: &[Notice]) -> Result<HashMap<Uuid, Words>, DbError> {
        if !ctx.allows(Permission::TicketsRead) && !ctx.allows(Permission::TicketsReadOwn) {
            return Ok(HashMap::new());
        }
        let internal = Access::of(ctx, None).sees_internal;
        let sql = app.db.read();
        let mut ids: Vec<Uuid> = notices.iter().map(|notice| notice.record).collect();
        ids.sort_unstable();
        ids.dedup();
        let tickets = store::tickets(&sql, &ctx.scope, &ids).await?;
        let tickets: HashMap<Uuid, TicketRow> = tickets.into_iter().map(|row| (row.id, row)).collect();
        let wanted: Vec<Uuid> = notices.iter().filter_map(comment_of).collect();
        let comments = store::comments(&sql, &wanted, internal).await?;
        let comments: HashMap<Uuid, CommentRow> = comments.into_iter().map(|row| (row.id, row)).collect();
        let worded = notices.iter().filter_map(|notice| {
            let ticket = tickets.get(&notice.record)?;
            let comment = match comment_of(notice) {
                Some(id) => Some(comments.get(&id).filter(|row| row.ticket_id == ticket.id)?),
                None => None,
            };
            Some((notice.id, words(notice, ticket, comment, internal)?))
        });
        Ok(worded.collect())
    }
}

/// The words of one notice; none when its topic is not for this reader, or is of a later version.
fn words(notice: &Notice, ticket: &TicketRow, comment: Option<&CommentRow>, internal: bool) -> Option<Words> {
    let (who, key, topic) = (&notice.who, &ticket.key, notice.topic.as_str());
    let title = if topic == ASSIGNED.key {
        format!("{who} assigned {key} to you")
    } else if topic == MENTIONED.key {
        format!("{who} mentioned you in {key}")
    } else if topic == COMMENTED.key {
        let visibility = comment?.visibility.as_str();
        let how = if visibility == "public" { "commented on" } else { "wrote an internal comment on" };
        format!("{who} {how} {key}")
    } else if topic == STATUS_CHANGED.key {
        format!("{who} moved {key} to {}", fact(notice, "to"))
    } else if topic == SLA_WARNED.key && internal {
        format!("{} of {key} is running out: {}", fact(notice, "sla_name"), fact(notice, "words"))
    } else if topic == SLA_BREACHED.key && internal {
        format!("No time remains for {} of {key}", fact(notice, "sla_name"))
    } else {
        return None;
    };
    let text = match comment {
        Some(comment) => mention::spoken(&comment.body),
        None if topic == MENTIONED.key => mention::spoken(&ticket.description),
        None => String::new(),
    };
    Some(Words {
        title,
        text,
        key: Some(key.clone()),
        record_title: ticket.summary.clone(),
        path: format!("/tickets/{key}"),
    })
}
