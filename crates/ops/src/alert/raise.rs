//! The hot verb: reports become alerts, or count on alerts that are open.
//!
//! One call takes a slice of reports and uses a handful of statements for all of them. Two transactions that report
//! the same alias at the same time cannot open two alerts: the partial unique index lets one insert win, and the
//! other counts on the winner's alert.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::service_rule::LabelMatcher;
use domain::alert::{Alert, Raise};
use jiff::Timestamp;
use kernel::{Actor, AlertId, Event, RecordKind, ServiceId, TeamId, micros};
use platform::Tx;
use serde_json::json;
use uuid::Uuid;

use super::change::{Responder, facts};
use super::error::AlertError;
use super::state::IncidentState;
use super::store::{self, AlertRow, NewLog, StoredActor};
use super::words;

/// A report that something is wrong: what it says, and where it belongs.
#[derive(Clone, Debug, Default)]
pub struct RaiseAlert {
    /// What it says; has gone through `Raise::checked` or `Raise::fitted`.
    pub raise: Raise,
    /// What the service rules look at besides the details.
    pub labels: BTreeMap<String, String>,
    /// The affected service, when the sender names it.
    pub service_id: Option<ServiceId>,
    /// The team, when the sender names it.
    pub team_id: Option<TeamId>,
    /// The team when neither the sender names one nor the service has an owner: the integration's own.
    pub default_team_id: Option<TeamId>,
    /// Who to tell besides.
    pub responders: Vec<Responder>,
    /// A first note.
    pub note: Option<String>,
    /// Why it is raised, for the log.
    pub because: Option<String>,
    /// The request that brought it, when several requests share the transaction.
    pub request_id: Option<String>,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Raised {
    /// The alert.
    pub id: AlertId,
    /// Whether it was open already and this report only counts.
    pub repeated: bool,
    /// How often it was reported by now.
    pub count: i64,
}

/// How often a lost race for an alias is tried again; each loss means that another transaction opened (or opened and
/// closed) the alias in between.
const ATTEMPTS: usize = 5;

/// Takes the reports in order: opens alerts for new aliases and counts on the open ones.
///
/// Gives one [`Raised`] per report, in the order of the reports.
pub async fn raise_in(tx: &mut Tx, reports: &[RaiseAlert]) -> Result<Vec<Raised>, AlertError> {
    let mut places: Vec<Option<Raised>> = vec![None; reports.len()];
    let mut ids: Vec<Uuid> = Vec::with_capacity(reports.len());
    for _ in reports {
        ids.push(tx.new_id());
    }
    let aliases: Vec<String> = reports
        .iter()
        .zip(&ids)
        .map(|(report, id)| {
            report.raise.alias.clone().filter(|alias| !alias.is_empty()).unwrap_or_else(|| id.to_string())
        })
        .collect();
    for _ in 0..ATTEMPTS {
        let waiting: Vec<usize> = (0..reports.len()).filter(|place| places[*place].is_none()).collect();
        if waiting.is_empty() {
            break;
        }
        let mut wanted: Vec<String> = waiting.iter().map(|place| aliases[*place].clone()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut open: HashMap<String, AlertRow> =
            store::lock_open_aliases(tx, &wanted).await?.into_iter().map(|row| (row.alias.clone(), row)).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut first: Vec<usize> = waiting.clone();
        first.retain(|&place| !open.contains_key(&aliases[place]) && seen.insert(&aliases[place]));
        for (place, row) in open_new(tx, reports, &ids, &aliases, &first).await? {
            places[place] = Some(Raised { id: AlertId(row.id), repeated: false, count: 1 });
            open.insert(row.alias.clone(), row);
        }
        let repeats: Vec<usize> = waiting
            .into_iter()
            .filter(|place| places[*place].is_none() && open.contains_key(&aliases[*place]))
            .collect();
        count_repeats(tx, reports, &aliases, &repeats, &mut open, &mut places).await?;
    }
    places
        .into_iter()
        .map(|place| {
            place.ok_or_else(|| AlertError::invalid("alias", "is opened and closed by others all the time; try again"))
        })
        .collect()
}

/// Opens alerts for the reports at these places; leaves out those whose alias another transaction just opened.
async fn open_new(
    tx: &mut Tx,
    reports: &[RaiseAlert],
    ids: &[Uuid],
    aliases: &[String],
    first: &[usize],
) -> Result<Vec<(usize, AlertRow)>, AlertError> {
    if first.is_empty() {
        return Ok(Vec::new());
    }
    let affected = affected_services(tx, reports, first).await?;
    let at = tx.now();
    let now = micros(at);
    let integration = integration_of(&tx.ctx().actor);
    let rows: Vec<AlertRow> = first
        .iter()
        .zip(affected)
        .map(|(&place, affected)| new_row(&reports[place], ids[place], &aliases[place], affected, integration, at))
        .collect();
    let inserted = store::insert_alerts(tx, &rows).await?;
    let numbered = |(place, row): (usize, AlertRow)| Some((place, AlertRow { seq: *inserted.get(&row.id)?, ..row }));
    let opened: Vec<(usize, AlertRow)> = first.iter().copied().zip(rows).filter_map(numbered).collect();
    let actor = StoredActor::from(&tx.ctx().actor);
    let (mut tags, mut responders, mut notes, mut lines) = (vec![], vec![], vec![], vec![]);
    for (place, row) in &opened {
        let report = &reports[*place];
        tags.extend(row.tag_list().into_iter().map(|tag| (row.id, tag)));
        responders.extend(report.responders.iter().map(|responder| (row.id, responder.kind.clone(), responder.id)));
        lines.push(NewLog {
            id: tx.new_id(),
            alert: row.id,
            at: now,
            actor: actor.clone(),
            kind: "raised".to_owned(),
            text: format!("Raised with priority {}", row.priority),
            because: report.because.clone(),
            data: json!({ "service": row.service_reason }),
        });
        if let Some(note) = report.note.as_ref().filter(|note| !note.trim().is_empty()) {
            notes.push((tx.new_id(), row.id, note.clone()));
        }
        let data = json!({
            "alias": row.alias,
            "integration_id": row.integration_id,
            "responders": report.responders.iter().map(|responder| json!({"kind": responder.kind, "id": responder.id})).collect::<Vec<_>>(),
        });
        let event = Event::new("AlertRaised", RecordKind::ALERT, row.id, row.version, facts(row, data));
        tx.emit_for(event, report.request_id.clone());
    }
    let texts: Vec<_> = opened.iter().map(|(_, row)| words::of(row)).collect();
    store::insert_words(tx, &texts).await?;
    store::insert_tags(tx, &tags).await?;
    store::insert_responders(tx, &responders, now).await?;
    store::insert_notes(tx, &notes, now, &actor).await?;
    store::insert_log(tx, &lines).await?;
    Ok(opened)
}

/// Counts the reports at these places on the alerts that are open: one update and one event per alert.
async fn count_repeats(
    tx: &mut Tx,
    reports: &[RaiseAlert],
    aliases: &[String],
    repeats: &[usize],
    open: &mut HashMap<String, AlertRow>,
    places: &mut [Option<Raised>],
) -> Result<(), AlertError> {
    let at = tx.now();
    let now = micros(at);
    let actor = StoredActor::from(&tx.ctx().actor);
    let mut lines = Vec::with_capacity(repeats.len());
    let mut touched: Vec<&str> = Vec::new();
    let mut last: HashMap<&str, usize> = HashMap::new();
    for &place in repeats {
        let Some(row) = open.get_mut(&aliases[place]) else { continue };
        let (counted, _) = row.alert().duplicate(at)?;
        row.take(counted);
        if last.insert(&aliases[place], place).is_none() {
            touched.push(&aliases[place]);
            row.version += 1;
        }
        places[place] = Some(Raised { id: AlertId(row.id), repeated: true, count: row.count });
        lines.push(NewLog {
            id: tx.new_id(),
            alert: row.id,
            at: now,
            actor: actor.clone(),
            kind: "duplicated".to_owned(),
            text: format!("Reported again, {} times by now", row.count),
            because: reports[place].because.clone(),
            data: json!({ "count": row.count }),
        });
    }
    let counted: Vec<&AlertRow> = touched.iter().filter_map(|alias| open.get(*alias)).collect();
    store::update_counts(tx, &counted).await?;
    for row in counted {
        let data = facts(row, json!({ "count": row.count }));
        let request = last.get(row.alias.as_str()).and_then(|place| reports[*place].request_id.clone());
        tx.emit_for(Event::new("AlertDuplicated", RecordKind::ALERT, row.id, row.version, data), request);
    }
    Ok(store::insert_log(tx, &lines).await?)
}

/// The affected service of a report, its team, and why.
struct Affected {
    service: Option<ServiceId>,
    team: Option<TeamId>,
    reason: Option<String>,
}

/// Finds the affected service of each report at these places: the one that is named, else by the service rules.
async fn affected_services(tx: &mut Tx, reports: &[RaiseAlert], places: &[usize]) -> Result<Vec<Affected>, AlertError> {
    let mut found = Vec::with_capacity(places.len());
    let mut matcher: Option<LabelMatcher> = None;
    for &place in places {
        let report = &reports[place];
        let (service, reason) = match report.service_id {
            Some(service) => (Some(service), Some("named by the sender".to_owned())),
            None => {
                let mut labels = report.raise.details.clone();
                labels.extend(report.labels.clone());
                if matcher.is_none() {
                    matcher = Some(LabelMatcher::load(&*tx).await?);
                }
                let found = match &mut matcher {
                    Some(matcher) => matcher.find(&*tx, &labels).await?,
                    None => None,
                };
                match found {
                    Some(found) => (Some(found.service.id), Some(found.reason)),
                    None => (None, Some("no service rule holds for its labels".to_owned())),
                }
            }
        };
        found.push(Affected { service, team: report.team_id, reason });
    }
    let mut ids: Vec<Uuid> = found.iter().filter_map(|affected| affected.service).map(|service| service.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let services: HashMap<Uuid, store::ServiceRow> =
        store::list_services(tx, &ids).await?.into_iter().map(|service| (service.id, service)).collect();
    for (affected, place) in found.iter_mut().zip(places) {
        if let Some(service) = affected.service {
            let row = services
                .get(&service.0)
                .ok_or_else(|| AlertError::invalid("service_id", "names no service that exists"))?;
            affected.team = affected.team.or(row.owner_team_id.map(TeamId));
        }
        affected.team = affected.team.or(reports[*place].default_team_id);
    }
    Ok(found)
}

/// A new open alert.
fn new_row(
    report: &RaiseAlert,
    id: Uuid,
    alias: &str,
    affected: Affected,
    integration: Option<Uuid>,
    at: Timestamp,
) -> AlertRow {
    let raise = Raise { alias: Some(alias.to_owned()), ..report.raise.clone() };
    let (alert, _) = Alert::raise(raise, alias, at);
    let mut row = AlertRow {
        seq: 0,
        id,
        alias: alert.alias.clone(),
        message: String::new(),
        description: String::new(),
        status: "open".to_owned(),
        priority: String::new(),
        count: 1,
        source: alert.source.clone(),
        entity: alert.entity.clone(),
        tags: json!([]),
        details: json!({}),
        actions: json!(alert.actions),
        seen: false,
        acknowledged_at: None,
        acknowledged_by_kind: None,
        acknowledged_by: None,
        acknowledged_by_part: None,
        first_acknowledged_at: None,
        snoozed_until: None,
        snoozed_by_kind: None,
        snoozed_by: None,
        snoozed_by_part: None,
        owner_id: None,
        team_id: affected.team.map(|team| team.0),
        service_id: affected.service.map(|service| service.0),
        service_reason: affected.reason,
        integration_id: integration,
        incident_state: IncidentState::None.as_str().to_owned(),
        incident_id: None,
        created_at: micros(alert.created_at),
        updated_at: 0,
        last_occurred_at: 0,
        closed_at: None,
        closed_by_kind: None,
        closed_by: None,
        closed_by_part: None,
        version: 1,
    };
    row.take(alert);
    row
}

/// The integration behind an actor.
pub(super) fn integration_of(actor: &Actor) -> Option<Uuid> {
    match actor {
        Actor::Integration { id } => Some(id.0),
        _ => None,
    }
}
