//! Filling fields of a ticket: what is given is checked, and on a new ticket what is missing.

use kernel::{FieldError, ProjectId, Scope};
use platform::{DbError, Sql};
use serde_json::Value;
use uuid::Uuid;

use super::definition::{CustomerAccess, FieldKind};
use super::in_force::{Defined, in_force};
use super::{Values, store, value};
use crate::ticket::{Kind, TicketError};

/// What fields are filled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new ticket. A person who opens it fills what is required; a monitor or a rule cannot know.
    Open {
        /// Whether a person opens it.
        by_person: bool,
    },
    /// A ticket that is there. What is required stays filled.
    Edit,
}

/// A field with its new value; none says that it is empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filled {
    pub key: String,
    pub kind: FieldKind,
    pub value: Option<Value>,
}

/// On which ticket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub project: ProjectId,
    pub kind: Kind,
    /// Its values now.
    pub before: &'a Values,
}

/// Checks the values that a caller of this scope gives (null empties a field), and adds defaults to a new ticket.
///
/// # Errors
/// Everything that is wrong, each under `fields.<key>`.
pub(crate) async fn fill(
    sql: &impl Sql,
    scope: &Scope,
    purpose: Purpose,
    of: Of<'_>,
    given: &Values,
) -> Result<Vec<Filled>, TicketError> {
    if given.is_empty() && purpose == Purpose::Edit {
        return Ok(Vec::new());
    }
    let fields = in_force(sql).await?;
    let customer = matches!(scope, Scope::Customer(_));
    let (mut filled, mut wrong) = (Vec::new(), Vec::new());
    for key in given.keys().filter(|key| !fields.iter().any(|field| field.key == **key)) {
        wrong.push(FieldError::new(format!("fields.{key}"), format!("There is no field \"{key}\".")));
    }
    for field in fields.iter() {
        let mut refuse = |message: String| wrong.push(FieldError::new(format!("fields.{}", field.key), message));
        let body = &field.body;
        let applies = body.is_for(of.project, of.kind);
        let may_fill = !customer || body.customers == CustomerAccess::Write;
        let before = of.before.get(&field.key);
        let value = match given.get(&field.key) {
            Some(_) if !may_fill => {
                refuse("Only agents set this.".to_owned());
                continue;
            }
            // There is nothing to empty.
            Some(Value::Null) if purpose == Purpose::Edit && before.is_none() => continue,
            // What a ticket has from before a field was narrowed can be taken away.
            Some(value) if !(applies || value.is_null() && before.is_some()) => {
                refuse(format!("Tickets of this project and kind have no {}.", body.name));
                continue;
            }
            Some(value) => match value::check(body, value, before) {
                Ok(value) => value,
                Err(message) => {
                    refuse(message);
                    continue;
                }
            },
            None if purpose == Purpose::Edit || !applies => continue,
            None => default(sql, scope, field).await?,
        };
        if let Some(value) = &value
            && before != Some(value)
            && !exists(sql, scope, body.kind, value).await?
        {
            refuse(format!("There is no such {}.", body.kind.as_str()));
            continue;
        }
        let must = match purpose {
            Purpose::Open { by_person } => by_person && may_fill,
            Purpose::Edit => before.is_some(),
        };
        if value.is_none() && body.required && applies && must {
            refuse(format!("Fill in {}.", body.name));
            continue;
        }
        if value.as_ref() != before {
            filled.push(Filled { key: field.key.clone(), kind: body.kind, value });
        }
    }
    if wrong.is_empty() { Ok(filled) } else { Err(TicketError::Invalid(wrong)) }
}

/// What a new ticket has where nothing else is given; nothing where that is a record which is gone.
async fn default(sql: &impl Sql, scope: &Scope, field: &Defined) -> Result<Option<Value>, DbError> {
    let value = field.body.default.as_ref().and_then(|value| value::check(&field.body, value, None).ok().flatten());
    match value {
        Some(value) if !exists(sql, scope, field.body.kind, &value).await? => Ok(None),
        value => Ok(value),
    }
}

async fn exists(sql: &impl Sql, scope: &Scope, kind: FieldKind, value: &Value) -> Result<bool, DbError> {
    match value.as_str().and_then(|id| id.parse::<Uuid>().ok()).filter(|_| kind.record().is_some()) {
        Some(id) => store::reference_exists(sql, scope, kind, id).await,
        None => Ok(true),
    }
}
