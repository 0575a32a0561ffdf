//! The words of notifications for somebody who looks at them.

use std::collections::HashMap;

use kernel::{Actor, Scope};
use platform::history::{ShownActor, shown_actors};
use platform::{App, Ctx, DbError};
use uuid::Uuid;

use super::store::NotificationRow;
use super::{Notice, Sources, Words};

/// The actors of these rows with their names, in the order of the rows.
pub(super) async fn actors(app: &App, scope: &Scope, rows: &[NotificationRow]) -> Result<Vec<ShownActor>, DbError> {
    let actors: Vec<Actor> = rows.iter().map(NotificationRow::actor).collect();
    shown_actors(app, scope, &actors).await
}

/// An actor in a sentence.
pub(super) fn who(actor: &ShownActor) -> String {
    match actor.kind.as_str() {
        "system" => "Bridgewatch".to_owned(),
        _ => actor.name.clone().unwrap_or_else(|| "Somebody".to_owned()),
    }
}

/// The words of those rows that the caller may see, by their ids; one question per kind of record.
pub(super) async fn of_rows(
    app: &App,
    ctx: &Ctx,
    sources: &Sources,
    rows: &[NotificationRow],
    actors: &[ShownActor],
) -> Result<HashMap<Uuid, Words>, DbError> {
    let mut kinds: HashMap<&str, Vec<Notice>> = HashMap::new();
    for (row, actor) in rows.iter().zip(actors) {
        kinds.entry(&row.record_kind).or_default().push(row.notice(who(actor)));
    }
    let mut words = HashMap::new();
    for (kind, notices) in kinds {
        if let Some(source) = sources.find(kind) {
            words.extend(source.words(app, ctx, &notices).await?);
        }
    }
    Ok(words)
}
