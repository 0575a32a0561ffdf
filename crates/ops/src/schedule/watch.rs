//! Questions about schedules: who is on call, who comes next, where the gaps are.

use std::collections::{HashMap, HashSet};

use domain::schedule::{self, OnCall, RotationSpans, Schedule, Span};
use jiff::{SignedDuration, Timestamp};
use kernel::{Action, Page, PageRequest, Permission, PersonId, Ref, TeamId};
use platform::{App, Ctx, DbError, Read};
use uuid::Uuid;

use super::{
    ScheduleError,
    api::{
        MyOnCall, MyShift, MyWatch, Names, NextOnCall, OnCallDto, OnCallNow, OverrideDto, OverrideList, RotationDto,
        RotationSpansDto, ScheduleDto, ScheduleOnCall, SpanDto, TimelineDto, person_ref,
    },
    service::people_of,
    store::{self, ScheduleRow},
};

/// How far ahead gaps and shifts are looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The longest timeline that is worked out at once.
const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A schedule with its overrides, ready to be asked.
struct Loaded {
    row: ScheduleRow,
    schedule: Schedule,
}

/// Everything that answers need: definitions, names of people and teams.
struct Loader {
    loaded: Vec<Loaded>,
    people: Names,
    teams: HashMap<TeamId, String>,
}

impl Loader {
    async fn load(read: &Read, rows: Vec<ScheduleRow>, from: Timestamp) -> Result<Self, DbError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut overrides = store::list_overrides(read, &ids, from, None).await?;
        let loaded: Vec<Loaded> = rows
            .into_iter()
            .map(|row| {
                let schedule = row.with(overrides.remove(&row.id).unwrap_or_default());
                Loaded { row, schedule }
            })
            .collect();
        let people: HashSet<PersonId> = loaded
            .iter()
            .flat_map(|one| people_of(&one.schedule).chain(one.schedule.overrides.iter().map(|over| over.person)))
            .collect();
        let teams: HashSet<TeamId> = loaded.iter().filter_map(|one| one.row.team_id.map(TeamId)).collect();
        Ok(Self {
            loaded,
            people: identity::lookup::person_names(read, &people.into_iter().collect::<Vec<_>>()).await?,
            teams: identity::lookup::team_names(read, &teams.into_iter().collect::<Vec<_>>()).await?,
        })
    }

    fn team(&self, row: &ScheduleRow) -> Option<Ref> {
        let id = TeamId(row.team_id?);
        Some(Ref::new(id, self.teams.get(&id).map_or("(removed)", String::as_str)))
    }

    fn on_call(&self, schedule: &Schedule, now: Timestamp) -> Vec<OnCallDto> {
        schedule::on_call_at(schedule, now).into_iter().map(|one| self.on_call_dto(one)).collect()
    }

    fn on_call_dto(&self, one: OnCall) -> OnCallDto {
        OnCallDto {
            person: person_ref(&self.people, one.person),
            rotation: one.rotation,
            because: one.because.into(),
            until: one.until,
        }
    }

    fn dto(&self, ctx: &Ctx, one: &Loaded, now: Timestamp) -> ScheduleDto {
        let ahead = schedule::timeline(&one.schedule, now, now + AHEAD);
        let next = ahead.final_spans.iter().filter_map(|rotation| {
            let span = rotation.spans.iter().find(|span| span.from > now && span.person.is_some())?;
            let person = person_ref(&self.people, span.person?);
            Some(NextOnCall { person, rotation: rotation.rotation.clone(), from: span.from })
        });
        let refusal = ctx.require(Permission::OncallManage).err().map(|denied| denied.to_string());
        ScheduleDto {
            id: one.row.id,
            name: one.row.name.clone(),
            description: one.row.description.clone(),
            team: self.team(&one.row),
            time_zone: one.schedule.time_zone.name().to_owned(),
            rotations: one
                .schedule
                .rotations
                .iter()
                .map(|rotation| RotationDto::of(rotation.clone(), &self.people))
                .collect(),
            on_call: self.on_call(&one.schedule, now),
            next: next.collect(),
            version: one.row.version,
            actions: ["edit", "override", "delete"].map(|name| Action::new(name, refusal.clone())).into(),
        }
    }

    fn spans(&self, rotations: &[RotationSpans]) -> Vec<RotationSpansDto> {
        rotations
            .iter()
            .map(|rotation| RotationSpansDto {
                rotation_id: rotation.rotation_id.0,
                rotation: rotation.rotation.clone(),
                spans: rotation.spans.iter().map(|span| SpanDto::of(span, &self.people)).collect(),
            })
            .collect()
    }
}

/// A page of schedules with who is on call now.
pub(super) async fn list(app: &App, ctx: &Ctx, page: PageRequest) -> Result<Page<ScheduleDto>, ScheduleError> {
    ctx.require(Permission::OncallRead)?;
    let (read, now) = (app.db.read(), app.now());
    let rows = store::list(&read, &ctx.scope, page.before_or_max(), i64::from(page.limit) + 1).await?;
    let rows = page.page(rows, |row| row.seq, |row| row);
    let loader = Loader::load(&read, rows.items, now).await?;
    let items = loader.loaded.iter().map(|one| loader.dto(ctx, one, now)).collect();
    Ok(Page { items, next: rows.next })
}

/// One schedule with who is on call now.
pub(super) async fn get(app: &App, ctx: &Ctx, id: Uuid) -> Result<ScheduleDto, ScheduleError> {
    ctx.require(Permission::OncallRead)?;
    let (loader, now) = (load_one(app, ctx, id, app.now()).await?, app.now());
    let one = loader.loaded.first().ok_or(ScheduleError::NotFound)?;
    Ok(loader.dto(ctx, one, now))
}

async fn load_one(app: &App, ctx: &Ctx, id: Uuid, from: Timestamp) -> Result<Loader, ScheduleError> {
    let read = app.db.read();
    let row = store::find(&read, &ctx.scope, id).await?.ok_or(ScheduleError::NotFound)?;
    Ok(Loader::load(&read, vec![row], from).await?)
}

/// What a schedule says about a stretch of time; 14 days from now unless given.
pub(super) async fn timeline(
    app: &App,
    ctx: &Ctx,
    id: Uuid,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<TimelineDto, ScheduleError> {
    ctx.require(Permission::OncallRead)?;
    let from = from.unwrap_or_else(|| app.now());
    let to = to.unwrap_or(from.saturating_add(AHEAD).unwrap_or(Timestamp::MAX));
    if to <= from || to.duration_since(from) > LONGEST {
        let problem = kernel::FieldError::new("to", "give an instant after `from`, at most 400 days later");
        return Err(ScheduleError::Invalid(vec![problem]));
    }
    let loader = load_one(app, ctx, id, from).await?;
    let one = loader.loaded.first().ok_or(ScheduleError::NotFound)?;
    let line = schedule::timeline(&one.schedule, from, to);
    Ok(TimelineDto {
        from,
        to,
        time_zone: one.schedule.time_zone.name().to_owned(),
        base: loader.spans(&line.base),
        overrides: line.overrides.iter().map(|over| OverrideDto::of(over, &loader.people)).collect(),
        final_spans: loader.spans(&line.final_spans),
        gaps: line.gaps,
    })
}

/// Overrides that have not ended.
pub(super) async fn list_overrides(app: &App, ctx: &Ctx, id: Uuid) -> Result<OverrideList, ScheduleError> {
    ctx.require(Permission::OncallRead)?;
    let loader = load_one(app, ctx, id, app.now()).await?;
    let one = loader.loaded.first().ok_or(ScheduleError::NotFound)?;
    let items = one.schedule.overrides.iter().map(|over| OverrideDto::of(over, &loader.people)).collect();
    Ok(OverrideList { items })
}

/// One override, as an answer.
pub(super) async fn get_override(app: &App, ctx: &Ctx, schedule: Uuid, id: Uuid) -> Result<OverrideDto, ScheduleError> {
    let read = app.db.read();
    store::find(&read, &ctx.scope, schedule).await?.ok_or(ScheduleError::NotFound)?;
    let one = store::find_override(&read, schedule, id).await?.ok_or(ScheduleError::NoOverride)?;
    let names = identity::lookup::person_names(&read, &[one.person]).await?;
    Ok(OverrideDto::of(&one, &names))
}

/// Who is on call now on every schedule, and the gaps of 14 days.
pub(super) async fn now(app: &App, ctx: &Ctx) -> Result<OnCallNow, ScheduleError> {
    ctx.require(Permission::OncallRead)?;
    let (read, now) = (app.db.read(), app.now());
    let rows = store::list_all(&read, &ctx.scope).await?;
    let loader = Loader::load(&read, rows, now).await?;
    let items = loader
        .loaded
        .iter()
        .map(|one| ScheduleOnCall {
            schedule: Ref::new(one.row.id, one.row.name.clone()),
            team: loader.team(&one.row),
            time_zone: one.schedule.time_zone.name().to_owned(),
            on_call: loader.on_call(&one.schedule, now),
            gaps: schedule::timeline(&one.schedule, now, now + AHEAD).gaps,
        })
        .collect();
    Ok(OnCallNow { items })
}

/// When the caller is on call: now, and in the next 14 days.
pub(super) async fn mine(app: &App, ctx: &Ctx) -> Result<MyOnCall, ScheduleError> {
    ctx.require(Permission::OncallRead)?;
    let mut answer = MyOnCall { items: Vec::new(), next: Vec::new() };
    let Some(me) = ctx.person() else { return Ok(answer) };
    let (read, now) = (app.db.read(), app.now());
    let rows = store::list_all(&read, &ctx.scope).await?;
    for one in Loader::load(&read, rows, now).await?.loaded {
        let named = || Ref::new(one.row.id, one.row.name.clone());
        for watch in schedule::on_call_at(&one.schedule, now).into_iter().filter(|watch| watch.person == me) {
            answer.items.push(MyWatch { schedule: named(), rotation: watch.rotation, until: watch.until });
        }
        for rotation in schedule::timeline(&one.schedule, now, now + AHEAD).final_spans {
            let to_come = |span: &&Span| span.person == Some(me) && span.from > now;
            answer.next.extend(rotation.spans.iter().filter(to_come).map(|span| MyShift {
                schedule: named(),
                rotation: rotation.rotation.clone(),
                from: span.from,
                until: span.to,
            }));
        }
    }
    answer.next.sort_by_key(|shift| shift.from);
    Ok(answer)
}
