//! What clocks show: in lists, on a ticket, and why.

use std::collections::{BTreeMap, HashMap};

use domain::calendar::Calendar;
use domain::sla::{Cycle, Entry, Phase, elapsed_by};
use jiff::Timestamp;
use kernel::{Actor, Permission, Ref, Scope, micros, timestamp};
use platform::history::shown_actors;
use platform::{App, Ctx, DbError, Sql, StoredEvent};
use uuid::Uuid;

use super::api::{
    ClockEntry, ClockTimeline, CycleDto, GoalDto, KeyedRef, ShareDto, TicketClock, TicketClocks, TicketSla,
};
use super::apply::{broken, fold_history};
use super::error::SlaConfigError;
use super::snapshot::history;
use super::store::{self, CycleRow};
use super::terms::{InForce, Reckoning, Terms, in_force};
use crate::ticket::{self, Ticket};

/// Whole seconds, rounded down, so that a clock shows zero from its deadline on and not a second before.
fn seconds(us: i64) -> i64 {
    us.div_euclid(1_000_000)
}

/// An instant, unless it lies beyond all that is reckoned with.
fn instant(us: i64) -> Option<Timestamp> {
    let far = micros(Timestamp::MAX) - 1_000_000;
    let early = micros(Timestamp::MIN) + 1_000_000;
    (us < far && us > early).then(|| timestamp(us))
}

/// What a cycle shows now. `calendar` is none around the clock.
fn shown(row: &CycleRow, name: &str, calendar: Option<&Calendar>, now: Timestamp) -> TicketSla {
    let passed = timestamp(row.as_of).max(now).duration_since(timestamp(row.as_of));
    let more_us = match (row.phase.as_str(), calendar) {
        ("running", None) => i64::try_from(passed.as_micros()).unwrap_or(i64::MAX),
        ("running", Some(calendar)) => {
            let open = calendar.business_duration_between(timestamp(row.as_of), now.max(timestamp(row.as_of)));
            i64::try_from(open.as_micros()).unwrap_or(i64::MAX)
        }
        _ => 0,
    };
    let ongoing = row.phase != "completed";
    TicketSla {
        key: row.sla_key.clone(),
        name: name.to_owned(),
        phase: row.phase.clone(),
        due: row.breach_at.and_then(instant),
        breached_at: row.breached_at.and_then(instant),
        remaining_s: seconds(row.remaining_us - more_us),
        elapsed_s: seconds(row.elapsed_us + more_us),
        target_s: seconds(row.target_us),
        breached: row.remaining_us <= more_us,
        paused: row.phase == "paused",
        within_hours: calendar.is_none_or(|calendar| calendar.is_open(now)),
        next_change: calendar.filter(|_| ongoing).and_then(|calendar| calendar.next_change(now)),
    }
}

fn calendar_of<'a>(known: &'a InForce, row: &CycleRow) -> Option<&'a Calendar> {
    known.calendars.get(row.calendar_key.as_deref()?)
}

/// Whether the caller may see a service level on tickets.
fn sees(scope: &Scope, terms: &Terms) -> bool {
    !matches!(scope, Scope::Customer(_)) || terms.is_for_customers()
}

/// What the clocks of these tickets, which the caller may see, show now. Two statements, however many there are.
pub(crate) async fn summaries(
    sql: &impl Sql,
    scope: &Scope,
    now: Timestamp,
    tickets: &[Uuid],
) -> Result<HashMap<Uuid, Vec<TicketSla>>, DbError> {
    if tickets.is_empty() {
        return Ok(HashMap::new());
    }
    let known = in_force(sql).await?;
    let rows = store::latest_cycles(sql, tickets).await?;
    let show = |row: &CycleRow| {
        let terms = known.find(&row.sla_key).filter(|terms| sees(scope, terms))?;
        Some(shown(row, terms.name(), calendar_of(&known, row), now))
    };
    Ok(rows.into_iter().map(|(ticket, rows)| (ticket, rows.iter().filter_map(show).collect())).collect())
}

/// The clocks of one ticket.
pub(super) async fn clocks(app: &App, ctx: &Ctx, id_or_key: &str) -> Result<TicketClocks, SlaConfigError> {
    let ticket = ticket::find_visible(app, ctx, id_or_key).await?;
    let sql = app.db.read();
    let known = in_force(&sql).await?;
    let mut items = Vec::new();
    for (key, stored) in store::clocks_of(&sql, ticket.id).await? {
        let Some(terms) = known.find(&key).filter(|terms| sees(&ctx.scope, terms)) else { continue };
        let rows = store::rows_of(ticket.id, &key, &stored.clock);
        let Some(row) = rows.last() else { continue };
        let shown = shown(row, terms.name(), calendar_of(&known, row), app.now());
        let mut clock = TicketClock {
            cycle: row.number,
            started_at: timestamp(row.started_at),
            ended_at: row.ended_at.map(timestamp),
            goal: None,
            calendar: None,
            paused_because: None,
            by_assignee: Vec::new(),
            by_team: Vec::new(),
            cycles: Vec::new(),
            shown,
        };
        if !matches!(ctx.scope, Scope::Customer(_)) {
            let cycle = stored.clock.cycles.iter().find(|cycle| i64::from(cycle.number) == row.number);
            explain(app, ctx, &ticket, &known, terms, (row, &rows, cycle), &mut clock).await?;
        }
        items.push(clock);
    }
    Ok(TicketClocks { items })
}

/// Adds what agents see of a clock.
async fn explain(
    app: &App,
    ctx: &Ctx,
    ticket: &Ticket,
    known: &InForce,
    terms: &std::sync::Arc<Terms>,
    (row, rows, cycle): (&CycleRow, &[CycleRow], Option<&Cycle>),
    clock: &mut TicketClock,
) -> Result<(), SlaConfigError> {
    let sql = app.db.read();
    let query = terms.body().goals.iter().find(|goal| goal.key == row.goal_key).map(|goal| goal.query.clone());
    clock.goal = Some(GoalDto {
        key: row.goal_key.clone(),
        query: query.unwrap_or_default(),
        target_min: row.target_us / 60_000_000,
    });
    clock.calendar = row.calendar_key.as_ref().map(|key| KeyedRef {
        name: known.calendars.get(key).map_or_else(|| key.clone(), |calendar| calendar.name().to_owned()),
        key: key.clone(),
    });
    clock.paused_because = cycle.and_then(|cycle| match &cycle.phase {
        Phase::Paused { because, .. } => Some(because.to_string()),
        Phase::Running | Phase::Completed { .. } => None,
    });
    clock.cycles = rows
        .iter()
        .map(|other| {
            let is_latest = other.number == row.number;
            CycleDto {
                number: other.number,
                phase: other.phase.clone(),
                started_at: timestamp(other.started_at),
                ended_at: other.ended_at.map(timestamp),
                elapsed_s: if is_latest { clock.shown.elapsed_s } else { seconds(other.elapsed_us) },
                remaining_s: if is_latest { clock.shown.remaining_s } else { seconds(other.remaining_us) },
                target_s: seconds(other.target_us),
                breached: if is_latest { clock.shown.breached } else { other.remaining_us <= 0 },
                breached_at: other.breached_at.and_then(instant),
            }
        })
        .collect();
    let reckoning = Reckoning::newest(&sql, known, terms).await?;
    let mut segments = fold_history(&sql, ticket.id, &reckoning).await?.segments;
    segments.retain(|segment| i64::from(segment.cycle) == row.number);
    let counted: i64 = segments.iter().map(|segment| segment.elapsed_us).sum();
    let rest = (clock.shown.elapsed_s * 1_000_000 - counted).max(0);
    let rest = if row.phase == "running" { rest } else { 0 };
    let mut people: BTreeMap<Option<Uuid>, i64> = elapsed_by(&segments, |s| s.assignee.map(|id| id.0));
    let mut teams: BTreeMap<Option<Uuid>, i64> = elapsed_by(&segments, |s| s.team.map(|id| id.0));
    if rest > 0 {
        *people.entry(ticket.assignee.map(|id| id.0)).or_default() += rest;
        *teams.entry(ticket.team.map(|id| id.0)).or_default() += rest;
    }
    clock.by_assignee = shares(app, ctx, "person", people).await?;
    clock.by_team = shares(app, ctx, "team", teams).await?;
    Ok(())
}

async fn shares(app: &App, ctx: &Ctx, kind: &str, sums: BTreeMap<Option<Uuid>, i64>) -> Result<Vec<ShareDto>, DbError> {
    let ids: Vec<Uuid> = sums.keys().copied().flatten().collect();
    let titles = app.records.titles(&app.db.read(), &ctx.scope, kind, &ids).await?;
    let name = |id: Uuid| titles.get(&id).map_or_else(|| "(hidden)".to_owned(), |title| title.title.clone());
    let mut shares: Vec<(Option<Uuid>, i64)> = sums.into_iter().filter(|(_, us)| *us > 0).collect();
    shares.sort_by_key(|(_, us)| std::cmp::Reverse(*us));
    Ok(shares
        .into_iter()
        .map(|(id, us)| ShareDto { who: id.map(|id| Ref::new(id, name(id))), elapsed_s: seconds(us) })
        .collect())
}

/// Why the clocks of a ticket show what they show. For agents: it tells of goals, calendars and internal comments.
pub(super) async fn timeline(app: &App, ctx: &Ctx, id_or_key: &str) -> Result<ClockTimeline, SlaConfigError> {
    let ticket = ticket::find_visible(app, ctx, id_or_key).await?;
    ctx.require(Permission::TicketsRead)?;
    let sql = app.db.read();
    let known = in_force(&sql).await?;
    let events = store::events_of(&sql, ticket.id).await?;
    let changes = history(&events);
    let mut found: Vec<(KeyedRef, Entry)> = Vec::new();
    for key in store::clocks_of(&sql, ticket.id).await?.into_keys() {
        let Some(terms) = known.find(&key) else { continue };
        let sla = KeyedRef { key: key.clone(), name: terms.name().to_owned() };
        let reckoning = Reckoning::newest(&sql, &known, terms).await?;
        let matches = |goal: &_, taken: &_| reckoning.matches(goal, taken);
        let step = domain::sla::fold(reckoning.rules(), &changes, matches).map_err(broken)?;
        let since = step.clock.advance(reckoning.rules(), app.now()).map_err(broken)?;
        let recomputed = events.iter().filter_map(|event| recomputed(event, &key));
        found.extend(step.entries.into_iter().chain(since.entries).chain(recomputed).map(|entry| (sla.clone(), entry)));
    }
    found.sort_by_key(|(_, entry)| entry.at);
    let by_id: HashMap<Uuid, &StoredEvent> = events.iter().map(|event| (event.id, event)).collect();
    let acting = |entry: &Entry| by_id.get(&entry.event?.0).map(|event| event.actor.clone());
    let actors: Vec<Actor> = found.iter().filter_map(|(_, entry)| acting(entry)).collect();
    let mut actors = shown_actors(app, &ctx.scope, &actors).await?.into_iter();
    let mut items = Vec::new();
    for (sla, entry) in found {
        let actor = acting(&entry).and_then(|_| actors.next());
        let kind = serde_json::to_value(&entry.why).ok().and_then(|why| why["kind"].as_str().map(str::to_owned));
        items.push(ClockEntry {
            at: entry.at,
            sla,
            cycle: entry.cycle,
            kind: kind.unwrap_or_default(),
            text: entry.why.to_string(),
            event: entry.event.map(|event| event.0),
            actor,
            elapsed_s: entry.figures.map(|figures| seconds(figures.elapsed_us)),
            remaining_s: entry.figures.and_then(|figures| figures.remaining_us).map(seconds),
            due: entry.figures.and_then(|figures| figures.breach_at).map(micros).and_then(instant),
        });
    }
    Ok(ClockTimeline { items })
}

/// The stored entry of a re-computation.
fn recomputed(event: &StoredEvent, sla: &str) -> Option<Entry> {
    if event.kind != "SlaRecomputed" || event.data.get("sla")?.as_str()? != sla {
        return None;
    }
    serde_json::from_value(event.data.get("entry")?.clone()).ok()
}
