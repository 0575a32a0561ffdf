//! Telling people about an event.

use std::collections::HashMap;

use jiff::SignedDuration;
use kernel::{Event, PersonId, RecordKind, micros};
use platform::history::shown_actors;
use platform::{App, DbError, NewJob, StoredEvent, Tx};
use serde_json::{Value, json};

use super::{Choice, Choices, Notice, Reason, Source, jobs, store, words};

/// What is told later than this after it happened is not mailed: after a long outage people read it in the app.
const MAILED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// The first reason of each person whose topic they want, with how they want it.
fn wanted(reasons: Vec<Reason>, choices: &HashMap<PersonId, Choices>) -> Vec<(Reason, Choice)> {
    let mut wanted: Vec<(Reason, Choice)> = Vec::new();
    for reason in reasons {
        let own = choices.get(&reason.person).and_then(|choices| choices.get(reason.topic.key));
        let choice = own.copied().unwrap_or(reason.topic.usual);
        if !choice.is_none() && wanted.iter().all(|(earlier, _)| earlier.person != reason.person) {
            wanted.push((reason, choice));
        }
    }
    wanted
}

/// Tells people about an event, in the transaction of the reader that handles it. `data` are the facts that the source
/// wants back when it words the notifications: ids and small values.
///
/// # Errors
/// When the database fails.
pub async fn tell_in(
    app: &App,
    tx: &mut Tx,
    source: &dyn Source,
    event: &StoredEvent,
    mut reasons: Vec<Reason>,
    data: Value,
) -> Result<(), DbError> {
    reasons.retain(|reason| event.actor.person() != Some(reason.person));
    if reasons.is_empty() {
        return Ok(());
    }
    let mut people: Vec<PersonId> = reasons.iter().map(|reason| reason.person).collect();
    people.sort_unstable();
    people.dedup();
    let choices = store::list_choices(&*tx, &people).await?;
    let choices = choices.into_iter().map(|(person, choices, _)| (person, choices)).collect();
    let wanted = wanted(reasons, &choices);
    if wanted.is_empty() {
        return Ok(());
    }
    let actor = shown_actors(app, &kernel::Scope::All, std::slice::from_ref(&event.actor)).await?;
    let who = actor.first().map(words::who).unwrap_or_default();
    let late = tx.now().duration_since(event.at) > MAILED_WITHIN;
    for (reason, choice) in wanted {
        // The event is committed: what other connections see is at least what happened.
        let Some(ctx) = app.authenticator.caller_of(reason.person).await? else { continue };
        let id = tx.new_id();
        let notice = Notice {
            id,
            topic: reason.topic.key.to_owned(),
            record: event.record,
            who: who.clone(),
            data: data.clone(),
        };
        if source.words(app, &ctx, &[notice]).await?.is_empty() {
            continue;
        }
        if !store::insert(tx, id, event, &reason, data.clone(), choice.app).await? {
            continue;
        }
        if choice.mail && app.settings.mail_configured && !late {
            tx.schedule(NewJob::now(jobs::MAIL, id.to_string(), json!({}))).await?;
        }
        jobs::plan_sweep(tx, jobs::KEPT).await?;
        let facts = json!({"notification": id, "topic": reason.topic.key, "event": event.id});
        let version = micros(tx.now());
        tx.emit(Event::new("PersonNotified", RecordKind::NOTIFICATION, reason.person, version, facts));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::Topic;
    use super::*;

    static MENTIONED: Topic = Topic { key: "mentioned", name: "", explanation: "", usual: Choice::BOTH };
    static COMMENTED: Topic = Topic { key: "commented", name: "", explanation: "", usual: Choice::APP };
    const ANA: PersonId = PersonId(Uuid::from_u128(1));
    const BO: PersonId = PersonId(Uuid::from_u128(2));

    #[test]
    fn the_first_topic_that_somebody_wants_counts() {
        let reason = |person, topic| Reason { person, topic, why: "" };
        let reasons =
            vec![reason(ANA, &MENTIONED), reason(BO, &MENTIONED), reason(ANA, &COMMENTED), reason(BO, &COMMENTED)];
        let none = Choice { app: false, mail: false };
        let choices = HashMap::from([(BO, Choices::from([("mentioned".to_owned(), none)]))]);
        let told: Vec<_> =
            wanted(reasons, &choices).into_iter().map(|(reason, how)| (reason.person, reason.topic.key, how)).collect();
        assert_eq!(told, [(ANA, "mentioned", Choice::BOTH), (BO, "commented", Choice::APP)]);
    }
}
