//! Service levels and calendars as they are configured: read from their documents, kept in memory per version.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use catalog::document::{self, Document, Kept};
use domain::calendar::Calendar;
use domain::query::{Asker, Names, Query, Vocabulary, check, parse, wanted};
use domain::sla::{Agreement, Calendars, Goal, Rules, Sla, SlaBody};
use domain::workflow::{Status, Workflow};
use domain::zone::Zone;
use kernel::ProjectId;
use platform::{DbError, Sql};
use serde_json::Value;

use super::documents::{CALENDAR, SLA, SlaDocument};
use super::snapshot::Taken;
use super::store;
use crate::CONFIGURATION;
use crate::ticket::vocabulary::goal_fields;
use crate::ticket::workflow::WORKFLOW;

/// A service level as one version of its document says.
#[derive(Debug)]
pub(crate) struct Terms {
    pub key: String,
    pub version: i64,
    /// The projects whose tickets it is for; all, if empty.
    pub projects: Vec<ProjectId>,
    pub sla: Sla,
    /// The queries of its goals that have one, by the goals' keys.
    queries: HashMap<String, Query>,
}

/// Versions of the calendars that a clock counts by.
pub(crate) type CalendarVersions = BTreeMap<String, i64>;

impl Terms {
    fn read(key: &str, version: i64, body: Value) -> Result<Self, DbError> {
        let corrupt = |error: String| DbError::Corrupt(format!("service level {key}, version {version}: {error}"));
        let document: SlaDocument = serde_json::from_value(body).map_err(|error| corrupt(error.to_string()))?;
        let sla = Sla::new(document.definition).map_err(|error| corrupt(error.to_string()))?;
        let mut queries = HashMap::new();
        for goal in sla.body().goals.iter().filter(|goal| !goal.is_for_all()) {
            let query = parse(&goal.query).map_err(|error| corrupt(error.to_string()))?;
            queries.insert(goal.key.clone(), query);
        }
        Ok(Self { key: key.to_owned(), version, projects: document.projects, sla, queries })
    }

    /// What it says.
    pub fn body(&self) -> &SlaBody {
        self.sla.body()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.body().name
    }

    /// Whether it is for tickets of a project.
    pub fn is_for(&self, project: ProjectId) -> bool {
        self.projects.is_empty() || self.projects.contains(&project)
    }

    /// Whether customers may see it: what teams and vendors promise each other is no business of theirs.
    pub fn is_for_customers(&self) -> bool {
        self.body().agreement == Agreement::ServiceLevel
    }

    /// The calendars that its goals name.
    pub fn calendar_keys(&self) -> impl Iterator<Item = &str> {
        self.body().goals.iter().filter_map(|goal| goal.calendar.as_deref())
    }
}

/// All that is configured, at one moment.
#[derive(Debug)]
pub(crate) struct InForce {
    /// By key.
    pub slas: Vec<Arc<Terms>>,
    /// By key.
    pub calendars: Calendars,
    /// Their versions.
    pub calendar_versions: CalendarVersions,
    /// What goals can ask.
    pub vocabulary: Arc<Vocabulary>,
    /// All statuses of all workflows.
    pub statuses: Vec<Status>,
}

impl InForce {
    /// The service level with this key.
    pub fn find(&self, key: &str) -> Option<&Arc<Terms>> {
        self.slas.iter().find(|terms| terms.key == key)
    }

    /// The versions of the calendars that a service level counts by.
    pub fn versions_for(&self, terms: &Terms) -> CalendarVersions {
        terms.calendar_keys().filter_map(|key| Some((key.to_owned(), *self.calendar_versions.get(key)?))).collect()
    }
}

static IN_FORCE: Kept<InForce> = Kept::new(&[CALENDAR, SLA, WORKFLOW], &CONFIGURATION);

/// What is configured now. Reads documents only when one of them changed since the last time.
pub(crate) async fn in_force(sql: &impl Sql) -> Result<Arc<InForce>, DbError> {
    IN_FORCE.now(sql, read(sql)).await
}

async fn read(sql: &impl Sql) -> Result<InForce, DbError> {
    let mut slas = Vec::new();
    for document in live(document::list_current(sql, SLA).await?) {
        slas.push(Arc::new(Terms::read(&document.key, document.version, document.body)?));
    }
    let (mut calendars, mut calendar_versions) = (Calendars::new(), CalendarVersions::new());
    for document in live(document::list_current(sql, CALENDAR).await?) {
        calendars.insert(document.key.clone(), calendar(&document.key, document.body)?);
        calendar_versions.insert(document.key, document.version);
    }
    let (mut statuses, mut resolutions) = (Vec::new(), Vec::new());
    for document in document::list_current(sql, WORKFLOW).await? {
        let workflow: Workflow = serde_json::from_value(document.body)
            .map_err(|error| DbError::Corrupt(format!("workflow {}: {error}", document.key)))?;
        statuses.extend(workflow.statuses().iter().cloned());
        resolutions.extend(workflow.resolutions().iter().cloned());
    }
    resolutions.sort_unstable();
    resolutions.dedup();
    let vocabulary = Arc::new(Vocabulary::new(goal_fields(&statuses, &resolutions), Vec::new()));
    Ok(InForce { slas, calendars, calendar_versions, vocabulary, statuses })
}

/// Documents that were not deleted.
fn live(documents: Vec<Document>) -> impl Iterator<Item = Document> {
    documents.into_iter().filter(|document| !document.body.is_null())
}

fn calendar(key: &str, body: Value) -> Result<Calendar, DbError> {
    serde_json::from_value(body).map_err(|error| DbError::Corrupt(format!("calendar {key}: {error}")))
}

/// By what one clock is folded: a service level with its calendars, in given versions, and the records that its
/// queries name.
pub(crate) struct Reckoning {
    pub terms: Arc<Terms>,
    pub calendars: Calendars,
    pub versions: CalendarVersions,
    vocabulary: Arc<Vocabulary>,
    names: Names,
}

impl Reckoning {
    /// By the newest versions.
    pub async fn newest(sql: &impl Sql, in_force: &InForce, terms: &Arc<Terms>) -> Result<Self, DbError> {
        let versions = in_force.versions_for(terms);
        let pick = |key: &String| Some((key.clone(), in_force.calendars.get(key)?.clone()));
        let calendars = versions.keys().filter_map(pick).collect();
        Self::with(sql, in_force, terms.clone(), calendars, versions).await
    }

    /// By the versions that a clock names.
    pub async fn at(
        sql: &impl Sql,
        in_force: &InForce,
        key: &str,
        version: i64,
        versions: CalendarVersions,
    ) -> Result<Self, DbError> {
        let missing = |kind: &str, key: &str, version: i64| {
            DbError::Corrupt(format!("a clock names the {kind} {key} in version {version}, which is not there"))
        };
        let terms = match in_force.find(key).filter(|terms| terms.version == version) {
            Some(terms) => terms.clone(),
            None => {
                let stored = document::version_of(sql, SLA, key, version).await?;
                let stored = stored.ok_or_else(|| missing(SLA, key, version))?;
                Arc::new(Terms::read(key, version, stored.body)?)
            }
        };
        let mut calendars = Calendars::new();
        for (key, version) in &versions {
            let known = in_force.calendars.get(key).filter(|_| in_force.calendar_versions.get(key) == Some(version));
            let found = match known {
                Some(calendar) => calendar.clone(),
                None => {
                    let stored = document::version_of(sql, CALENDAR, key, *version).await?;
                    calendar(key, stored.ok_or_else(|| missing(CALENDAR, key, *version))?.body)?
                }
            };
            calendars.insert(key.clone(), found);
        }
        Self::with(sql, in_force, terms, calendars, versions).await
    }

    async fn with(
        sql: &impl Sql,
        in_force: &InForce,
        terms: Arc<Terms>,
        calendars: Calendars,
        versions: CalendarVersions,
    ) -> Result<Self, DbError> {
        let vocabulary = in_force.vocabulary.clone();
        let mut names = Names::default();
        for query in terms.queries.values() {
            for name in wanted(query, &vocabulary) {
                let ids = store::ids_of(sql, &name.kind, &name.text).await?;
                names.found(&name.kind, &name.text, ids);
            }
        }
        Ok(Self { terms, calendars, versions, vocabulary, names })
    }

    /// What `domain::sla` asks for.
    pub fn rules(&self) -> Rules<'_> {
        Rules { sla: &self.terms.sla, calendars: &self.calendars }
    }

    /// Whether a goal is for a ticket as it was at a change. Days are those of UTC. A query that names a record which
    /// is gone matches nothing.
    pub fn matches(&self, goal: &Goal, taken: &Taken) -> bool {
        let Some(query) = self.terms.queries.get(&goal.key) else { return goal.is_for_all() };
        let asker = Asker::new(taken.at, Zone::utc(), None);
        check(query, &self.vocabulary, &asker, &self.names).is_ok_and(|typed| typed.matches(&taken.snapshot))
    }
}
